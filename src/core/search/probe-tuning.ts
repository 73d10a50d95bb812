/**
 * How much must a search read? As little as gives the wanted recall on sampled items, measured against the exact scan. A
 * hit is a similarity of at least the true k-th less 1e-6: where many items are equally near, any k of them are right.
 *
 * One sample of items chooses how much is read, with a margin for the chance in it; another, which had no part in the
 * choice, says what the recall is. So a third sample finds what the second found, within its interval.
 */
import type { TaskContext } from '../contracts.js';
import type { ComputePool } from '../compute/pool.js';
import { factorsLayout } from '../compute/factors.js';
import { allocatedBytes, layoutOf, inScope } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { sampleRows, type Random } from '../numeric/random.js';
import { emptyRow, rankHeap, type RankedRow } from '../numeric/top-k.js';
import { batchBytes, bestOfMany, type Matrix } from './exact-batch.js';
import {
  queryBytes,
  searchScratchBytes,
  wholeGap,
  type IvfIndex,
  type IvfShape,
  type Probes,
} from './ivf-index.js';
import { recallOf, shareOf, type Recall } from './recall.js';

export interface TunedProbes extends Probes {
  /** The recall that was measured with so many. */
  readonly recall: Recall;
}

export interface Tuning {
  /** For the ten nearest, and for the hundred nearest. */
  readonly at10: TunedProbes;
  readonly at100: TunedProbes;
}

/** Neighbours that are looked for, and items in each of the two samples. */
const depths = [
  { neighbours: 10, sampled: 1000 },
  { neighbours: 100, sampled: 250 },
] as const;
const queriesAtOnce = 8;
/** Standard errors by which the choosing sample must pass the target. */
const margin = 1.645;
/**
 * Going to a list takes as long as comparing so many vectors, wherever its own are in memory: 1 µs against 4 ns
 * (bench/neighbours.ts, the same gap with more lists).
 */
const goingToAList = 200;
/** Where the second sample falls short all the same, so much more is read. */
const growth = 1.25;

/** Bytes of workspace that `tuneProbes` allocates (and gives back). @param dim padded */
export function tuningBytes(numRows: number, dim: number): number {
  return Math.max(
    ...depths.map(({ neighbours, sampled }) => {
      const numQueries = Math.min(2 * sampled, numRows);
      const asked = neighbours + 1;
      return (
        2 * factorsLayout(numQueries, dim).bytes +
        Math.max(
          batchBytes(numQueries, { numRows, paddedDim: dim }, asked, false),
          ranksLayout(neighbours, numQueries).bytes,
          heapsLayout(asked, numQueries).bytes,
        )
      );
    }),
  );
}

/** What `choose` allocates. */
function ranksLayout(neighbours: number, numQueries: number) {
  return layoutOf({
    targets: 4 * neighbours * numQueries,
    gapsAt: 4 * gaps.length,
    looked: 4 * gaps.length * numQueries,
    ranks: 4 * gaps.length * neighbours * numQueries,
  });
}

/** What `searchAll` allocates. */
function heapsLayout(asked: number, numQueries: number) {
  return layoutOf({ heaps: 8 * asked * numQueries });
}

/** Bytes of scratch a worker: a search that reads everything. */
export function tuningScratchBytes(shape: IvfShape): number {
  const { numRegions, numLists, numListed, paddedDim } = shape;
  const sizes = [queryBytes(paddedDim), 4 * (numRegions + 7), 12 * numRegions, 4 * numLists];
  return Math.max(
    sizes.reduce((sum, bytes) => sum + allocatedBytes(bytes), 0),
    searchScratchBytes(shape, numLists, depths[1].neighbours + 1, numListed),
  );
}

/** Gaps that are tried. Cosines differ by 2 at most. */
const gaps: readonly number[] = [...Array.from({ length: 40 }, (_, g) => g / 40), wholeGap];

export async function tuneProbes(
  pool: ComputePool,
  matrix: Matrix,
  index: IvfIndex,
  targetRecall: number,
  random: Random,
  onProgress: TaskContext['onProgress'],
): Promise<Tuning> {
  const report = (done: number): void =>
    onProgress({ kind: 'step', phase: 'measuring recall', done, total: 2, unit: 'passes' });
  report(0);
  const [ten, hundred] = depths;
  const at10 = await tuneAt(pool, matrix, index, targetRecall, random, ten);
  report(1);
  const at100 = await tuneAt(pool, matrix, index, targetRecall, random, hundred);
  report(2);
  return { at10, at100 };
}

