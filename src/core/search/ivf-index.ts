/**
 * An inverted file in a workspace's memory, as kernels/ivf.ts reads it: regions, the lists of each around a centroid, the
 * rows of each list as int8 codes.
 */
import { candidateBytes, codeTileRows, indexBytes } from '../compute/kernel-exports.js';
import type { Address } from '../compute/wasm-numbers.js';
import {
  allocatedBytes,
  layoutOf,
  type Addresses,
  type Workspace,
  type WorkspaceLayout,
} from '../compute/workspace.js';

/** Of a pair of f32: a group's scale, and the largest error of its codes. */
const scaleBytes = 8;

/** How large an inverted file is, or may become. */
export interface IvfShape {
  readonly numRegions: number;
  readonly numLists: number;
  /** Rows that are in a list. */
  readonly numListed: number;
  readonly paddedDim: number;
}

/** Addresses of its parts. */
export interface IvfParts {
  /** int8 [tiles][paddedDim / 2][8][2] of the regions, of the centroids by list, of the rows by position. */
  readonly regionTiles: number;
  readonly centroidTiles: number;
  readonly rowTiles: number;
  /** u32 [numRegions + 1]: region r's lists are regionOffsets[r] … regionOffsets[r + 1] − 1. */
  readonly regionOffsets: number;
  /** u32 [numLists + 1]: list l's rows are at positions offsets[l] … offsets[l + 1] − 1. */
  readonly offsets: number;
  /** f32 [1 + numRegions + numLists][2]: scale and error of the regions, of a region's centroids, of a list's rows. */
  readonly scales: number;
  /** u32 [numListed]: the row at each position, ascending within a list. */
  readonly rows: number;
}

export interface IvfIndex extends IvfShape, IvfParts {
  /** Address of what the kernels take for an index. */
  readonly record: Address;
}

/** Bytes of the codes of so many vectors. */
export function codeBytes(count: number, paddedDim: number): number {
  return Math.ceil(count / codeTileRows) * tileBytes(paddedDim);
}

/** Bytes of the codes of eight vectors. */
export function tileBytes(paddedDim: number): number {
  return codeTileRows * paddedDim;
}

/** The tiles that hold the positions from … to − 1: [first, one after the last]. */
export function tilesOf(from: number, to: number): [number, number] {
  return [Math.floor(from / codeTileRows), Math.ceil(to / codeTileRows)];
}

/** Shape of the scales in memory and on disk. */
export function numScales({ numRegions, numLists }: IvfShape): number {
  return 1 + numRegions + numLists;
}

/** What an inverted file takes. Where rows stay on disk, `withRows` is false. */
export function ivfLayout(
  shape: IvfShape,
  withRows: boolean,
): WorkspaceLayout<Addresses<keyof IvfParts | 'record'>> {
  const { numRegions, numLists, numListed, paddedDim } = shape;
  return layoutOf({
    record: indexBytes,
    regionTiles: codeBytes(numRegions, paddedDim),
    centroidTiles: codeBytes(numLists, paddedDim),
    regionOffsets: 4 * (numRegions + 1),
    offsets: 4 * (numLists + 1),
    scales: scaleBytes * numScales(shape),
    rowTiles: withRows ? codeBytes(numListed, paddedDim) : undefined,
    rows: withRows ? 4 * numListed : undefined,
  });
}

/** Bytes of workspace that `allocateIvf` takes. Where rows stay on disk, `withRows` is false. */
export function ivfBytes(shape: IvfShape, withRows: boolean): number {
  return ivfLayout(shape, withRows).bytes;
}

/** @param vectors address of the unit vectors by row, f32 [· × paddedDim], or 0 where they are not in memory */
export function allocateIvf(
  workspace: Workspace,
  shape: IvfShape,
  withRows: boolean,
  vectors: number,
): IvfIndex {
  const index = { ...shape, ...ivfLayout(shape, withRows).allocate(workspace) };
  writeIndexRecord(workspace, index, vectors);
  return index;
}

/** Writes what the kernels take for an index. @param vectors as for `allocateIvf` */
export function writeIndexRecord(workspace: Workspace, index: IvfIndex, vectors: number): void {
  const { record, regionTiles, centroidTiles, rowTiles, regionOffsets, offsets, scales, rows } = index;
  workspace.kernels.writeIndex(
    ...([record, index.paddedDim, index.numRegions, regionTiles, centroidTiles, rowTiles] as const),
    ...([regionOffsets, offsets, scales, rows, vectors] as const),
  );
}

/** How much a search reads. */
export interface Probes {
  /**
   * Regions are looked into from the nearest on, until one is further than the best list found by more than this: a
   * difference of cosines, from 0 on; `wholeGap` for all regions.
   */
  readonly gap: number;
  /** Lists. */
  readonly lists: number;
}

/** A gap that no two cosines have, codes of them included: every region is looked into. */
export const wholeGap = 4;

/** Bytes of scratch that the kernel `searchRows` takes. @param mostRows that so many lists can hold */
export function searchScratchBytes(
  { paddedDim, numRegions }: Pick<IvfShape, 'paddedDim' | 'numRegions'>,
  lists: number,
  k: number,
  mostRows: number,
): number {
  const sizes = [queryBytes(paddedDim), 8 * (numRegions + 7), 8 * lists, 8 * k, candidateBytes * mostRows];
  return sizes.reduce((sum, bytes) => sum + allocatedBytes(bytes), 0);
}

/** Bytes of a query as the kernels compare it with codes. */
export function queryBytes(paddedDim: number): number {
  return 2 * paddedDim + 16;
}

/** Rows in the `probes` largest lists. */
export function mostRowsIn(offsets: Uint32Array, probes: number): number {
  const sizes = Uint32Array.from({ length: offsets.length - 1 }, (_, l) => offsets[l + 1]! - offsets[l]!);
  return sizes
    .sort()
    .subarray(Math.max(0, sizes.length - probes))
    .reduce((sum, size) => sum + size, 0);
}
