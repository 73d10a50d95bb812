/**
 * Vectors on disk: an f32 .npy of [n × dim], read by offset straight into kernel memory.
 *
 * On disk a row is dim floats; in kernel memory it is `paddedDim` floats, a multiple of 8 as the kernels want it, the
 * rest zeros. Zeros change no inner product and no norm, so files need not carry them.
 */
import { damaged } from '../errors.js';
import { bytesOf, npyHeader, openNpy, type NpyFile } from '../files/npy.js';
import { paddedDim as paddedDimOf } from './factors.js';
import { KeptWorkspace } from './kept-workspace.js';
import type { Workspace } from './workspace.js';

/** Most bytes that are copied out of kernel memory at a time when a file is written. */
const chunkBytes = 2 ** 20;

/** Bytes of kernel memory that numRows vectors of dim floats take. */
export function vectorBytes(numRows: number, dim: number): number {
  return numRows * paddedDimOf(dim) * 4;
}

/** An open file of vectors. Rows are numbered from 0; an address is one of the workspace's memory. */
export interface VectorFile {
  readonly path: string;
  readonly numRows: number;
  /** Floats of a row in the file. */
  readonly dim: number;
  /** Floats of a row in kernel memory: dim rounded up to a multiple of 8. */
  readonly paddedDim: number;
  /** Rows from … to − 1 into consecutive rows at `address`: f32 [(to − from) × paddedDim]. One read, no memory beside. */
  readRangeInto(workspace: Workspace, address: number, from: number, to: number): void;
  /** The rows given, in that order, into consecutive rows at `address`. One read a row. */
  readRowsInto(workspace: Workspace, address: number, rows: ArrayLike<number>): void;
  /** All rows: f32 [numRows × paddedDim]. */
  readAllInto(workspace: Workspace, address: number): void;
  close(): void;
}

/** @throws AppError as `openNpy`: 'damaged-snapshot' for a file that is no f32 matrix of at least one column, … */
export function openVectorFile(path: string): VectorFile {
  return vectorFileOf(openNpy(path, { dtype: '<f4', shape: [undefined, undefined] }));
}

/** The vectors of a file that is open, f32 [n × dim], which it takes over. Errors as `openVectorFile`. */
export function vectorFileOf(file: NpyFile<'<f4'>): VectorFile {
  const { path, shape } = file;
  const [numRows = 0, dim = 0] = shape;
  if (dim === 0) {
    file.close();
    throw damaged(path, 'got vectors of no dimensions, wanted at least one');
  }
  const paddedDim = paddedDimOf(dim);

  const readRangeInto: VectorFile['readRangeInto'] = (workspace, address, from, to) => {
    if (from < 0 || from > to || to > numRows) {
      throw new RangeError(`rows ${from} to ${to} of ${numRows} in ${path}`);
    }
    const count = to - from;
    if (count === 0) return;
    // Rows are read to the end of their place, then moved to the front one by one: a row's new place ends before the
    // next row's old place begins, so nothing is overwritten that is still wanted.
    const gap = count * (paddedDim - dim) * 4;
    file.readInto(workspace.u8(address + gap, count * dim * 4), from * dim * 4);
    if (gap > 0) spreadRows(workspace.f32(address, count * paddedDim), count, dim, paddedDim);
  };

  return {
    path,
    numRows,
    dim,
    paddedDim,
    readRangeInto,
    readRowsInto(workspace, address, rows) {
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        readRangeInto(workspace, address + i * paddedDim * 4, row, row + 1);
      }
    },
    readAllInto(workspace, address) {
      readRangeInto(workspace, address, 0, numRows);
    },
    close: () => file.close(),
  };
}

/** Bytes that `keepingRows` takes at most; only those of rows that were read are ever touched. */
export const keptBytes = 2 ** 28;

/**
 * The same file, to be asked for the same rows again and again: a row that `readRowsInto` has read stays in memory, until
 * another takes its place where the file is larger than 256 MiB. Closing it closes the file.
 */
export function keepingRows(file: VectorFile): VectorFile {
  const { numRows, dim, paddedDim } = file;
  const places = Math.max(1, Math.min(numRows, Math.floor(keptBytes / vectorBytes(1, dim))));
  const kept = new Float32Array(places * paddedDim);
  /** By place the row that stands there, counted from 1; 0 for none. */
  const rowAt = new Uint32Array(places);
  return {
    ...file,
    readRowsInto(workspace, address, rows) {
      const values = workspace.f32(address, rows.length * paddedDim);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        const to = i * paddedDim;
        const place = row % places;
        const from = place * paddedDim;
        if (rowAt[place] === row + 1) values.set(kept.subarray(from, from + paddedDim), to);
        else {
          file.readRangeInto(workspace, address + 4 * to, row, row + 1);
          kept.set(values.subarray(to, to + paddedDim), from);
          rowAt[place] = row + 1;
        }
      }
    },
  };
}

/** These rows, or all: row i is `dim` floats from i · stride on, in `memory` until that is taken again. */
export function readVectorRows(
  file: VectorFile,
  rows?: ArrayLike<number>,
  memory = new KeptWorkspace(),
): { readonly values: Float32Array; readonly stride: number } {
  const numRows = rows?.length ?? file.numRows;
  const bytes = vectorBytes(numRows, file.dim);
  const workspace = memory.take(bytes + 64);
  const address = workspace.allocate(bytes);
  if (rows === undefined) file.readAllInto(workspace, address);
  else file.readRowsInto(workspace, address, rows);
  return { values: workspace.f32(address, numRows * file.paddedDim), stride: file.paddedDim };
}

/** From `count` rows of dim floats at the end of `values` to rows of paddedDim floats from its start, filled with zeros. */
function spreadRows(values: Float32Array, count: number, dim: number, paddedDim: number): void {
  let from = count * (paddedDim - dim);
  for (let row = 0, to = 0; row < count; row++, from += dim, to += paddedDim) {
    values.copyWithin(to, from, from + dim);
    values.fill(0, to + dim, to + paddedDim);
  }
}

/** Rows that are copied out of kernel memory at a time when a file is written. */
export function rowsOfChunk(dim: number): number {
  return Math.max(1, Math.floor(chunkBytes / (dim * 4)));
}

/**
 * A .npy file's bytes, piece by piece: the vectors at `address`, f32 [numRows × padded dim] in kernel memory, as f32
 * [numRows × dim]. Each piece is a copy that the next one overwrites; it takes at most about 1 MiB.
 */
export function* vectorFileChunks(
  workspace: Workspace,
  address: number,
  numRows: number,
  dim: number,
): Generator<Uint8Array> {
  yield npyHeader('<f4', [numRows, dim]);
  for (const batch of vectorBatches(workspace, address, numRows, dim)) yield bytesOf(batch);
}

/** The same without the header, as numbers: f32 [some rows × dim]. */
export function* vectorBatches(
  workspace: Workspace,
  address: number,
  numRows: number,
  dim: number,
): Generator<Float32Array> {
  const paddedDim = paddedDimOf(dim);
  const rowsAtOnce = rowsOfChunk(dim);
  const chunk = new Float32Array(Math.min(rowsAtOnce, numRows) * dim);
  for (let from = 0; from < numRows; from += rowsAtOnce) {
    const count = Math.min(rowsAtOnce, numRows - from);
    const rows = workspace.f32(address + from * paddedDim * 4, count * paddedDim);
    if (dim === paddedDim) chunk.set(rows);
    else
      for (let r = 0; r < count; r++) chunk.set(rows.subarray(r * paddedDim, r * paddedDim + dim), r * dim);
    yield chunk.subarray(0, count * dim);
  }
}
