/** Exact top k by inner product for many queries: over items in the order of their norms, on all threads. */
import { productQueries, productQueryBytes, productTileItems } from '../compute/kernel-exports.js';
import type { ComputePool } from '../compute/pool.js';
import { layoutOf, type Workspace } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { descendingOrder } from '../numeric/descending-order.js';
import { emptyRow } from '../numeric/top-k.js';
import type { Matrix } from './exact-batch.js';
import { emptyBatch, type RankedBatch } from './ranked-batch.js';
import { rowsOfSet, type RowSet } from './row-set.js';

/** Rows and tiles that a thread prepares at a time. */
const rowsAtOnce = 4096;
const tilesAtOnce = 512;
/** What results and left-out rows of one call of the kernel take, where a single query does not take more. */
const defaultBatchBytes = 2 ** 22;

export interface ProductQueries {
  /**
   * The rows to leave out for a query, ascending, 0 ≤ query < queries.numRows; read before `best` returns. Rows that
   * there are not are ignored.
   */
  readonly leaveOut?: ((query: number) => Uint32Array) | undefined;
  /** Only these may be found; undefined: all. The same object again costs nothing, another one a preparation. */
  readonly among?: RowSet | undefined;
}

/** Items that are ready to be searched, in a pool's workspace. */
export interface ProductScan {
  readonly numItems: number;
  /**
   * For each row of `queries`, f32 [numRows × paddedDim] in the pool's workspace, the best k items by inner product: rows
   * and scores have the bits that `bestOfMany` gives. NaN is no score and is not found. One batch at a time.
   */
  best(queries: Matrix, k: number, options?: ProductQueries): Promise<RankedBatch>;
  /** How many items `best` has looked at so far, over all queries: the others could not be among the best. */
  readonly lookedAt: number;
}

/** Bytes of workspace that `openProductScan` allocates: (2 · paddedDim + 16) · numItems, and 4 MiB or 12 · numItems. */
export function productScanBytes(numItems: number, paddedDim: number): number {
  return scanLayout(numItems, paddedDim).bytes;
}

function scanLayout(numItems: number, paddedDim: number) {
  return layoutOf({
    norms: 4 * numItems,
    order: 4 * numItems,
    ratios: 8 * numItems,
    tiles: tileBytes(numItems, paddedDim),
    batch: batchBytes(numItems),
  });
}

/** Bytes of scratch memory a thread. */
export function productScanScratchBytes(paddedDim: number): number {
  return productQueries * (2 * paddedDim + productQueryBytes + 4) + 8 * paddedDim + 32;
}

function tileBytes(numItems: number, paddedDim: number): number {
  return Math.ceil(numItems / productTileItems) * productTileItems * 2 * paddedDim;
}

/** A query takes at most 8 bytes a result, 4 a row that is left out, and twice 4 for where those are. */
function batchBytes(numItems: number): number {
  return Math.max(defaultBatchBytes, 12 * numItems + 64);
}

/**
 * Prepares `items`, f32 [numRows × paddedDim] in the pool's workspace, which stay as they are and must not change while
 * the scan is used. What it allocates is the caller's to release. Cost: reads the items twice.
 */
export async function openProductScan(pool: ComputePool, items: Matrix): Promise<ProductScan> {
  const { workspace } = pool;
  const { numRows: numItems, paddedDim } = items;
  const { norms, order, ratios, tiles, batch } = scanLayout(numItems, paddedDim).allocate(workspace);
  await pool.run({
    kernel: 'normRows',
    bounds: evenRanges(numItems, rowsAtOnce),
    args: [items.address, paddedDim, norms],
  });
  let prepared: { readonly among: RowSet | undefined; readonly count: number; readonly error: number };
  let lookedAt = 0;

  const prepare = async (among: RowSet | undefined): Promise<typeof prepared> => {
    const rows = among === undefined ? undefined : rowsOfSet(among);
    const sorted = descendingOrder(workspace.f32(norms, numItems), rows);
    workspace.u32(order, sorted.length).set(sorted);
    const errors = await pool.run({
      kernel: 'packProducts',
      bounds: evenRanges(Math.ceil(sorted.length / productTileItems), tilesAtOnce),
      args: [items.address, paddedDim, order, norms, sorted.length, tiles, ratios],
    });
    return { among, count: sorted.length, error: Math.max(0, ...errors) };
  };
  prepared = await prepare(undefined);

  return {
    numItems,
    get lookedAt() {
      return lookedAt;
    },
    async best(queries, k, { leaveOut, among } = {}) {
      if (prepared.among !== among) prepared = await prepare(among);
      const { count, error } = prepared;
      const perQuery = Math.min(k, count);
      const found = emptyBatch(queries.numRows, perQuery);
      if (perQuery === 0) return found;
      for (let from = 0; from < queries.numRows;) {
        const wanted = { from, numQueries: queries.numRows, k: perQuery, leaveOut };
        const { to, heaps, bounds, rows } = layOut(workspace, batch, batchBytes(numItems), numItems, wanted);
        const looked = await pool.run({
          kernel: 'bestProducts',
          bounds: evenRanges(to - from, rangeOf(to - from, pool.threads)),
          args: [
            queries.address + 4 * from * paddedDim,
            ...([items.address, paddedDim, order, norms, tiles, ratios, count, error] as const),
            ...([bounds, rows, perQuery, heaps, 'scratch'] as const),
          ],
        });
        lookedAt += looked.reduce((sum, one) => sum + one, 0);
        unpack({ workspace, heaps }, found, from, to);
        from = to;
      }
      return found;
    },
  };
}

