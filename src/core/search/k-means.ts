/**
 * Spherical k-means (Dhillon & Modha 2001) in the kernels: every step is a function of the rows alone, in fixed order,
 * so the centroids have the same bits at any number of threads.
 */
import { centroidTileRows } from '../compute/kernel-exports.js';
import type { ComputePool } from '../compute/pool.js';
import { layoutOf, type Addresses, type WorkspaceLayout, inScope } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { sampleRows, type Random } from '../numeric/random.js';
import type { Matrix } from './exact-batch.js';

/** Rows, tiles and centroids that a thread takes at a time. */
const assignAtOnce = 512;
const packAtOnce = 16;
const updateAtOnce = 16;

/** Rows by what they were assigned to. */
export interface Groups {
  /** Row numbers, group by group, ascending within a group. */
  readonly members: Uint32Array;
  /** [numGroups + 1]: group g's members are at positions offsets[g] … offsets[g + 1] − 1. */
  readonly offsets: Uint32Array;
}

/** Unit vectors, and room for what each is assigned to. */
export interface Assignable extends Matrix {
  /** Address of u32 by row: a centroid. Rows that were not to be assigned keep what stood there. */
  readonly assignment: number;
  /** Address of f32 by row: the similarity to that centroid, within .0004. */
  readonly scores: number;
}

/** What `assignToNearest` allocates (and gives back). */
export function assignLayout(
  numMembers: number,
  numCentroids: number,
  paddedDim: number,
): WorkspaceLayout<Addresses<'membersAt' | 'packed'>> {
  return layoutOf({ membersAt: 4 * numMembers, packed: packedBytes(numCentroids, paddedDim) });
}

/** Bytes of the centroids as the assignment reads them. */
export function packedBytes(numCentroids: number, paddedDim: number): number {
  return Math.ceil(numCentroids / centroidTileRows) * centroidTileRows * paddedDim * 2;
}

/**
 * Assigns the rows of `members` to the centroid of largest inner product, ties to the lower centroid. Both sides are
 * rounded to int16, so a centroid nearer by less than .0004 may lose. Cost: members · numCentroids · dim
 * multiplications.
 */
export async function assignToNearest(
  pool: ComputePool,
  rows: Assignable,
  members: Uint32Array,
  centroids: Matrix,
): Promise<void> {
  const { workspace } = pool;
  const { numRows: numCentroids, paddedDim } = centroids;
  await inScope(workspace, async () => {
    const { membersAt, packed } = assignLayout(members.length, numCentroids, paddedDim).allocate(workspace);
    workspace.u32(membersAt, members.length).set(members);
    forget(pool, rows, members);
    await assignTo(pool, rows, { address: membersAt, count: members.length }, centroids, 0, packed);
  });
}

/** What the rows of `members` are assigned to counts no more: any centroid is nearer. */
export function forget({ workspace }: ComputePool, rows: Assignable, members: Uint32Array): void {
  const scores = workspace.f32(rows.scores, rows.numRows);
  for (const row of members) scores[row] = -Infinity;
}

/**
 * Assigns rows to the nearest of `centroids`, numbered from `first` on, where it is nearer than what they are assigned to.
 * @param members address of their numbers, u32 [count]
 * @param packed address of `packedBytes`
 */
export async function assignTo(
  pool: ComputePool,
  rows: Assignable,
  members: { readonly address: number; readonly count: number },
  centroids: Matrix,
  first: number,
  packed: number,
): Promise<void> {
  const { numRows: numCentroids, paddedDim } = centroids;
  const tiles = Math.ceil(numCentroids / centroidTileRows);
  await pool.run({
    kernel: 'packCentroids',
    bounds: evenRanges(tiles, packAtOnce),
    args: [centroids.address, numCentroids, paddedDim, packed, 'scratch'],
  });
  const { assignment, scores } = rows;
  await pool.run({
    kernel: 'assignRows',
    bounds: evenRanges(members.count, assignAtOnce),
    args: [members.address, rows.address, paddedDim, packed, tiles, first, assignment, scores, 'scratch'],
  });
}

/** `members`, ascending, by what `assignment` (by row) says, by counting sort. */
export function groupRows(members: Uint32Array, assignment: Uint32Array, numGroups: number): Groups {
  const offsets = new Uint32Array(numGroups + 1);
  for (const row of members) offsets[assignment[row]! + 1]!++;
  for (let g = 0; g < numGroups; g++) offsets[g + 1]! += offsets[g]!;
  const grouped = new Uint32Array(members.length);
  const next = offsets.slice(0, numGroups);
  for (const row of members) grouped[next[assignment[row]!]!++] = row;
  return { members: grouped, offsets };
}

