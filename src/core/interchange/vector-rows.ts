/** Vectors that another program made, as this one reads them: rows in the file's order, block by block. */
import { closeSync, fstatSync, openSync } from 'node:fs';
import type { ItemColumn, StringColumn } from '../contracts.js';
import { AppError, errnoOf, machineError } from '../errors.js';

export type VectorFormat = 'npy' | 'parquet' | 'arrow' | 'csv' | 'npz' | 'word2vec';

const endings: readonly (readonly [RegExp, VectorFormat])[] = [
  [/\.npy$/i, 'npy'],
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(arrow|feather|ipc)$/i, 'arrow'],
  [/\.csv$/i, 'csv'],
  [/\.npz$/i, 'npz'],
  [/\.(txt|vec|w2v|word2vec)$/i, 'word2vec'],
];

/** The format that the end of a file's name says, or undefined. */
export function formatOfName(path: string): VectorFormat | undefined {
  return endings.find(([ending]) => ending.test(path))?.[1];
}

/** What stands beside the vectors in their own file; empty where that is nothing. */
export interface BesideVectors {
  readonly ids?: StringColumn;
  /** [rows] of the column of counts. */
  readonly counts?: Uint32Array;
  /** Names and metadata. */
  readonly columns: readonly ItemColumn[];
}

/** Values of consecutive rows, end to end, that may be used again after the call. */
export type EachBlock = (from: number, values: Float32Array | Float64Array) => void;

export interface VectorRows {
  readonly path: string;
  readonly numRows: number;
  readonly dim: number;
  /** Whether the numbers are of 64 bits, and become f32. */
  readonly isDouble: boolean;
  /** All rows, in their order, each once. */
  read(each: EachBlock): Promise<BesideVectors>;
  close(): void;
}

/** Most dimensions of a vector, as of a training. */
const maxDim = 1024;

/** AppError 'bad-input-file' for sizes that no snapshot can have. */
export function requireSizes(path: string, numRows: number, dim: number): void {
  if (numRows === 0) throw badFile(path, 'holds no vectors');
  if (dim >= 1 && dim <= maxDim) return;
  throw badFile(path, `has vectors of ${String(dim)} dimensions; 1 to ${String(maxDim)} are wanted`);
}

export interface ForeignFile {
  readonly fd: number;
  readonly size: number;
  close(): void;
}

/** AppError 'bad-input-file' for what is not there, or is no regular file. */
export function openForeignFile(path: string): ForeignFile {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw badFile(path, 'does not exist');
    throw machineError(error, `open ${path}`);
  }
  const close = (): void => {
    closeSync(fd);
  };
  const stat = fstatSync(fd);
  if (stat.isFile()) return { fd, size: stat.size, close };
  close();
  throw badFile(path, 'is not a regular file');
}

export function badFile(path: string, problem: string, suggestions: readonly string[] = []): AppError {
  return new AppError('bad-input-file', `${path} ${problem}`, { suggestions, details: { file: path } });
}