/** Queries a range: the kernel's most, fewer where threads would be left without work. */
function rangeOf(numQueries: number, threads: number): number {
  return Math.min(productQueries, 4 * Math.ceil(numQueries / (4 * 4 * threads)));
}

interface WantedQueries {
  readonly from: number;
  readonly numQueries: number;
  readonly k: number;
  readonly leaveOut: ((query: number) => Uint32Array) | undefined;
}

/** Where the kernel finds the queries from … to − 1: as many as the batch's bytes hold. */
interface LaidOut {
  readonly to: number;
  /** Addresses; `bounds` is 0 where nothing is left out. */
  readonly heaps: number;
  readonly bounds: number;
  readonly rows: number;
}

/** Copies what is left out of as many queries as fit. */
function layOut(
  workspace: Workspace,
  batch: number,
  bytes: number,
  numItems: number,
  { from, numQueries, k, leaveOut }: WantedQueries,
): LaidOut {
  if (leaveOut === undefined) {
    const to = Math.min(numQueries, from + Math.floor(bytes / (8 * k)));
    return { to, heaps: batch, bounds: 0, rows: 0 };
  }
  const lists: Uint32Array[] = [];
  let left = bytes - 4;
  for (let q = from; q < numQueries; q++) {
    const list = below(leaveOut(q), numItems);
    left -= 8 * k + 4 + 4 * list.length;
    if (left < 0) break;
    lists.push(list);
  }
  if (lists.length === 0) throw new RangeError(`more than ${numItems} distinct rows are left out of a query`);
  const heaps = batch;
  const bounds = heaps + 8 * k * lists.length;
  const rows = bounds + 4 * (lists.length + 1);
  const boundsView = workspace.u32(bounds, lists.length + 1);
  const rowsView = workspace.u32(rows, (batch + bytes - rows) >>> 2);
  let at = 0;
  lists.forEach((list, q) => {
    rowsView.set(list, at);
    at += list.length;
    boundsView[q + 1] = at;
  });
  boundsView[0] = 0;
  return { to: from + lists.length, heaps, bounds, rows };
}

/** The rows that are below `end`, of ascending ones. */
function below(rows: Uint32Array, end: number): Uint32Array {
  let length = rows.length;
  while (length > 0 && rows[length - 1]! >= end) length--;
  return length === rows.length ? rows : rows.subarray(0, length);
}

/** From ranked entries of 8 bytes, queries from … to − 1, to the batch's arrays. */
function unpack(
  { workspace, heaps }: { readonly workspace: Workspace; readonly heaps: number },
  { k, rows, scores, counts }: RankedBatch,
  from: number,
  to: number,
): void {
  const numEntries = (to - from) * k;
  const entryScores = workspace.f32(heaps, 2 * numEntries);
  const entryRows = workspace.u32(heaps, 2 * numEntries);
  const first = from * k;
  for (let entry = 0; entry < numEntries; entry++) {
    scores[first + entry] = entryScores[2 * entry]!;
    rows[first + entry] = entryRows[2 * entry + 1]!;
  }
  for (let q = from; q < to; q++) {
    let count = k;
    while (count > 0 && rows[q * k + count - 1] === emptyRow) count--;
    counts[q] = count;
  }
}
