/**
 * Cutting unit vectors into lists around centroids, and the centroids into regions. Comparing every row with every centroid
 * would cost as much as it does elsewhere: n · lists. Here a row is compared with the regions, and with the centroids of
 * the nearest few: k-means in the large, in each region, then of the centroids. Regions are cut anew whenever the centroids
 * moved: through stale ones rows do not find their lists, and a search must look into twice as many.
 */
import type { ComputePool } from '../compute/pool.js';
import { factorsLayout, type Factors } from '../compute/factors.js';
import { layoutOf, inScope } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { sampleRows, type Random } from '../numeric/random.js';
import type { Matrix } from './exact-batch.js';
import { allocateIvf, ivfBytes, searchScratchBytes, type IvfIndex, type IvfShape } from './ivf-index.js';
import {
  assignLayout,
  assignTo,
  assignToNearest,
  clusterBytes,
  clusterRows,
  clusterScratchBytes,
  forget,
  groupRows,
  moveLayout,
  moveCentroids,
  packedBytes,
  type Assignable,
  type Groups,
} from './k-means.js';

/** Rows a region, and a list, that each round of k-means looks at. */
const samplesPerRegion: readonly number[] = [64, 64, 64, 64, 64, 64];
const samplesPerList: readonly number[] = [8, 8, 16, 16, 32, 32];
const mostPerRegion = 64;
const mostPerList = 32;
/** Rounds in which the centroids themselves are cut into regions: all of them, each time. */
const roundsOfCentroids = 8;
/** Regions whose centroids a row is compared with. */
const nearRegions = 12;
/**
 * A row whose nearest centroid is in none of them is far from the one that it gets. So of every sixteen rows the one
 * worst placed is compared with more.
 */
const worstShare = 16;
const nearRegionsOfWorst = 64;
/** Rows a list by which the centroids are moved together, before all rows are assigned to them. */
const samplesPerMove = 8;
/** Rows that a thread takes at a time. */
const rowsAtOnce = 512;

export interface Clusters {
  /** Unit vectors, f32 [numRegions × paddedDim], and [numLists × paddedDim] in order of the regions. */
  readonly regions: Matrix;
  readonly centroids: Matrix;
  /** [numRegions + 1]: region r's centroids are regionOffsets[r] … regionOffsets[r + 1] − 1. */
  readonly regionOffsets: Uint32Array;
  /** The rows by list; no list is empty, and no region. */
  readonly lists: Groups;
}

/**
 * Regions that a search chooses from. More of them, and smaller, let it compare with fewer centroids; each of them costs
 * as much as a centroid (bench/neighbours.ts).
 */
export function regionsFor(numLists: number): number {
  return Math.max(1, Math.min(numLists, Math.round(2 * Math.sqrt(numLists))));
}

/** Those among which the centroids are spread: about as many as centroids in each. */
function coarseRegionsFor(numLists: number): number {
  return Math.max(1, Math.round(Math.sqrt(numLists)));
}

/** Bytes of workspace that `clusterIntoLists` allocates: what it keeps, and what it gives back. */
export function clusteringBytes(
  numRows: number,
  numLists: number,
  paddedDim: number,
): { kept: number; most: number } {
  const numRegions = regionsFor(numLists);
  const near = Math.min(nearRegions, numRegions);
  const assigning =
    ivfBytes(shapeOfRegions(numRegions, paddedDim), false) +
    nearLayout(numRows, near, numLists, paddedDim).bytes;
  const working = Math.max(
    clusterBytes(Math.min(numRows, mostPerRegion * numRegions), numRegions, paddedDim),
    assignLayout(Math.min(numRows, mostPerList * numLists), numRegions, paddedDim).bytes,
    clusterBytes(Math.min(numRows, mostPerList * numLists), numLists, paddedDim),
    assignedLayout(numLists).bytes + clusterBytes(numLists, numRegions, paddedDim),
    assigning,
    moveLayout(numRows, numLists).bytes,
  );
  return {
    kept: keptLayout(numLists, paddedDim).bytes,
    most: workingLayout(numRows, numLists, paddedDim).bytes + working,
  };
}

/** What `clusterIntoLists` keeps. */
function keptLayout(numLists: number, paddedDim: number) {
  return layoutOf({
    centroids: factorsLayout(numLists, paddedDim),
    regions: factorsLayout(regionsFor(numLists), paddedDim),
  });
}

