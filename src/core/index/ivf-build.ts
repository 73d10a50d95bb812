/**
 * Building an inverted file: unit vectors cut into lists around centroids, and the number of lists that a search must
 * read for the recall that is wanted, measured.
 */
import type { TaskContext } from '../contracts.js';
import type { ComputePool, PoolOptions } from '../compute/pool.js';
import { allocateFactors, factorBytes } from '../compute/factors.js';
import { allocatedBytes } from '../compute/workspace.js';
import { seededRandom, type Random } from '../numeric/random.js';
import { normalise, type Matrix } from './exact-batch.js';
import {
  assignBytes,
  assignToNearest,
  clusterBytes,
  clusterRows,
  clusterScratchBytes,
  groupRows,
  type Groups,
} from './k-means.js';
import { probeScratchBytes, tuneProbes, tuningBytes, type Tuning } from './probe-tuning.js';

/** Changed whenever the same vectors and options would give other bits than before. */
export const ivfAlgorithmVersion = 1;

export interface IvfOptions {
  /** Wanted number of lists; fewer are made where there are fewer rows with a direction. */
  readonly lists: number;
  /** 0 < targetRecall ≤ 1: probes are as few as reach it on sampled items. */
  readonly targetRecall: number;
  readonly seed: number;
}

export interface Ivf {
  /** Unit vectors, f32 [numLists × paddedDim]. */
  readonly centroids: Matrix;
  /** Unit vectors, f32 [numListed × paddedDim], list by list. Rows without direction are in no list. */
  readonly lists: Matrix;
  /** [numListed] the row of each, ascending within a list. */
  readonly rows: Uint32Array;
  /** [numLists + 1]: list l is at positions offsets[l] … offsets[l + 1] − 1. No list is empty. */
  readonly offsets: Uint32Array;
  readonly tuning: Tuning;
}

/**
 * Rows a list that each round of k-means looks at. The last rounds decide, so the first can do with few: about as good
 * as 64 in each of the eight, for half the rows.
 */
const samplesPerList: readonly number[] = [16, 16, 16, 16, 32, 32, 64, 64];
const maxSamplesPerList = 64;

/**
 * Lists where none are asked for. A search reads all centroids and a few lists: as many centroids as there are rows in
 * those lists is about right, and twice √n was fastest or near it on three kinds of data (bench/build-index.ts).
 */
export function defaultLists(numRows: number): number {
  return Math.max(1, Math.round(2 * Math.sqrt(numRows)));
}

/**
 * What a pool must have for `buildIvf`: 4 bytes × rows × dim for the vectors, 12 bytes × rows, 6 bytes × lists × dim, and
 * a little more. @param dim padded
 */
export function ivfPoolSizes(
  numRows: number,
  dim: number,
  lists: number,
): Pick<PoolOptions, 'workspaceBytes' | 'scratchBytes'> {
  const numLists = Math.min(lists, numRows);
  const numSamples = Math.min(maxSamplesPerList * numLists, numRows);
  const building =
    2 * allocatedBytes(4 * numRows) +
    Math.max(clusterBytes(numSamples, numLists, dim), assignBytes(numRows, numLists, dim));
  return {
    workspaceBytes:
      factorBytes(numRows, dim) +
      factorBytes(numLists, dim) +
      Math.max(building, tuningBytes(numRows, numLists, dim)),
    scratchBytes: Math.max(clusterScratchBytes(dim), probeScratchBytes(numLists)),
  };
}

/** Where the caller puts the vectors that `buildIvf` is to index. */
export function allocateIvfRows(pool: ComputePool, numRows: number, dim: number): Matrix {
  return allocateMatrix(pool, numRows, dim);
}

function allocateMatrix({ workspace }: ComputePool, numRows: number, paddedDim: number): Matrix {
  return { address: allocateFactors(workspace, numRows, paddedDim).address, numRows, paddedDim };
}

/**
 * Builds in place: `matrix`, from `allocateIvfRows` in a pool of `ivfPoolSizes`, becomes the lists. The same vectors,
 * options and seed give the same bits at any number of threads.
 */
