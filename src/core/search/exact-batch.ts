/** Exact top k of many queries at once, on all threads. */
import { paddedDim } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import { vectorBytes } from '../compute/vector-file.js';
import type { Address } from '../compute/wasm-numbers.js';
import { layoutOf, type WorkspaceLayout, inScope } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { bitmapBytes, markRows } from './row-bitmap.js';
import type { RowSet } from './row-set.js';
import { skipAllBut } from './skip-bitmap.js';

/** Vectors in a workspace's memory: f32 [numRows × paddedDim]. */
export interface Matrix {
  readonly address: number | Address;
  readonly numRows: number;
  readonly paddedDim: number;
}

export function matrixLayout(numRows: number, dim: number): WorkspaceLayout<Matrix> {
  const { bytes, allocate } = layoutOf({ address: vectorBytes(numRows, dim) });
  return {
    bytes,
    allocate: (workspace) => ({ ...allocate(workspace), numRows, paddedDim: paddedDim(dim) }),
  };
}

/** Queries that share a thread's pass over the vectors. */
const queriesAtOnce = 32;
/** Rows that a thread normalises at a time. */
const rowsAtOnce = 4096;

/** Makes every row a unit vector in place; a zero row becomes NaN, which is never found and finds nothing. */
export async function normalise(pool: ComputePool, { address, numRows, paddedDim }: Matrix): Promise<void> {
  await pool.run({
    kernel: 'unitRows',
    bounds: evenRanges(numRows, rowsAtOnce),
    args: [address, paddedDim],
  });
}

/** Bytes of workspace that `bestOfMany` allocates (and gives back). @param skips whether `leaveOut` or `among` is given */
export function batchBytes(
  numQueries: number,
  matrix: Omit<Matrix, 'address'>,
  k: number,
  skips: boolean,
): number {
  return batchLayout(numQueries, matrix.numRows, Math.min(k, matrix.numRows), skips).bytes;
}

function batchLayout(numQueries: number, numRows: number, count: number, hasSkips: boolean) {
  return layoutOf({
    heaps: 8 * numQueries * count,
    skips: hasSkips ? numQueries * bitmapBytes(numRows) : undefined,
  });
}

/**
 * For each row of `queries` the best k rows of `matrix` by inner product, ranked; k of more than there are gives all.
 * Both stand in the pool's workspace, which needs `batchBytes` more. Cost: numQueries · numRows · 2 dim flops.
 * @param leaveOut the rows of `matrix` to leave out for a query, 0 ≤ query < queries.numRows
 * @param among the only rows of `matrix` that any query may find; undefined: all
 */
export async function bestOfMany(
  pool: ComputePool,
  queries: Matrix,
  matrix: Matrix,
  k: number,
  leaveOut?: (query: number) => Iterable<number>,
  among?: RowSet,
): Promise<RankedRow[][]> {
  const { workspace } = pool;
  const { numRows, paddedDim } = matrix;
  const count = Math.min(k, numRows);
  if (count === 0) return Array.from({ length: queries.numRows }, () => []);
  return inScope(workspace, async () => {
    const skipBytes = bitmapBytes(numRows);
    const hasSkips = leaveOut !== undefined || among !== undefined;
    const { heaps, skips } = batchLayout(queries.numRows, numRows, count, hasSkips).allocate(workspace);
    if (hasSkips) {
      for (let q = 0; q < queries.numRows; q++) {
        const skip = skips + q * skipBytes;
        skipAllBut(workspace, skip, numRows, among);
        if (leaveOut !== undefined) markRows(workspace, skip, numRows, leaveOut(q), true);
      }
    }
    await pool.run({
      kernel: 'scanMany',
      bounds: evenRanges(queries.numRows, queriesAtOnce),
      args: [queries.address, matrix.address, numRows, paddedDim, skips, skipBytes, count, heaps],
    });
    return Array.from({ length: queries.numRows }, (_, q) => {
      const heap = heaps + 8 * q * count;
      return rankHeap(workspace.f32(heap, 2 * count), workspace.u32(heap, 2 * count));
    });
  });
}