/** What it gives back, beside what single steps take. */
function workingLayout(numRows: number, numLists: number, paddedDim: number) {
  return layoutOf({
    assigned: assignedLayout(numRows),
    coarse: factorsLayout(coarseRegionsFor(numLists), paddedDim),
  });
}

/** Of so many rows that are assigned to centroids. */
function assignedLayout(numRows: number) {
  return layoutOf({ assignment: 4 * numRows, scores: 4 * numRows });
}

/** What `assignNear` allocates beside an index of the regions. */
function nearLayout(numMembers: number, numNear: number, numLists: number, paddedDim: number) {
  return layoutOf({
    bounds: 8,
    membersAt: 4 * numMembers,
    near: 4 * numNear * numMembers,
    grouped: 4 * numNear * numMembers,
    packed: packedBytes(numLists, paddedDim),
  });
}

/** Bytes of scratch a worker. */
export function clusteringScratchBytes(numLists: number, paddedDim: number): number {
  const numRegions = regionsFor(numLists);
  return Math.max(clusterScratchBytes(paddedDim), searchScratchBytes({ paddedDim, numRegions }, 0, 0, 0));
}

/**
 * @param directed rows of `matrix`, unit vectors, ascending; at least numLists ≥ 1
 * @param onStage is called with how many of `clusteringStages` are done
 */
export async function clusterIntoLists(
  pool: ComputePool,
  matrix: Matrix,
  directed: Uint32Array,
  numLists: number,
  random: Random,
  onStage: (done: number) => void,
): Promise<Clusters> {
  const { workspace } = pool;
  const { numRows, paddedDim } = matrix;
  const kept = keptLayout(numLists, paddedDim).allocate(workspace);
  const centroids = matrixOf(kept.centroids);
  const regions = matrixOf(kept.regions);
  return inScope(workspace, async () => {
    const working = workingLayout(numRows, numLists, paddedDim).allocate(workspace);
    const { assignment } = working.assigned;
    const rows = { ...matrix, ...working.assigned };
    const coarse = matrixOf(working.coarse);
    onStage(0);
    await spreadCentroids(pool, rows, directed, coarse, centroids, random);
    onStage(1);
    const sample = Uint32Array.from(
      sampleRows(random, samplesPerMove * numLists, directed.length),
      (at) => directed[at]!,
    );
    await assignThroughRegions(pool, rows, sample, centroids, regions, random);
    await moveCentroids(
      pool,
      rows,
      groupRows(sample, workspace.u32(assignment, numRows), numLists),
      centroids,
    );
    onStage(2);
    await assignThroughRegions(pool, rows, directed, centroids, regions, random);
    onStage(3);
    const lists = groupRows(directed, workspace.u32(assignment, numRows), numLists);
    await moveCentroids(pool, rows, lists, centroids);
    onStage(4);
    const filled = dropEmpty(pool, centroids, lists);
    return await orderByRegion(pool, filled.centroids, filled.lists, regions, random);
  });
}

export const clusteringStages = 4;

function matrixOf({ address, numRows, dim }: Factors): Matrix {
  return { address, numRows, paddedDim: dim };
}

/** Places as many centroids in each region as rows of it ask for, by k-means among its own rows. */
async function spreadCentroids(
  pool: ComputePool,
  rows: Assignable,
  directed: Uint32Array,
  regions: Matrix,
  centroids: Matrix,
  random: Random,
): Promise<void> {
  const { paddedDim } = rows;
  const numLists = centroids.numRows;
  const rounds = samplesPerRegion.map((count) => count * regions.numRows);
  await clusterRows(pool, rows, directed, regions, rounds, random, () => {});
  const sample = Uint32Array.from(
    sampleRows(random, mostPerList * numLists, directed.length),
    (at) => directed[at]!,
  );
  await assignToNearest(pool, rows, sample, regions);
  const assignment = pool.workspace.u32(rows.assignment, rows.numRows);
  const { members, offsets } = groupRows(sample, assignment, regions.numRows);
  const counts = shares(offsets, numLists);
  let first = 0;
  for (let r = 0; r < regions.numRows; r++) {
    const count = counts[r]!;
    if (count === 0) continue;
    const own = members.slice(offsets[r], offsets[r + 1]);
    const target = { address: centroids.address + 4 * first * paddedDim, numRows: count, paddedDim };
    const looks = samplesPerList.map((perList) => Math.max(count, perList * count));
    await clusterRows(pool, rows, own, target, looks, random, () => {});
    first += count;
  }
}