/** Bytes of workspace that `clusterRows` allocates (and gives back) for rounds of at most `maxSample` rows. */
export function clusterBytes(maxSample: number, numCentroids: number, paddedDim: number): number {
  const moving = moveLayout(maxSample, numCentroids).bytes;
  return Math.max(moving, assignLayout(maxSample, numCentroids, paddedDim).bytes);
}

/** Bytes of scratch a worker: four rows in int16, or the sum of a cluster. */
export function clusterScratchBytes(paddedDim: number): number {
  return 8 * paddedDim;
}

/**
 * Clusters around `centroids`, which it writes; there are at most as many as `members`, rows of `rows`. Starts from
 * distinct members drawn at random. Round r looks at a sample of `rounds[r]` members (≥ numCentroids), drawn anew when that
 * number changes: few rows place the centroids roughly, many then exactly. A centroid that loses all its members takes
 * the worst-placed one of the fullest cluster; where members are equal some may end without.
 */
export async function clusterRows(
  pool: ComputePool,
  rows: Assignable,
  members: Uint32Array,
  centroids: Matrix,
  rounds: readonly number[],
  random: Random,
  onRound: (done: number) => void,
): Promise<void> {
  const { workspace } = pool;
  const { numRows: numCentroids, paddedDim } = centroids;
  const assignment = workspace.u32(rows.assignment, rows.numRows);
  const scores = workspace.f32(rows.scores, rows.numRows);
  const draw = (count: number): Uint32Array<ArrayBuffer> =>
    Uint32Array.from(sampleRows(random, count, members.length), (at) => members[at]!);

  draw(numCentroids).forEach((row, c) => {
    const start = workspace.f32(rows.address + row * paddedDim * 4, paddedDim);
    workspace.f32(centroids.address + c * paddedDim * 4, paddedDim).set(start);
  });
  let sample = new Uint32Array(0);
  for (const [round, size] of rounds.entries()) {
    const wanted = Math.min(size, members.length);
    if (wanted !== sample.length) sample = draw(wanted);
    await assignToNearest(pool, rows, sample, centroids);
    refillEmpty(sample, assignment, scores, numCentroids);
    await moveCentroids(pool, rows, groupRows(sample, assignment, numCentroids), centroids);
    onRound(round + 1);
  }
}

/** What `moveCentroids` allocates (and gives back). */
export function moveLayout(
  numMembers: number,
  numCentroids: number,
): WorkspaceLayout<Addresses<'membersAt' | 'offsetsAt'>> {
  return layoutOf({ membersAt: 4 * numMembers, offsetsAt: 4 * (numCentroids + 1) });
}

/** Every centroid becomes the direction of the sum of its members. */
export async function moveCentroids(
  pool: ComputePool,
  rows: Matrix,
  { members, offsets }: Groups,
  centroids: Matrix,
): Promise<void> {
  const { workspace } = pool;
  await inScope(workspace, async () => {
    const { membersAt, offsetsAt } = moveLayout(members.length, offsets.length - 1).allocate(workspace);
    workspace.u32(membersAt, members.length).set(members);
    workspace.u32(offsetsAt, offsets.length).set(offsets);
    await pool.run({
      kernel: 'updateCentroids',
      bounds: evenRanges(centroids.numRows, updateAtOnce),
      args: [rows.address, rows.paddedDim, membersAt, offsetsAt, centroids.address, 'scratch'],
    });
  });
}

/** Gives every centroid without members the one that fits worst in the fullest cluster; ties to the lower. */
function refillEmpty(
  sample: Uint32Array,
  assignment: Uint32Array,
  scores: Float32Array,
  numCentroids: number,
): void {
  const { members, offsets } = groupRows(sample, assignment, numCentroids);
  const sizes = Uint32Array.from({ length: numCentroids }, (_, c) => offsets[c + 1]! - offsets[c]!);
  /** Members of clusters that gave some away, the worst last. */
  const givers = new Map<number, number[]>();
  for (let empty = 0; empty < numCentroids; empty++) {
    if (sizes[empty] !== 0) continue;
    const fullest = sizes.indexOf(sizes.reduce((most, size) => Math.max(most, size), 0));
    const left =
      givers.get(fullest) ??
      [...members.subarray(offsets[fullest], offsets[fullest + 1])].sort(
        (a, b) => scores[b]! - scores[a]! || b - a,
      );
    givers.set(fullest, left);
    assignment[left.pop()!] = empty;
    sizes[fullest]!--;
    sizes[empty]!++;
  }
}
