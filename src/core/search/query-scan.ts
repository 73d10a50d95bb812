import { paddedDim as paddedDimOf } from '../compute/factors.js';
import { layoutOf, type Workspace, type WorkspaceLayout } from '../compute/workspace.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { vectorBytes } from '../compute/vector-file.js';
import { bitmapBytes } from './row-bitmap.js';
import type { RowSet } from './row-set.js';
import type { SearchThread } from './search-thread.js';
import { openSkipBitmap } from './skip-bitmap.js';

/** Bytes of vectors read at a time where they are not kept: they stay in the cache from read to scan. */
const windowBytes = 2 ** 20;

/** Bytes of vectors in memory that are compared with at a time: some milliseconds. */
const heldWindowBytes = 2 ** 24;

/** Rows of a window that is read again and again. */
export function windowRows(dim: number): number {
  return Math.max(1, Math.floor(windowBytes / vectorBytes(1, dim)));
}

export interface QueryScanOptions<Held, Own> {
  /** Rows that can be found are below this. */
  readonly numRows: number;
  readonly dim: number;
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Hold all vectors, or read them through a small window. */
  readonly inMemory: boolean;
  readonly thread: SearchThread;
  /** Says what is searched. */
  readonly name: string;
  /** What else is held, and what else a search writes. */
  readonly held: WorkspaceLayout<Held>;
  readonly own: WorkspaceLayout<Own>;
  /** Writes all that is held, the vectors to `window` where they are. */
  fill(workspace: Workspace, window: number, at: Held): void;
}

/** One query's pass over vectors that come window by window, in a workspace of its own. */
export interface QueryScan {
  readonly workspace: Workspace;
  readonly paddedDim: number;
  /** Rows that are offered at a time: all that the window holds where vectors are read, else some of them. */
  readonly rowsAtOnce: number;
  /** Addresses: f32 [rowsAtOnce × paddedDim], of all rows where they are held; and the query, f32 [paddedDim]. */
  readonly window: number;
  readonly query: number;
  /** And, for whoever fills the heap otherwise than by `offer`: what may not be found, and the best so far. */
  readonly skip: number;
  readonly heap: number;
  /** Starts over, for the best k of `among` without `leaveOut`: gives how many rows can be found. */
  begin(vector: Float32Array, k: number, leaveOut: Iterable<number>, among?: RowSet): number;
  /**
   * Offers `count` rows of the window, from its row `at` (usually 0) on: row r of it is the row first + r, or what the u32
   * at `names` + 4 r says.
   */
  offer(count: number, first: number, names: number, at?: number): void;
  /** What was best so far. */
  ranked(): RankedRow[];
}

/** AppError 'too-large' where vectors that are held pass 4 GiB. */
export function openQueryScan<Held, Own>(
  options: QueryScanOptions<Held, Own>,
): QueryScan & { readonly held: Held; readonly own: Own } {
  const { numRows, dim, maxK, inMemory, thread, name } = options;
  const paddedDim = paddedDimOf(dim);
  const most = Math.min(maxK, numRows);
  const windowBytes = vectorBytes(inMemory ? numRows : Math.min(numRows, windowRows(dim)), dim);
  const { workspace, held, own } = thread.memory.open({
    name,
    held: layoutOf({ window: inMemory ? windowBytes : undefined, more: options.held }),
    own: layoutOf({
      window: inMemory ? undefined : windowBytes,
      query: vectorBytes(1, dim),
      skip: bitmapBytes(numRows),
      heap: 8 * Math.max(1, most),
      more: options.own,
    }),
    fill: (writable, at) => {
      options.fill(writable, at.window, at.more);
    },
  });
  const { query, skip, heap } = own;
  const window = inMemory ? held.window : own.window;
  const { kernels } = workspace;
  const skips = openSkipBitmap(workspace, skip, numRows);
  let count = 0;

  return {
    workspace,
    paddedDim,
    rowsAtOnce: inMemory ? Math.max(1, Math.floor(heldWindowBytes / vectorBytes(1, dim))) : windowRows(dim),
    held: held.more,
    own: own.more,
    window,
    query,
    skip,
    heap,
    begin(vector, k, leaveOut, among) {
      if (k > maxK) throw new RangeError(`k is ${k}; this search was opened for ${maxK} at most`);
      count = Math.min(k, most);
      const row = workspace.f32(query, paddedDim);
      row.set(vector);
      row.fill(0, vector.length);
      kernels.clearHeap(heap, count);
      return skips.allow(leaveOut, among);
    },
    offer(rows, first, names, at = 0) {
      if (count === 0) return;
      kernels.scanTopK(at, at + rows, query, window, paddedDim, first, names, skip, count, heap);
    },
    ranked: () => rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count)),
  };
}