/** `total` shared out by the sizes of groups, none of which gets more than it has; ties to the lower. */
function shares(offsets: Uint32Array, total: number): Uint32Array {
  const numGroups = offsets.length - 1;
  const size = (g: number): number => offsets[g + 1]! - offsets[g]!;
  const all = offsets[numGroups]!;
  const exact = Array.from({ length: numGroups }, (_, g) => (total * size(g)) / all);
  const counts = Uint32Array.from(exact, (share, g) => Math.min(size(g), Math.floor(share)));
  const order = exact
    .map((share, g) => ({ g, rest: share - Math.floor(share) }))
    .sort((a, b) => b.rest - a.rest || a.g - b.g);
  let left = total - counts.reduce((sum, count) => sum + count, 0);
  while (left > 0) {
    for (const { g } of order) {
      if (left === 0) break;
      if (counts[g]! >= size(g)) continue;
      counts[g]!++;
      left--;
    }
  }
  return counts;
}

/** The centroids become ordered by region; members: which stands where now. */
async function cutIntoRegions(
  pool: ComputePool,
  centroids: Matrix,
  regions: Matrix,
  random: Random,
): Promise<Groups> {
  const { workspace } = pool;
  const { numRows: numLists, paddedDim } = centroids;
  return inScope(workspace, async () => {
    const rows = { ...centroids, ...assignedLayout(numLists).allocate(workspace) };
    const all = Uint32Array.from({ length: numLists }, (_, l) => l);
    const rounds = new Array<number>(roundsOfCentroids).fill(numLists);
    await clusterRows(pool, rows, all, regions, rounds, random, () => {});
    await assignToNearest(pool, rows, all, regions);
    const groups = groupRows(all, workspace.u32(rows.assignment, numLists), regions.numRows);
    const values = workspace.f32(centroids.address, numLists * paddedDim);
    const before = values.slice();
    groups.members.forEach((from, to) => {
      values.set(before.subarray(from * paddedDim, (from + 1) * paddedDim), to * paddedDim);
    });
    return groups;
  });
}

/** Fewer than one in `worstShare`, ascending: those of the lowest scores. */
function worstPlaced({ workspace }: ComputePool, rows: Assignable, directed: Uint32Array): Uint32Array {
  const scores = workspace.f32(rows.scores, rows.numRows);
  const ascending = Float32Array.from(directed, (row) => scores[row]!).sort();
  const bound = ascending[Math.floor(ascending.length / worstShare)]!;
  return directed.filter((row) => scores[row]! < bound);
}

/**
 * Cuts the centroids into regions, anew, since they moved; and assigns each of `members` to the nearest centroid of the
 * regions that are nearest to it.
 */
async function assignThroughRegions(
  pool: ComputePool,
  rows: Assignable,
  members: Uint32Array,
  centroids: Matrix,
  regions: Matrix,
  random: Random,
): Promise<void> {
  const { offsets } = await cutIntoRegions(pool, centroids, regions, random);
  const byRegion = { regions, centroids, regionOffsets: offsets };
  await assignNear(pool, rows, members, byRegion, nearRegions);
  if (regions.numRows > nearRegions)
    await assignNear(pool, rows, worstPlaced(pool, rows, members), byRegion, nearRegionsOfWorst);
}

/** Assigns each of `directed` to the nearest centroid of the `most` regions that are nearest to it. */
async function assignNear(
  pool: ComputePool,
  rows: Assignable,
  directed: Uint32Array,
  { regions, centroids, regionOffsets }: Omit<Clusters, 'lists'>,
  most: number,
): Promise<void> {
  if (directed.length === 0) return;
  const { workspace } = pool;
  const { paddedDim } = rows;
  const numRegions = regions.numRows;
  const numNear = Math.min(most, numRegions);
  await inScope(workspace, async () => {
    const layout = nearLayout(directed.length, numNear, centroids.numRows, paddedDim);
    const { bounds, membersAt, near, grouped, packed } = layout.allocate(workspace);
    const index = await regionsAsIndex(pool, regions, bounds);
    workspace.u32(membersAt, directed.length).set(directed);
    await pool.run({
      kernel: 'regionsOfRows',
      bounds: evenRanges(directed.length, rowsAtOnce),
      args: [membersAt, rows.address, index.record, numNear, near, 'scratch'],
    });
    const offsets = groupByRegion(
      directed,
      workspace.u32(near, numNear * directed.length),
      numRegions,
      workspace.u32(grouped, numNear * directed.length),
    );
    forget(pool, rows, directed);
    for (let r = 0; r < numRegions; r++) {
      const first = regionOffsets[r]!;
      const own = {
        address: centroids.address + 4 * first * paddedDim,
        numRows: regionOffsets[r + 1]! - first,
        paddedDim,
      };
      const members = { address: grouped + 4 * offsets[r]!, count: offsets[r + 1]! - offsets[r]! };
      if (own.numRows > 0) await assignTo(pool, rows, members, own, first, packed);
    }
  });
}

