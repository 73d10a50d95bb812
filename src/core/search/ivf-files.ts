/** An inverted file on disk, encoding int8: written; opened, checked to fit together, read into a workspace. */
import { opening } from '../closers.js';
import { paddedDim as paddedDimOf } from '../compute/factors.js';
import type { Workspace } from '../compute/workspace.js';
import { damaged } from '../errors.js';
import { npyHeader, openNpy, readNpy, type NpyFile } from '../files/npy.js';
import { openVectorFile, type VectorFile } from '../compute/vector-file.js';
import { codeBytes, numScales, tileBytes, tilesOf, type IvfIndex, type IvfShape } from './ivf-index.js';

/** Paths of the files that hold an inverted file (see ivf-index.ts), and the vectors that it was built from. */
export interface IvfPaths {
  readonly vectors: string;
  readonly regions: string;
  readonly centroids: string;
  readonly lists: string;
  readonly scales: string;
  readonly regionOffsets: string;
  readonly offsets: string;
  readonly rows: string;
}

export interface IvfFiles {
  readonly vectors: VectorFile;
  readonly shape: IvfShape;
  /** [numLists + 1] */
  readonly offsets: Uint32Array;
  /** Fills what stands in memory for every query: all but rows and their tiles. */
  readHeadInto(workspace: Workspace, index: IvfIndex): void;
  /** The tiles that hold the positions from … to − 1, to `address`. */
  readTilesInto(workspace: Workspace, address: number, from: number, to: number): void;
  /** The rows at the positions from … to − 1, u32, to `address`. AppError where there is no such row. */
  readRowsInto(workspace: Workspace, address: number, from: number, to: number): void;
  close(): void;
}

/** Most bytes that are copied out of kernel memory at a time when a file is written. */
const chunkBytes = 2 ** 20;

/** The bytes of each file but the vectors', piece by piece; each piece is a copy that the next one overwrites. */
export function ivfFileChunks(
  workspace: Workspace,
  index: IvfIndex,
): Record<Exclude<keyof IvfPaths, 'vectors'>, Iterable<Uint8Array>> {
  const { numRegions, numLists, numListed, paddedDim } = index;
  const codes = (address: number, count: number): Iterable<Uint8Array> => {
    const header = npyHeader('|i1', [Math.ceil(count / 8), paddedDim / 2, 8, 2]);
    return chunksOf(workspace, header, address, codeBytes(count, paddedDim));
  };
  const numbers = (address: number, count: number): Iterable<Uint8Array> =>
    chunksOf(workspace, npyHeader('<u4', [count]), address, 4 * count);
  const scales = numScales(index);
  return {
    regions: codes(index.regionTiles, numRegions),
    centroids: codes(index.centroidTiles, numLists),
    lists: codes(index.rowTiles, numListed),
    scales: chunksOf(workspace, npyHeader('<f4', [scales, 2]), index.scales, 8 * scales),
    regionOffsets: numbers(index.regionOffsets, numRegions + 1),
    offsets: numbers(index.offsets, numLists + 1),
    rows: numbers(index.rows, numListed),
  };
}

function* chunksOf(
  workspace: Workspace,
  header: Uint8Array,
  address: number,
  bytes: number,
): Generator<Uint8Array> {
  yield header;
  const chunk = new Uint8Array(Math.min(chunkBytes, bytes));
  for (let from = 0; from < bytes; from += chunkBytes) {
    const count = Math.min(chunkBytes, bytes - from);
    chunk.set(workspace.u8(address + from, count));
    yield chunk.subarray(0, count);
  }
}

/** AppError 'damaged-snapshot' where the files do not fit together. */
export function openIvfFiles(paths: IvfPaths): IvfFiles {
  return opening((opened) => {
    const vectors = opened.keep(openVectorFile(paths.vectors));
    const paddedDim = paddedDimOf(vectors.dim);
    const regionOffsets = readOffsets(paths.regionOffsets);
    const offsets = readOffsets(paths.offsets);
    const rows = opened.keep(openNpy(paths.rows, { dtype: '<u4', shape: [undefined] }));
    const shape = {
      numRegions: regionOffsets.length - 1,
      numLists: offsets.length - 1,
      numListed: rows.shape[0] ?? 0,
      paddedDim,
    };
    checkOffsets(paths.regionOffsets, regionOffsets, shape.numLists, 'lists');
    checkOffsets(paths.offsets, offsets, shape.numListed, 'rows of the lists');
    const codes = (path: string, count: number): NpyFile<'|i1'> =>
      opened.keep(openNpy(path, { dtype: '|i1', shape: [Math.ceil(count / 8), paddedDim / 2, 8, 2] }));
    const regions = codes(paths.regions, shape.numRegions);
    const centroids = codes(paths.centroids, shape.numLists);
    const lists = codes(paths.lists, shape.numListed);
    const scales = opened.keep(openNpy(paths.scales, { dtype: '<f4', shape: [numScales(shape), 2] }));

    return {
      vectors,
      shape,
      offsets,
      readHeadInto(workspace, index) {
        regions.readInto(workspace.u8(index.regionTiles, codeBytes(shape.numRegions, paddedDim)), 0);
        centroids.readInto(workspace.u8(index.centroidTiles, codeBytes(shape.numLists, paddedDim)), 0);
        const scaleBytes = 8 * numScales(shape);
        scales.readInto(workspace.u8(index.scales, scaleBytes), 0);
        checkScales(paths.scales, workspace.f32(index.scales, scaleBytes / 4));
        workspace.u32(index.regionOffsets, regionOffsets.length).set(regionOffsets);
        workspace.u32(index.offsets, offsets.length).set(offsets);
      },
      readTilesInto(workspace, address, from, to) {
        const [first, end] = tilesOf(from, to);
        const bytes = tileBytes(paddedDim);
        lists.readInto(workspace.u8(address, (end - first) * bytes), first * bytes);
      },
      readRowsInto(workspace, address, from, to) {
        rows.readInto(workspace.u8(address, 4 * (to - from)), 4 * from);
        checkRows(paths.rows, workspace.u32(address, to - from), vectors.numRows);
      },
      close: () => opened.close(),
    };
  });
}

function readOffsets(path: string): Uint32Array {
  const { data } = readNpy(path, { dtype: '<u4', shape: [undefined] });
  if (data.length === 0) throw damaged(path, 'got no offsets, wanted at least one');
  return data;
}

function checkOffsets(path: string, offsets: Uint32Array, total: number, what: string): void {
  for (let at = 1; at < offsets.length; at++) {
    if (offsets[at]! < offsets[at - 1]!) throw damaged(path, `part ${at - 1} ends before it starts`);
  }
  if (offsets[0] !== 0 || offsets.at(-1) !== total) {
    throw damaged(path, `got parts from ${offsets[0]} to ${offsets.at(-1)}, wanted all ${total} ${what}`);
  }
}

function checkScales(path: string, scales: Float32Array): void {
  for (const value of scales) {
    if (!(value >= 0 && value < Infinity)) {
      throw damaged(path, `got ${value}, wanted a number from 0 on`);
    }
  }
}

function checkRows(path: string, rows: Uint32Array, numRows: number): void {
  for (const row of rows) {
    if (row >= numRows) throw damaged(path, `got row ${row}, wanted one below ${numRows}`);
  }
}
