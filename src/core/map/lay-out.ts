/**
 * Lays a snapshot's items out on a map. Some thousand landmarks, the most played items among them, are laid out by their
 * neighbours, from where their principal components put them; every other item lies between the landmarks that are nearest to
 * it. So the cost of the layout is bounded, and what is kept in memory does not grow with the catalogue.
 */
import { setImmediate } from 'node:timers/promises';
import { closing } from '../closers.js';
import { openPool, type ComputePool } from '../compute/pool.js';
import { openVectorFile, type VectorFile } from '../compute/vector-file.js';
import { layoutOf } from '../compute/workspace.js';
import type { TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { seededRandom } from '../numeric/random.js';
import type { RankedRow } from '../numeric/top-k.js';
import { batchBytes, bestOfMany, matrixLayout, normalise, type Matrix } from '../search/exact-batch.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireVectors } from '../snapshot/scorer.js';
import { readArrowFile } from '../tables/arrow-reader.js';
import { groupLandmarks, groupsBytes, groupsLayout, groupsScratchBytes } from './groups.js';
import { emptyMap, mostPlace, mostPopularity, type CatalogueMap } from './map-format.js';
import { layoutNeighbours, neighbourLayout } from './neighbour-layout.js';
import { planeLayout, planeScratchBytes, principalPlane } from './principal-plane.js';

export interface LayOutOptions {
  readonly threads: number;
  /** Items that are laid out by their neighbours; others lie between them. Tests have fewer. */
  readonly mostLandmarks?: number;
}

/** bench/map.ts compares numbers of landmarks by what neighbours stay near. */
const defaultLandmarks = 10_000;
/** Landmarks that an item lies between. */
const nearest = 3;
/** Of a landmark that is an item's like: no nearer than this counts for more. */
const leastDistance = 1e-3;
/** Other items that lie at one place would hide each other: so far apart, of the map's width. */
const jitter = 0.004;
/** Points that are drawn where they lie; those farther from the middle are moved nearer. */
const nearShare = 0.8;
/** Left free at the edges, of the map's width. */
const margin = 0.02;
const rowsAtOnce = 4096;
const jitterSeed = 42;

/**
 * The map of a snapshot that is open. It has the same bits at any number of threads (neighbourLayout says on what they
 * depend). Takes about 12 s for 10,000 items and a minute for 1,000,000 of 64 dimensions.
 *
 * AppError 'missing-part' for a model whose items have no vectors; the error of an abort.
 */
export async function layOut(
  snapshot: OpenSnapshot,
  { threads, mostLandmarks = defaultLandmarks }: LayOutOptions,
  context: TaskContext,
): Promise<CatalogueMap> {
  requireVectors(snapshot, 'a map is made of the vectors of items');
  const table = await readArrowFile(snapshot.file(snapshotFile.itemTable));
  return closing(openVectorFile(snapshot.file(snapshotFile.itemVectors)), async (file) => {
    const { numRows, dim, paddedDim } = file;
    const rows = landmarkRows(numRows, mostLandmarks);
    const count = rows.length;
    const layout = layoutOf({
      landmarks: matrixLayout(count, dim),
      block: matrixLayout(rowsAtOnce, dim),
      plane: planeLayout(count, dim),
      groups: groupsLayout(count, dim),
    });
    const shape = { numRows: count, paddedDim };
    const searching = batchBytes(Math.max(count, rowsAtOnce), shape, layoutNeighbours, false);
    return closing(
      openPool({
        threads,
        workspaceBytes: layout.bytes + Math.max(searching, groupsBytes(count, dim)),
        scratchBytes: Math.max(planeScratchBytes(dim), groupsScratchBytes(dim)),
        signal: context.signal,
      }),
      async (pool) => {
        const arrays = layout.allocate(pool.workspace);
        const landmarks = await readDirected(pool, file, rows, arrays.landmarks);
        const map = emptyMap(numRows);
        setPopularity(map, table.counts('count'), pool);
        if (landmarks.numRows === 0) return map;
        const plane = await principalPlane(pool, landmarks, dim, {
          ...arrays.plane,
          centred: { ...arrays.plane.centred, numRows: landmarks.numRows },
        });
        const near = await neighboursAmong(pool, landmarks);
        const points = await placeLandmarks(plane, near, context);
        const groups = await groupLandmarks(pool, landmarks, arrays.groups);
        const placed = { landmarks, rows: landmarks.rows, points: fitted(drawnIn(points)), groups };
        await placeItems(pool, file, arrays.block, placed, map, context);
        return map;
      },
    );
  });
}

/** The most played half of them, and as many rows at even distances among all others: ascending. */
export function landmarkRows(numRows: number, most: number): Uint32Array {
  if (numRows <= most) return Uint32Array.from({ length: numRows }, (_, row) => row);
  const played = Math.floor(most / 2);
  const others = most - played;
  return Uint32Array.from({ length: most }, (_, at) =>
    at < played ? at : played + Math.floor(((at - played) * (numRows - played)) / others),
  );
}

/** Landmarks in memory, and the rows that they are. */
interface Landmarks extends Matrix {
  readonly rows: Uint32Array;
}

/** Those of `rows` that have a direction, as unit vectors. */
async function readDirected(
  pool: ComputePool,
  file: VectorFile,
  rows: Uint32Array,
  matrix: Matrix,
): Promise<Landmarks> {
  const { workspace } = pool;
  const { paddedDim } = matrix;
  file.readRowsInto(workspace, matrix.address, rows);
  await normalise(pool, matrix);
  const values = workspace.f32(matrix.address, rows.length * paddedDim);
  const directed = rows.filter((_, at) => !Number.isNaN(values[at * paddedDim]));
  let to = 0;
  for (let at = 0; at < rows.length; at++) {
    if (Number.isNaN(values[at * paddedDim])) continue;
    values.copyWithin(to * paddedDim, at * paddedDim, (at + 1) * paddedDim);
    to++;
  }
  return { address: matrix.address, paddedDim, numRows: to, rows: directed };
}

/** By landmark the nearest others. */
async function neighboursAmong(pool: ComputePool, landmarks: Matrix): Promise<RankedRow[][]> {
  const found = await bestOfMany(pool, landmarks, landmarks, layoutNeighbours);
  // Where many are equal a landmark need not be among its own nearest.
  return found.map((list, at) => list.filter(({ row }) => row !== at).slice(0, layoutNeighbours - 1));
}

async function placeLandmarks(
  plane: Float64Array,
  near: readonly (readonly RankedRow[])[],
  context: TaskContext,
): Promise<Float64Array> {
  // Fewer than all others, which umap-js wants.
  const count = near.reduce((least, list) => Math.min(least, list.length), near.length - 2);
  // Where all are equal, or next to none are there, there is nothing to lay out.
  if (count < 3 || plane.every((value) => Math.abs(value) < 1e-6)) return plane;
  return neighbourLayout(
    plane,
    near.map((list) => list.slice(0, count)),
    context,
  );
}

/**
 * Islands that lie far out, as of items that one listener played, would leave most of a map empty. From the distance R of the
 * middle within which most points lie, r becomes R · (2 − R / r): the order of distances stays, and none passes 2 R.
 */
function drawnIn(points: Float64Array): Float64Array {
  const numPoints = points.length / 2;
  const quantile = (values: Float64Array, share: number): number =>
    values.sort()[Math.ceil(share * (numPoints - 1))]!;
  const [middleX, middleY] = [0, 1].map((axis) =>
    quantile(
      points.filter((_, at) => at % 2 === axis),
      0.5,
    ),
  ) as [number, number];
  const away = Float64Array.from({ length: numPoints }, (_, at) => {
    const [x, y] = [points[2 * at]! - middleX, points[2 * at + 1]! - middleY];
    return Math.sqrt(x * x + y * y);
  });
  const most = quantile(away.slice(), nearShare);
  return points.map((value, at) => {
    const middle = at % 2 === 0 ? middleX : middleY;
    const r = away[at >> 1]!;
    return most === 0 || r <= most ? value : middle + ((value - middle) * most * (2 - most / r)) / r;
  });
}

/** On one scale into the unit square, the longer side filling it but for the margin; all in the middle where they are one point. */
function fitted(points: Float64Array): Float64Array {
  const [low, high] = [
    [Infinity, Infinity],
    [-Infinity, -Infinity],
  ] as [number[], number[]];
  points.forEach((value, at) => {
    low[at % 2] = Math.min(low[at % 2]!, value);
    high[at % 2] = Math.max(high[at % 2]!, value);
  });
  const side = Math.max(high[0]! - low[0]!, high[1]! - low[1]!);
  const scale = side === 0 ? 0 : (1 - 2 * margin) / side;
  return points.map((value, at) => 0.5 + scale * (value - (low[at % 2]! + high[at % 2]!) / 2));
}

interface Placed {
  readonly landmarks: Landmarks;
  /** [landmarks × 2] in the unit square. */
  readonly points: Float64Array;
  /** [landmarks] */
  readonly groups: Uint8Array;
}

/** Every item that has a direction, block by block. */
async function placeItems(
  pool: ComputePool,
  file: VectorFile,
  block: Matrix,
  { landmarks, points, groups }: Placed,
  map: CatalogueMap,
  { signal, onProgress }: TaskContext,
): Promise<void> {
  const { numRows } = file;
  const random = seededRandom(jitterSeed);
  const k = Math.min(nearest, landmarks.numRows);
  let landmark = 0;
  for (let from = 0; from < numRows; from += rowsAtOnce) {
    onProgress({ kind: 'step', phase: 'placing items', done: from, total: numRows, unit: 'items' });
    await setImmediate();
    if (signal.aborted) throw abortError(signal);
    const to = Math.min(numRows, from + rowsAtOnce);
    const queries = { ...block, numRows: to - from };
    file.readRangeInto(pool.workspace, block.address, from, to);
    await normalise(pool, queries);
    const found = await bestOfMany(pool, queries, landmarks, k);
    found.forEach((list, at) => {
      const row = from + at;
      if (landmarks.rows[landmark] === row) {
        setPlace(map, row, points[2 * landmark]!, points[2 * landmark + 1]!, groups[landmark]!);
        landmark++;
        return;
      }
      const apart = [random.nextFraction() - 0.5, random.nextFraction() - 0.5].map((part) => jitter * part);
      const [first] = list;
      if (first === undefined) return;
      const [x, y] = between(list, points);
      setPlace(map, row, x + apart[0]!, y + apart[1]!, groups[first.row]!);
    });
  }
}

/** The mean of the landmarks' places, the nearer ones counting for more. */
function between(list: readonly RankedRow[], points: Float64Array): readonly [number, number] {
  let [x, y, sum] = [0, 0, 0];
  for (const { row, score } of list) {
    const distance = leastDistance + Math.max(0, 1 - score);
    const weight = 1 / (distance * distance);
    x += weight * points[2 * row]!;
    y += weight * points[2 * row + 1]!;
    sum += weight;
  }
  return [x / sum, y / sum];
}

function setPlace(map: CatalogueMap, row: number, x: number, y: number, group: number): void {
  map.x[row] = Math.round(mostPlace * x);
  map.y[row] = Math.round(mostPlace * y);
  map.group[row] = group;
}

function setPopularity(map: CatalogueMap, counts: Uint32Array, { workspace }: ComputePool): void {
  const { ln } = workspace.kernels;
  const most = ln(1 + counts.reduce((largest, count) => Math.max(largest, count), 0));
  for (let row = 0; row < map.numItems; row++)
    map.popularity[row] = most === 0 ? 0 : Math.round((mostPopularity * ln(1 + counts[row]!)) / most);
}
