/**
 * Building an inverted file: unit vectors cut into lists around centroids and coded in int8, and how much of it a search
 * must read for the recall that is wanted, measured.
 */
import type { TaskContext } from '../contracts.js';
import type { ComputePool, PoolOptions } from '../compute/pool.js';
import { allocateFactors, factorBytes } from '../compute/factors.js';
import { layoutOf } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { seededRandom } from '../numeric/random.js';
import { normalise, type Matrix } from './exact-batch.js';
import {
  clusterIntoLists,
  clusteringBytes,
  clusteringScratchBytes,
  clusteringStages,
  regionsFor,
  type Clusters,
} from './ivf-clusters.js';
import { allocateIvf, codeBytes, ivfBytes, tileBytes, type IvfIndex } from './ivf-index.js';
import { tuneProbes, tuningBytes, tuningScratchBytes, type Tuning } from './probe-tuning.js';

/** Changed whenever the same vectors and options would give other bits than before. */
export const ivfAlgorithmVersion = 4;

export interface IvfOptions {
  /** Wanted number of lists; fewer are made where there are fewer rows with a direction. */
  readonly lists: number;
  /** 0 < targetRecall ≤ 1: as little is read as reaches it on sampled items. */
  readonly targetRecall: number;
  readonly seed: number;
}

export interface Ivf {
  /** In the pool's workspace, beside the unit vectors that it was built from. */
  readonly index: IvfIndex;
  readonly tuning: Tuning;
}

/** Rows a list where no number of lists is asked for (bench/neighbours.ts). */
const rowsPerList = 50;
/** Lists that a thread encodes at a time. */
const listsAtOnce = 16;

/** Lists where none are asked for. */
export function defaultLists(numRows: number): number {
  return Math.max(1, Math.round(numRows / rowsPerList));
}

/** What a pool must have for `buildIvf`: 4 bytes × rows × dim for the vectors, as many / 4 for the codes, and some more. */
export function ivfPoolSizes(
  numRows: number,
  dim: number,
  lists: number,
): Pick<PoolOptions, 'workspaceBytes' | 'scratchBytes'> {
  const numLists = Math.min(lists, numRows);
  const numRegions = regionsFor(numLists);
  const shape = { numRegions, numLists, numListed: numRows, paddedDim: dim };
  const clustering = clusteringBytes(numRows, numLists, dim);
  const encoding = encodingLayout(numRegions, numLists, dim);
  return {
    workspaceBytes:
      factorBytes(numRows, dim) +
      ivfBytes(shape, true) +
      Math.max(clustering.kept + Math.max(clustering.most, encoding.bytes), tuningBytes(numRows, dim)),
    scratchBytes: Math.max(clusteringScratchBytes(numLists, dim), tuningScratchBytes(shape)),
  };
}

/** What `encodeClusters` allocates. */
function encodingLayout(numRegions: number, numLists: number, paddedDim: number) {
  return layoutOf({
    everyRegion: 8,
    decodedRegions: 4 * numRegions * paddedDim,
    decodedCentroids: 4 * numLists * paddedDim,
  });
}

/** Where the caller puts the vectors that `buildIvf` is to index. */
export function allocateIvfRows({ workspace }: ComputePool, numRows: number, dim: number): Matrix {
  return { address: allocateFactors(workspace, numRows, dim).address, numRows, paddedDim: dim };
}

/**
 * Builds over `matrix`, from `allocateIvfRows` in a pool of `ivfPoolSizes`, which becomes unit vectors. The same vectors,
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
  const report = (done: number): void =>
    onProgress({ kind: 'step', phase: 'clustering', done, total: clusteringStages + 1, unit: 'steps' });
  await normalise(pool, matrix);
  const directed = rowsWithDirection(workspace.f32(matrix.address, numRows * paddedDim), paddedDim);
  const numLists = Math.min(options.lists, directed.length);
  const shape = { numRegions: regionsFor(numLists), numLists, numListed: directed.length, paddedDim };
  const room = allocateIvf(workspace, shape, true, matrix.address);
  const mark = workspace.mark();
  let index: IvfIndex = { ...room, numRegions: 0 };
  if (numLists > 0) {
    const clusters = await clusterIntoLists(pool, matrix, directed, numLists, random, report);
    index = await encodeClusters(pool, matrix, clusters, room);
  }
  workspace.u32(index.record + 4, 1)[0] = index.numRegions;
  workspace.release(mark);
  report(clusteringStages + 1);
  const tuning = await tuneProbes(pool, matrix, index, options.targetRecall, random, onProgress);
  return { index, tuning };
}

/** The rows that normalising did not turn into NaN. */
export function rowsWithDirection(values: Float32Array, paddedDim: number): Uint32Array {
  const rows = new Uint32Array(values.length / paddedDim);
  let count = 0;
  for (let row = 0; row < rows.length; row++) {
    if (!Number.isNaN(values[row * paddedDim])) rows[count++] = row;
  }
  return rows.subarray(0, count);
}

/**
 * Fills `room`. Each level's codes are differences from what the codes above it stand for, not from what those were made
 * of, so that a search that knows only codes adds up what the rows stand for.
 */
export async function encodeClusters(
  pool: ComputePool,
  matrix: Matrix,
  { regions, centroids, regionOffsets, lists }: Clusters,
  room: IvfIndex,
): Promise<IvfIndex> {
  const { workspace } = pool;
  const { paddedDim } = matrix;
  const numRegions = regions.numRows;
  const numLists = centroids.numRows;
  workspace.u32(room.regionOffsets, numRegions + 1).set(regionOffsets);
  workspace.u32(room.offsets, numLists + 1).set(lists.offsets);
  workspace.u32(room.rows, lists.members.length).set(lists.members);
  const layout = encodingLayout(numRegions, numLists, paddedDim);
  const { everyRegion, decodedRegions, decodedCentroids } = layout.allocate(workspace);
  workspace.u32(everyRegion, 2).set([0, numRegions]);

  const level = async (
    { count, offsets, centres }: { count: number; offsets: number; centres: number },
    vectors: { readonly address: number; readonly rows: number; readonly count: number },
    { tiles, scales, decoded }: { tiles: number; scales: number; decoded: number },
  ): Promise<void> => {
    clearLastTile(workspace.u8(tiles, codeBytes(vectors.count, paddedDim)), paddedDim);
    await pool.run({
      kernel: 'encodeGroups',
      bounds: evenRanges(count, listsAtOnce),
      args: [vectors.address, paddedDim, vectors.rows, offsets, centres, tiles, scales, decoded],
    });
  };
  await level(
    { count: 1, offsets: everyRegion, centres: 0 },
    { address: regions.address, rows: 0, count: numRegions },
    { tiles: room.regionTiles, scales: room.scales, decoded: decodedRegions },
  );
  await level(
    { count: numRegions, offsets: room.regionOffsets, centres: decodedRegions },
    { address: centroids.address, rows: 0, count: numLists },
    { tiles: room.centroidTiles, scales: room.scales + 8, decoded: decodedCentroids },
  );
  await level(
    { count: numLists, offsets: room.offsets, centres: decodedCentroids },
    { address: matrix.address, rows: room.rows, count: lists.members.length },
    { tiles: room.rowTiles, scales: room.scales + 8 * (1 + numRegions), decoded: 0 },
  );
  return { ...room, numRegions, numLists };
}

/** What stands past the last row is zero, whatever the memory held before. */
function clearLastTile(tiles: Uint8Array, paddedDim: number): void {
  tiles.fill(0, Math.max(0, tiles.length - tileBytes(paddedDim)));
}