function shapeOfRegions(numRegions: number, paddedDim: number): IvfShape {
  return { numRegions, numLists: 0, numListed: 0, paddedDim };
}

/** An index of regions alone, with the codes by which a search will compare them. @param bounds address of two u32 */
async function regionsAsIndex(pool: ComputePool, regions: Matrix, bounds: number): Promise<IvfIndex> {
  const { workspace } = pool;
  const { numRows: numRegions, paddedDim } = regions;
  const index = allocateIvf(workspace, shapeOfRegions(numRegions, paddedDim), false, 0);
  workspace.u32(bounds, 2).set([0, numRegions]);
  await pool.run({
    kernel: 'encodeGroups',
    bounds: Uint32Array.of(0, 1),
    args: [regions.address, paddedDim, 0, bounds, 0, index.regionTiles, index.scales, 0],
  });
  return index;
}

/** Rows by the regions near them: near[p · numNear …] are those of rows[p]. Fills `grouped`; returns where each starts. */
function groupByRegion(
  rows: Uint32Array,
  near: Uint32Array,
  numRegions: number,
  grouped: Uint32Array,
): Uint32Array {
  const numNear = near.length / rows.length;
  const offsets = new Uint32Array(numRegions + 1);
  for (const region of near) offsets[region + 1]!++;
  for (let r = 0; r < numRegions; r++) offsets[r + 1]! += offsets[r]!;
  const next = offsets.slice();
  for (let p = 0, at = 0; p < rows.length; p++) {
    for (let j = 0; j < numNear; j++) grouped[next[near[at++]!]!++] = rows[p]!;
  }
  return offsets;
}

/** Moves the centroids of filled lists together. */
function dropEmpty(
  { workspace }: ComputePool,
  centroids: Matrix,
  { members, offsets }: Groups,
): Pick<Clusters, 'centroids' | 'lists'> {
  const { numRows, paddedDim } = centroids;
  const values = workspace.f32(centroids.address, numRows * paddedDim);
  const kept = [0];
  for (let l = 0; l < numRows; l++) {
    if (offsets[l] === offsets[l + 1]) continue;
    values.copyWithin((kept.length - 1) * paddedDim, l * paddedDim, (l + 1) * paddedDim);
    kept.push(offsets[l + 1]!);
  }
  return {
    centroids: { ...centroids, numRows: kept.length - 1 },
    lists: { members, offsets: Uint32Array.from(kept) },
  };
}

/** Cuts the centroids into the regions of a search; they and their lists are ordered by these, and no region is empty. */
async function orderByRegion(
  pool: ComputePool,
  centroids: Matrix,
  lists: Groups,
  room: Matrix,
  random: Random,
): Promise<Clusters> {
  const { workspace } = pool;
  const { paddedDim } = centroids;
  const regions = { ...room, numRows: regionsFor(centroids.numRows) };
  const order = await cutIntoRegions(pool, centroids, regions, random);
  const values = workspace.f32(regions.address, regions.numRows * paddedDim);
  const kept = [0];
  for (let r = 0; r < regions.numRows; r++) {
    if (order.offsets[r] === order.offsets[r + 1]) continue;
    values.copyWithin((kept.length - 1) * paddedDim, r * paddedDim, (r + 1) * paddedDim);
    kept.push(order.offsets[r + 1]!);
  }
  const members = new Uint32Array(lists.members.length);
  const offsets = new Uint32Array(lists.offsets.length);
  order.members.forEach((from, to) => {
    const rows = lists.members.subarray(lists.offsets[from], lists.offsets[from + 1]);
    members.set(rows, offsets[to]);
    offsets[to + 1] = offsets[to]! + rows.length;
  });
  return {
    regions: { ...regions, numRows: kept.length - 1 },
    centroids,
    regionOffsets: Uint32Array.from(kept),
    lists: { members, offsets },
  };
}
