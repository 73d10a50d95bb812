/** The colours of a map: a few groups of items whose vectors are alike. */
import { paddedDim } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import { layoutOf, type Addresses, type WorkspaceLayout } from '../compute/workspace.js';
import { seededRandom } from '../numeric/random.js';
import { matrixLayout, type Matrix } from '../search/exact-batch.js';
import { assignToNearest, clusterBytes, clusterRows, clusterScratchBytes } from '../search/k-means.js';
import { mostGroups } from './map-format.js';

const rounds = 12;
const seed = 42;

/** What `groupLandmarks` writes. */
type GroupsArrays = Addresses<'assignment' | 'scores'> & { readonly centroids: Matrix };

export function groupsLayout(numRows: number, dim: number): WorkspaceLayout<GroupsArrays> {
  const centroids = matrixLayout(Math.min(mostGroups, numRows), dim);
  return layoutOf({ centroids, assignment: 4 * numRows, scores: 4 * numRows });
}

/** Bytes of workspace that it allocates (and gives back). */
export function groupsBytes(numRows: number, dim: number): number {
  return clusterBytes(numRows, mostGroups, paddedDim(dim));
}

export function groupsScratchBytes(dim: number): number {
  return clusterScratchBytes(paddedDim(dim));
}

/** By row its group; they are numbered by their first row. @param rows unit vectors */
export async function groupLandmarks(
  pool: ComputePool,
  rows: Matrix,
  { centroids, assignment, scores }: GroupsArrays,
): Promise<Uint8Array> {
  const { numRows } = rows;
  const all = Uint32Array.from({ length: numRows }, (_, row) => row);
  const assignable = { ...rows, assignment, scores };
  const used = { ...centroids, numRows: Math.min(centroids.numRows, numRows) };
  const each = Array.from({ length: rounds }, () => numRows);
  await clusterRows(pool, assignable, all, used, each, seededRandom(seed), () => undefined);
  await assignToNearest(pool, assignable, all, used);
  const numbers = new Map<number, number>();
  return Uint8Array.from(pool.workspace.u32(assignment, numRows), (cluster) => {
    const number = numbers.get(cluster) ?? numbers.size;
    numbers.set(cluster, number);
    return number;
  });
}