/** Items to look for, and what is true of them. */
interface Sample {
  readonly rows: Uint32Array;
  readonly queries: Matrix;
  readonly truth: readonly RankedRow[][];
}

async function tuneAt(
  pool: ComputePool,
  matrix: Matrix,
  index: IvfIndex,
  targetRecall: number,
  random: Random,
  { neighbours, sampled }: (typeof depths)[number],
): Promise<TunedProbes> {
  const { workspace } = pool;
  return inScope(workspace, async () => {
    const listed = workspace.u32(index.rows, index.numListed);
    const drawn = Uint32Array.from(sampleRows(random, 2 * sampled, listed.length), (at) => listed[at]!);
    // Where there are not enough for two samples each is all there is: nothing is left to chance.
    const everything = drawn.length < 2 * sampled;
    const part = (half: number): Uint32Array =>
      everything ? drawn : drawn.filter((_, at) => at % 2 === half);
    const choosing = await takeSample(pool, matrix, part(0), neighbours);
    const probes = await choose(pool, index, choosing, targetRecall, neighbours);
    const measuring = everything ? choosing : await takeSample(pool, matrix, part(1), neighbours);
    return enough(pool, index, targetRecall, probes, measuring, neighbours);
  });
}

/** As much more than `probes` as the sample asks for, and what is found then. */
async function enough(
  pool: ComputePool,
  index: IvfIndex,
  targetRecall: number,
  { gap, lists }: Probes,
  measuring: Sample,
  neighbours: number,
): Promise<TunedProbes> {
  for (let probes = { gap, lists }; ;) {
    const found = await searchAll(pool, index, measuring, probes, neighbours);
    const recall = recallOf(measuring.truth, found, index.numListed);
    const all = probes.gap === wholeGap && probes.lists >= index.numLists;
    if (recall.share >= targetRecall || all) return { ...probes, recall };
    const { gap: before } = probes;
    probes = {
      gap: gaps.find((wider) => wider > before) ?? wholeGap,
      lists: Math.min(index.numLists, Math.ceil(growth * probes.lists)),
    };
  }
}

/** Items by which probes that were chosen before are measured again. */
const sampledAgain = 64;

/** What an index finds with these probes, on one sample; with more of them where that falls short of the target. */
export async function measureProbes(
  pool: ComputePool,
  matrix: Matrix,
  index: IvfIndex,
  targetRecall: number,
  { at10, at100 }: { readonly at10: Probes; readonly at100: Probes },
  random: Random,
): Promise<Tuning> {
  const [ten, hundred] = depths.map(({ neighbours }) => neighbours) as [number, number];
  return inScope(pool.workspace, async () => {
    const listed = pool.workspace.u32(index.rows, index.numListed);
    const rows = Uint32Array.from(sampleRows(random, sampledAgain, listed.length), (at) => listed[at]!);
    const sample = await takeSample(pool, matrix, rows, hundred);
    const nearest = { ...sample, truth: sample.truth.map((ranked) => ranked.slice(0, ten)) };
    return {
      at10: await enough(pool, index, targetRecall, at10, nearest, ten),
      at100: await enough(pool, index, targetRecall, at100, sample, hundred),
    };
  });
}

async function takeSample(
  pool: ComputePool,
  matrix: Matrix,
  rows: Uint32Array,
  neighbours: number,
): Promise<Sample> {
  const { workspace } = pool;
  const { address, paddedDim } = matrix;
  const queries = {
    address: factorsLayout(rows.length, paddedDim).allocate(workspace).address,
    numRows: rows.length,
    paddedDim,
  };
  rows.forEach((row, q) => {
    const vector = workspace.f32(address + row * paddedDim * 4, paddedDim);
    workspace.f32(queries.address + q * paddedDim * 4, paddedDim).set(vector);
  });
  const exact = await bestOfMany(pool, queries, matrix, neighbours + 1);
  return { rows, queries, truth: exact.map((ranked, q) => withoutSelf(ranked, rows[q]!, neighbours)) };
}

