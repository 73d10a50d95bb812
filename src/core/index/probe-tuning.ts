/**
 * How many lists must a search read? As few as give the wanted recall@10 on sampled items, measured against the exact
 * scan. A hit is a similarity of at least the true 10th less 1e-6: where many items are equally near, any ten of them
 * are right.
 */
import type { TaskContext } from '../contracts.js';
import type { ComputePool } from '../compute/pool.js';
import { allocateFactors, factorBytes } from '../compute/factors.js';
import { allocatedBytes } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { sampleRows, type Random } from '../numeric/random.js';
import { rankHeap, type RankedRow } from '../numeric/top-k.js';
import { batchBytes, bestOfMany, type Matrix } from './exact-batch.js';

export interface Tuning {
  /** Lists that a search reads. */
  readonly probes: number;
  /** The recall that was measured with so many. */
  readonly recallAt10: number;
  /** Items it was measured on. */
  readonly sampled: number;
}

/** The parts of an inverted file that a search reads. */
interface Lists {
  readonly centroids: Matrix;
  readonly lists: Matrix;
  readonly offsets: Uint32Array;
}

const sampledItems = 1000;
const neighbours = 10;
/** One more than is wanted: an item is its own nearest neighbour. */
const asked = neighbours + 1;
const tolerance = 1e-6;
const queriesAtOnce = 16;

/** Bytes of workspace that `tuneProbes` allocates (and gives back). @param dim padded */
export function tuningBytes(numRows: number, numLists: number, dim: number): number {
  const numQueries = Math.min(sampledItems, numRows);
  return (
    factorBytes(numQueries, dim) +
    Math.max(
      batchBytes(numQueries, { numRows, paddedDim: dim }, asked, false),
      allocatedBytes(4 * numLists),
      allocatedBytes(4 * (numLists + 1)) + allocatedBytes(8 * asked * numQueries),
    )
  );
}

/** Bytes of scratch a worker: the nearest centroids of one query. */
export function probeScratchBytes(numLists: number): number {
  return 8 * numLists;
}

export async function tuneProbes(
  pool: ComputePool,
  ivf: Lists,
  targetRecall: number,
  random: Random,
  onProgress: TaskContext['onProgress'],
): Promise<Tuning> {
  const { workspace } = pool;
  const { address, numRows, paddedDim } = ivf.lists;
  const numLists = ivf.centroids.numRows;
  const report = (done: number): void =>
    onProgress({ kind: 'step', phase: 'measuring recall', done, total: 2, unit: 'passes' });
  report(0);
  const mark = workspace.mark();
  try {
    const positions = sampleRows(random, sampledItems, numRows);
    const queries = {
      address: allocateFactors(workspace, positions.length, paddedDim).address,
      numRows: positions.length,
      paddedDim,
    };
    positions.forEach((p, q) => {
      const row = workspace.f32(address + p * paddedDim * 4, paddedDim);
      workspace.f32(queries.address + q * paddedDim * 4, paddedDim).set(row);
    });
    const truth = await exactNeighbours(pool, ivf.lists, queries, positions);
    report(1);
    const probes = probesFor(targetRecall, ranksOfTrueLists(pool, ivf, queries, truth), numLists);
    const found = await searchAll(pool, ivf, queries, probes);
    report(2);
    const recallAt10 = recall(
      truth,
      found.map((ranked, q) => withoutSelf(ranked, positions[q]!)),
    );
    return { probes, recallAt10, sampled: positions.length };
  } finally {
    workspace.release(mark);
  }
}

async function exactNeighbours(
  pool: ComputePool,
  lists: Matrix,
  queries: Matrix,
  positions: Uint32Array,
): Promise<RankedRow[][]> {
  const exact = await bestOfMany(pool, queries, lists, asked);
  return exact.map((ranked, q) => withoutSelf(ranked, positions[q]!));
}

/** For each true neighbour of each query, how many lists a search reads before the one that holds it. */
function ranksOfTrueLists(
  { workspace }: ComputePool,
  { centroids, offsets }: Lists,
  queries: Matrix,
  truth: readonly RankedRow[][],
): number[] {
  const { address, numRows, paddedDim } = centroids;
  const mark = workspace.mark();
  const out = workspace.allocate(4 * numRows);
  const scores = workspace.f32(out, numRows);
  const ranks = truth.flatMap((neighboursOfOne, q) => {
    const query = queries.address + q * paddedDim * 4;
    workspace.kernels.scoreRows(0, numRows, query, address, paddedDim, out);
    return neighboursOfOne.map(({ row }) => {
      const list = listAt(offsets, row);
      const score = scores[list]!;
      // The order in which searchLists takes them: by score, then by number.
      return scores.reduce((before, s, l) => before + (s > score || (s === score && l < list) ? 1 : 0), 0);
    });
  });
  workspace.release(mark);
  return ranks;
}

/** The list that holds a position: the last that starts at or before it. */
function listAt(offsets: Uint32Array, position: number): number {
  let low = 0;
  let high = offsets.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (offsets[middle]! <= position) low = middle;
    else high = middle;
  }
  return low;
}

/** The fewest lists within which the share of true neighbours is at least `targetRecall`. */
function probesFor(targetRecall: number, ranks: readonly number[], numLists: number): number {
  const holding = new Uint32Array(numLists);
  for (const rank of ranks) holding[rank]!++;
  let within = 0;
  for (let probes = 1; probes < numLists; probes++) {
    within += holding[probes - 1]!;
    if (within >= targetRecall * ranks.length) return probes;
  }
  return numLists;
}

async function searchAll(
  pool: ComputePool,
  { centroids, lists, offsets }: Lists,
  queries: Matrix,
  probes: number,
): Promise<RankedRow[][]> {
  const { workspace } = pool;
  if (lists.numRows === 0) return [];
  const mark = workspace.mark();
  const offsetsAt = workspace.allocate(4 * offsets.length);
  workspace.u32(offsetsAt, offsets.length).set(offsets);
  const heaps = workspace.allocate(8 * asked * queries.numRows);
  try {
    await pool.run({
      kernel: 'searchLists',
      bounds: evenRanges(queries.numRows, queriesAtOnce),
      args: [
        ...[queries.address, centroids.address, centroids.numRows, lists.paddedDim, lists.address],
        ...[0, offsetsAt, probes, asked, 'scratch' as const, heaps],
      ],
    });
    return Array.from({ length: queries.numRows }, (_, q) => {
      const heap = heaps + 8 * asked * q;
      return rankHeap(workspace.f32(heap, 2 * asked), workspace.u32(heap, 2 * asked));
    });
  } finally {
    workspace.release(mark);
  }
}

/** The nearest ten that are not the item itself, which need not be among those found where others equal it. */
function withoutSelf(ranked: readonly RankedRow[], self: number): RankedRow[] {
  return ranked.filter(({ row }) => row !== self).slice(0, neighbours);
}

/** Share of hits; 1 where there is nothing to find. */
function recall(truth: readonly RankedRow[][], found: readonly RankedRow[][]): number {
  let wanted = 0;
  let hits = 0;
  truth.forEach((neighboursOfOne, q) => {
    const last = neighboursOfOne.at(-1);
    if (last === undefined) return;
    wanted += neighboursOfOne.length;
    hits += found[q]!.filter(({ score }) => score >= last.score - tolerance).length;
  });
  return wanted === 0 ? 1 : hits / wanted;
}
