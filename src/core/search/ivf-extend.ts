/** An inverted file with more rows: each new one goes to the list of the nearest centroid, and no other row leaves its own. */
import type { ComputePool, PoolSizes } from '../compute/pool.js';
import { factorsLayout } from '../compute/factors.js';
import { inScope, layoutOf } from '../compute/workspace.js';
import { seededRandom } from '../numeric/random.js';
import { normalise, type Matrix } from './exact-batch.js';
import { encodeClusters, ivfPoolSizes, rowsWithDirection, type Ivf } from './ivf-build.js';
import { allocateIvf, type Probes } from './ivf-index.js';
import { assignToNearest, groupRows, moveCentroids } from './k-means.js';
import { measureProbes } from './probe-tuning.js';

/** What is where, in an index that stands; at least one list. */
export interface StoredLists {
  readonly regionOffsets: Uint32Array;
  readonly offsets: Uint32Array;
  readonly rows: Uint32Array;
}

export interface ExtendOptions {
  readonly lists: StoredLists;
  /** How much a search reads now; more where that falls short of the target. */
  readonly at10: Probes;
  readonly at100: Probes;
  readonly targetRecall: number;
  readonly seed: number;
}

function extendingLayout(numRows: number, { offsets, regionOffsets }: StoredLists, paddedDim: number) {
  return layoutOf({
    assignment: 4 * numRows,
    scores: 4 * numRows,
    centroids: factorsLayout(offsets.length - 1, paddedDim),
    regions: factorsLayout(regionOffsets.length - 1, paddedDim),
  });
}

/** What a pool must have for `extendIvf`. */
export function extendPoolSizes(numRows: number, dim: number, lists: StoredLists): PoolSizes {
  const sizes = ivfPoolSizes(numRows, dim, lists.offsets.length - 1);
  return { ...sizes, workspaceBytes: sizes.workspaceBytes + extendingLayout(numRows, lists, dim).bytes };
}

/** As `buildIvf` of all rows of `matrix`, but for the clustering: centroids stay those of the rows that were there. The recall is measured anew, on fewer items. */
export async function extendIvf(
  pool: ComputePool,
  matrix: Matrix,
  { lists, at10, at100, targetRecall, seed }: ExtendOptions,
): Promise<Ivf> {
  const { workspace } = pool;
  const { numRows, paddedDim } = matrix;
  const { offsets, regionOffsets, rows } = lists;
  await normalise(pool, matrix);
  const directed = rowsWithDirection(workspace.f32(matrix.address, numRows * paddedDim), paddedDim);
  const [numLists, numRegions] = [offsets.length - 1, regionOffsets.length - 1];
  const shape = { numRegions, numLists, numListed: directed.length, paddedDim };
  const room = allocateIvf(workspace, shape, true, matrix.address);
  const index = await inScope(workspace, async () => {
    const working = extendingLayout(numRows, lists, paddedDim).allocate(workspace);
    const centroids = { address: working.centroids.address, numRows: numLists, paddedDim };
    const regions = { address: working.regions.address, numRows: numRegions, paddedDim };
    await moveCentroids(pool, matrix, { members: rows, offsets }, centroids);
    const isListed = new Uint8Array(numRows);
    for (const row of rows) isListed[row] = 1;
    const added = directed.filter((row) => isListed[row] === 0);
    await assignToNearest(pool, { ...matrix, ...working }, added, centroids);
    const assignment = workspace.u32(working.assignment, numRows);
    for (let list = 0; list < numLists; list++)
      for (let at = offsets[list]!; at < offsets[list + 1]!; at++) assignment[rows[at]!] = list;
    const grouped = groupRows(directed, assignment, numLists);
    const all = Uint32Array.from({ length: numLists }, (_, list) => list);
    await moveCentroids(pool, centroids, { members: all, offsets: regionOffsets }, regions);
    return encodeClusters(pool, matrix, { regions, centroids, regionOffsets, lists: grouped }, room);
  });
  const random = seededRandom(seed);
  return { index, tuning: await measureProbes(pool, matrix, index, targetRecall, { at10, at100 }, random) };
}