export async function buildIvf(
  pool: ComputePool,
  matrix: Matrix,
  options: IvfOptions,
  onProgress: TaskContext['onProgress'],
): Promise<Ivf> {
  const { workspace } = pool;
  const { numRows, paddedDim } = matrix;
  const random = seededRandom(options.seed);
  await normalise(pool, matrix);
  const directed = rowsWithDirection(workspace.f32(matrix.address, numRows * paddedDim), paddedDim);
  const numLists = Math.min(options.lists, directed.length);
  const centroids = allocateMatrix(pool, numLists, paddedDim);
  const mark = workspace.mark();
  const groups =
    numLists === 0
      ? { members: directed, offsets: Uint32Array.of(0) }
      : await cluster(pool, matrix, directed, centroids, random, onProgress);
  workspace.release(mark);

  const { members: rows, offsets } = dropEmpty(pool, centroids, groups);
  reorder(workspace.f32(matrix.address, numRows * paddedDim), paddedDim, rows);
  const ivf = {
    centroids: { ...centroids, numRows: offsets.length - 1 },
    lists: { ...matrix, numRows: rows.length },
    rows,
    offsets,
  };
  return { ...ivf, tuning: await tuneProbes(pool, ivf, options.targetRecall, random, onProgress) };
}

/** Writes the centroids; returns the rows by the list they belong to. */
async function cluster(
  pool: ComputePool,
  matrix: Matrix,
  directed: Uint32Array,
  centroids: Matrix,
  random: Random,
  onProgress: TaskContext['onProgress'],
): Promise<Groups> {
  const { workspace } = pool;
  const { numRows } = matrix;
  const numLists = centroids.numRows;
  const rows = {
    ...matrix,
    assignment: workspace.allocate(4 * numRows),
    scores: workspace.allocate(4 * numRows),
  };
  const rounds = samplesPerList.map((perList) => perList * numLists);
  const report = (done: number): void =>
    onProgress({ kind: 'step', phase: 'clustering', done, total: rounds.length + 1, unit: 'rounds' });
  report(0);
  await clusterRows(pool, rows, directed, centroids, rounds, random, report);
  await assignToNearest(pool, rows, directed, centroids);
  report(rounds.length + 1);
  return groupRows(directed, workspace.u32(rows.assignment, numRows), numLists);
}

/** The rows that normalising did not turn into NaN. */
function rowsWithDirection(values: Float32Array, paddedDim: number): Uint32Array {
  const rows = new Uint32Array(values.length / paddedDim);
  let count = 0;
  for (let row = 0; row < rows.length; row++) {
    if (!Number.isNaN(values[row * paddedDim])) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/** Moves the centroids of filled lists together. */
function dropEmpty({ workspace }: ComputePool, centroids: Matrix, { members, offsets }: Groups): Groups {
  const { address, numRows, paddedDim } = centroids;
  const values = workspace.f32(address, numRows * paddedDim);
  const kept = [0];
  for (let c = 0; c < numRows; c++) {
    if (offsets[c] === offsets[c + 1]) continue;
    values.copyWithin((kept.length - 1) * paddedDim, c * paddedDim, (c + 1) * paddedDim);
    kept.push(offsets[c + 1]!);
  }
  return { members, offsets: Uint32Array.from(kept) };
}

/**
 * Row p becomes what row rows[p] was, for every p < rows.length, in place: each cycle of the permutation is walked once.
 * What is not among `rows` ends up behind them, in some order.
 */
function reorder(values: Float32Array, paddedDim: number, rows: Uint32Array): void {
  const numRows = values.length / paddedDim;
  const source = new Uint32Array(numRows);
  source.set(rows);
  const used = new Uint8Array(numRows);
  for (const row of rows) used[row] = 1;
  for (let row = 0, at = rows.length; row < numRows; row++) if (used[row] === 0) source[at++] = row;

  const saved = new Float32Array(paddedDim);
  for (let start = 0; start < numRows; start++) {
    if (source[start] === start) continue;
    saved.set(values.subarray(start * paddedDim, (start + 1) * paddedDim));
    let at = start;
    for (let from = source[at]!; from !== start; from = source[at]!) {
      values.copyWithin(at * paddedDim, from * paddedDim, (from + 1) * paddedDim);
      source[at] = at;
      at = from;
    }
    values.set(saved, at * paddedDim);
    source[at] = at;
  }
}
