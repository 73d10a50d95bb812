import { createHash } from 'node:crypto';
import { maxLength, type Factors } from '../compute/factors.js';
import type { Workspace } from '../compute/workspace.js';
import type { StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import { breachOfId } from '../events/event-rules.js';
import { rowFinder } from '../tables/row-finder.js';
import { bytesOf } from '../files/npy.js';
import { badFile, type BesideVectors, type VectorRows } from './vector-rows.js';

export interface LoadedVectors {
  readonly beside: BesideVectors;
  /** Of the vectors as f32 [rows × dim], little-endian. */
  readonly sha256: string;
  /** Rows that are all zeros: they have no direction, and no neighbours. */
  readonly zeroRows: number;
}

/**
 * Reads all vectors into kernel memory: f32 as they are, to the bit; f64 rounded to f32. `place` has room for them, and is
 * zeros. AppError 'bad-input-file' for a number that is not finite, or is none as f32, and for a vector longer than `maxLength`.
 */
export async function loadVectors(
  rows: VectorRows,
  workspace: Workspace,
  place: Factors,
  onRows: (done: number) => void,
): Promise<LoadedVectors> {
  const { path, dim, isDouble } = rows;
  const hash = createHash('sha256');
  let zeroRows = 0;
  const beside = await rows.read((from, values) => {
    const floats = values instanceof Float32Array ? values : Float32Array.from(values);
    const count = floats.length / dim;
    hash.update(bytesOf(floats));
    const target = workspace.f32(place.address + from * place.dim * 4, count * place.dim);
    for (let row = 0; row < count; row++) {
      const vector = floats.subarray(row * dim, (row + 1) * dim);
      const squared = squaredLength(vector);
      if (squared === 0) zeroRows++;
      if (squared > maxLength * maxLength && squared < Infinity) throw tooLong(path, from + row, squared);
      target.set(vector, row * place.dim);
    }
    if (workspace.kernels.allFinite(target.byteOffset, target.length) === 0) {
      throw notFinite(path, from, values, dim, isDouble);
    }
    onRows(from + count);
  });
  return { beside, sha256: hash.digest('hex'), zeroRows };
}

/** In f64, where the square of no f32 number but 0 is 0. */
function squaredLength(vector: Float32Array): number {
  let sum = 0;
  for (let f = 0; f < vector.length; f++) sum += vector[f]! * vector[f]!;
  return sum;
}

function tooLong(path: string, row: number, squared: number): AppError {
  const length = Math.sqrt(squared).toPrecision(3);
  return badFile(
    path,
    `has a vector of length ${length} in row ${String(row + 1)}: ${maxLength.toExponential()} is the limit, since products of longer vectors overflow float32`,
    ['divide all vectors, of items and users, by the same number: the ranking stays the same'],
  );
}

function notFinite(
  path: string,
  from: number,
  values: Float32Array | Float64Array,
  dim: number,
  isDouble: boolean,
): AppError {
  const at = values.findIndex((value) => !Number.isFinite(Math.fround(value)));
  const where = `row ${String(from + Math.floor(at / dim) + 1)}, dimension ${String((at % dim) + 1)}`;
  const value = values[at] ?? Number.NaN;
  return Number.isFinite(value) && isDouble
    ? badFile(path, `holds ${String(value)} in ${where}: more than a float32 can`)
    : badFile(path, `holds ${String(value)} in ${where}; finite numbers are wanted`);
}

/** AppErrors 'bad-input-file' and 'bad-row': too many or too few ids, one that is none, or one that stands there twice. */
export function requireIds(path: string, ids: StringColumn, numRows: number, vectors: string): void {
  if (ids.length !== numRows) {
    throw badFile(path, `has ${String(ids.length)} ids, and ${vectors} ${String(numRows)} vectors`);
  }
  const rowOf = rowFinder(ids);
  for (let row = 0; row < numRows; row++) {
    const id = ids.at(row);
    const breach = breachOfId(id);
    if (breach !== undefined) throw badRow(path, `row ${String(row + 1)}: the id ${breach.problem}`, [row]);
    const first = rowOf(ids, row) ?? row;
    if (first !== row) {
      const rows = `rows ${String(first + 1)} and ${String(row + 1)}`;
      throw badRow(path, `${rows} both have the id ${JSON.stringify(id)}`, [first, row]);
    }
  }
}

function badRow(path: string, problem: string, rows: readonly number[]): AppError {
  return new AppError('bad-row', `${path} ${problem}`, {
    details: { file: path, rows: rows.map((row) => row + 1) },
  });
}