/** The cheapest to read of what finds enough of the sample's truth. */
async function choose(
  pool: ComputePool,
  index: IvfIndex,
  { queries, truth }: Sample,
  targetRecall: number,
  neighbours: number,
): Promise<Probes> {
  const { workspace } = pool;
  const { numRegions, numLists, numListed } = index;
  const everything = { gap: wholeGap, lists: numLists };
  if (numListed === 0) return everything;
  return inScope(workspace, async () => {
    const listOf = listOfRows(
      workspace.u32(index.rows, numListed),
      workspace.u32(index.offsets, numLists + 1),
    );
    const { targets, gapsAt, looked, ranks } = ranksLayout(neighbours, truth.length).allocate(workspace);
    const wanted = workspace.u32(targets, neighbours * truth.length).fill(emptyRow);
    truth.forEach((ranked, q) =>
      ranked.forEach(({ row }, t) => (wanted[q * neighbours + t] = listOf.get(row) ?? emptyRow)),
    );
    workspace.f32(gapsAt, gaps.length).set(gaps);
    await pool.run({
      kernel: 'ranksOfLists',
      bounds: evenRanges(truth.length, queriesAtOnce),
      args: [
        queries.address,
        index.record,
        targets,
        neighbours,
        gapsAt,
        gaps.length,
        ranks,
        looked,
        'scratch',
      ],
    });
    const ranked = workspace.u32(ranks, gaps.length * neighbours * truth.length);
    const listsLooked = workspace.u32(looked, gaps.length * truth.length);
    let best = everything;
    let least = Infinity;
    gaps.forEach((gap, g) => {
      const lists = fewestLists(ranked, g, truth, neighbours, targetRecall, numLists, numListed);
      if (lists === undefined) return;
      let compared = 0;
      for (let q = 0; q < truth.length; q++) compared += listsLooked[q * gaps.length + g]!;
      const cost = numRegions + compared / truth.length + lists * (goingToAList + numListed / numLists);
      if (cost < least) [best, least] = [{ gap, lists }, cost];
    });
    return best;
  });
}

/** The fewest lists that find enough, with a margin, with the g-th gap; undefined where even all do not. */
function fewestLists(
  ranks: Uint32Array,
  g: number,
  truth: readonly RankedRow[][],
  neighbours: number,
  targetRecall: number,
  numLists: number,
  population: number,
): number | undefined {
  const hits = new Float64Array(truth.length);
  const isEnough = (lists: number): boolean => {
    truth.forEach((ranked, q) => {
      hits[q] = 0;
      for (let t = 0; t < ranked.length; t++) {
        if (ranks[(q * neighbours + t) * gaps.length + g]! < lists) hits[q]++;
      }
    });
    const { share, standardError } = shareOf(hits, truth, population);
    return share - margin * standardError >= targetRecall;
  };
  if (!isEnough(numLists)) return undefined;
  let [low, high] = [0, numLists];
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** By row. */
function listOfRows(rows: Uint32Array, offsets: Uint32Array): { get(row: number): number | undefined } {
  const lists = new Map<number, number>();
  for (let l = 0; l + 1 < offsets.length; l++) {
    for (let p = offsets[l]!; p < offsets[l + 1]!; p++) lists.set(rows[p]!, l);
  }
  return lists;
}

async function searchAll(
  pool: ComputePool,
  index: IvfIndex,
  { rows, queries }: Sample,
  probes: Probes,
  neighbours: number,
): Promise<RankedRow[][]> {
  const { workspace } = pool;
  if (index.numListed === 0) return rows.length === 0 ? [] : Array.from(rows, () => []);
  const asked = neighbours + 1;
  const mark = workspace.mark();
  const { heaps } = heapsLayout(asked, queries.numRows).allocate(workspace);
  try {
    await pool.run({
      kernel: 'searchRows',
      bounds: evenRanges(queries.numRows, queriesAtOnce),
      args: [queries.address, index.record, probes.gap, probes.lists, asked, 0, heaps, 'scratch'],
    });
    return Array.from(rows, (row, q) => {
      const heap = heaps + 8 * asked * q;
      const ranked = rankHeap(workspace.f32(heap, 2 * asked), workspace.u32(heap, 2 * asked));
      return withoutSelf(ranked, row, neighbours);
    });
  } finally {
    workspace.release(mark);
  }
}

/** The nearest that are not the item itself, which need not be among those found where others equal it. */
function withoutSelf(ranked: readonly RankedRow[], self: number, neighbours: number): RankedRow[] {
  return ranked.filter(({ row }) => row !== self).slice(0, neighbours);
}
