/** A vector from elsewhere: as `user-vector --json` prints it, as a bare JSON array, or as NumPy saves one. */
import { createReadStream } from 'node:fs';
import { addAbortSignal, type Readable } from 'node:stream';
import { maxLength } from '../compute/factors.js';
import { AppError, abortError, errnoOf, machineError } from '../errors.js';
import { shellWord } from '../shell-word.js';

export interface FreeVector {
  /** [dim], finite, not zero throughout, of length `maxLength` at most. */
  readonly values: Float32Array;
  /** What the file says that it belongs to; undefined where it does not say. */
  readonly basis: string | undefined;
  /** Whose it is; null for a new user, undefined where the file does not say. */
  readonly user: string | null | undefined;
}

export interface WantedVector {
  readonly dim: number;
  /** The basis that it has to be of, where it says one; and the snapshot that is asked, for the message. */
  readonly basis: string;
  readonly snapshot: string;
}

export interface VectorInput {
  readonly signal: AbortSignal;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
}

/** Many times what the most dimensions that a model has take as JSON. */
const maxBytes = 1 << 20;
const npyMagic = Buffer.from('\x93NUMPY', 'latin1');

/**
 * Reads and checks the vector in a file, or in standard input where `path` is `-`.
 *
 * @throws AppError 'bad-input-file' for what is missing or is no such vector: of another number of dimensions, with a
 *   number that is not finite as f32, zero, or longer than `maxLength`; 'other-basis' for one of another training
 */
export async function readFreeVector(
  path: string,
  wanted: WantedVector,
  input: VectorInput,
): Promise<FreeVector> {
  const name = path === '-' ? 'standard input' : path;
  const bytes = await readAll(path, name, input);
  const stated = bytes.subarray(0, npyMagic.length).equals(npyMagic)
    ? { numbers: npyNumbers(name, bytes), basis: undefined, user: undefined }
    : parseJson(name, bytes);
  if (stated.basis !== undefined && stated.basis !== wanted.basis)
    throw otherBasis(name, stated.basis, wanted);
  const { numbers, ...whose } = stated;
  if (numbers.length !== wanted.dim) {
    throw refused(
      name,
      `holds ${numbers.length} numbers; a vector of snapshot ${wanted.snapshot} has ${wanted.dim}`,
      { got: numbers.length, wanted: wanted.dim },
    );
  }
  const values = Float32Array.from(numbers);
  const bad = values.findIndex((x) => !Number.isFinite(x));
  if (bad >= 0) throw refused(name, `its number ${bad + 1} is ${numbers[bad]}, ${whyNoF32(numbers[bad]!)}`);
  if (values.every((x) => x === 0)) throw refused(name, 'it is a zero vector, which has no direction');
  const length = Math.sqrt(values.reduce((sum, x) => sum + x * x, 0));
  if (length > maxLength)
    throw refused(
      name,
      `its length is ${length.toPrecision(3)}; at most ${maxLength.toExponential()} is wanted`,
    );
  return { values, ...whose };
}

function whyNoF32(value: number): string {
  return Number.isFinite(value) ? 'more than a float32 can hold' : 'which is not a finite number';
}

function parseJson(
  name: string,
  bytes: Buffer,
): Pick<FreeVector, 'basis' | 'user'> & { readonly numbers: readonly number[] } {
  const text = bytes.toString('utf8').trim();
  if (text === '') throw refused(name, 'it is empty');
  const value = jsonOf(name, text);
  if (Array.isArray(value)) return { numbers: numbersOf(name, value), basis: undefined, user: undefined };
  if (typeof value !== 'object' || value === null) throw noVector(name);
  const { vector, basis, user, error } = value as Readonly<Record<string, unknown>>;
  if (typeof error === 'object' && error !== null && 'message' in error) {
    throw refused(name, `it is the error of another command: ${String(error.message).slice(0, 200)}`);
  }
  if (!Array.isArray(vector)) throw noVector(name);
  if (basis !== undefined && typeof basis !== 'string') throw refused(name, 'its basis is not an id');
  if (user !== undefined && user !== null && typeof user !== 'string')
    throw refused(name, 'its user is not an id');
  return { numbers: numbersOf(name, vector), basis, user };
}

function jsonOf(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    if (lines.length > 1 && lines.every((line) => line.trim().startsWith('{')))
      throw refused(name, `it holds ${lines.length} documents, one per line; a single one is wanted`);
    throw noVector(name);
  }
}

function numbersOf(name: string, values: readonly unknown[]): number[] {
  return values.map((value, at) => {
    if (typeof value === 'number') return value;
    throw refused(
      name,
      `its number ${at + 1} is ${JSON.stringify(value).slice(0, 40)}, which is not a number`,
    );
  });
}

/** A .npy file of f32 or f64, little-endian, of shape [dim] or [1 × dim]. */
function npyNumbers(name: string, bytes: Buffer): number[] {
  const lengthBytes = bytes[6] === 1 ? 2 : 4;
  const start = 8 + lengthBytes;
  const end = start + (bytes.length < start ? 0 : bytes.readUIntLE(8, lengthBytes));
  const header = bytes.toString('latin1', start, end);
  const [, dtype] = /'descr': *'([^']*)'/.exec(header) ?? [];
  const [, axes = ''] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  const shape = axes.split(',').filter((axis) => axis.trim() !== '');
  const isRow = shape.length === 1 || (shape.length === 2 && Number(shape[0]) === 1);
  const itemBytes = dtype === '<f4' ? 4 : dtype === '<f8' ? 8 : 0;
  const length = Number(shape.at(-1));
  if (itemBytes === 0 || !isRow || bytes.length !== end + length * itemBytes) {
    throw refused(
      name,
      `it is a .npy of ${dtype ?? 'no dtype'} and shape (${axes.trim()}); wanted <f4 or <f8, and one row`,
    );
  }
  return Array.from({ length }, (_, at) =>
    itemBytes === 4 ? bytes.readFloatLE(end + 4 * at) : bytes.readDoubleLE(end + 8 * at),
  );
}

async function readAll(path: string, name: string, { signal, stdin }: VectorInput): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    const stream = path === '-' ? (stdin ?? process.stdin) : createReadStream(path);
    addAbortSignal(signal, stream);
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk as Uint8Array);
      length += bytes.length;
      if (length > maxBytes) throw refused(name, `it has more than ${maxBytes} bytes`);
      chunks.push(bytes);
    }
  } catch (error) {
    if (signal.aborted) throw abortError(signal);
    if (error instanceof AppError) throw error;
    if (errnoOf(error) === 'ENOENT') throw refused(name, 'there is no such file', {}, error);
    if (errnoOf(error) === 'EISDIR') throw refused(name, 'it is a directory', {}, error);
    throw machineError(error, `read ${name}`);
  }
  return Buffer.concat(chunks);
}

function otherBasis(name: string, got: string, { basis, snapshot }: WantedVector): AppError {
  return new AppError(
    'other-basis',
    `\`vector\` ${name}: the vector has the basis ${got}, and snapshot ${snapshot} has ${basis}: they cannot be compared`,
    {
      suggestions: [
        `segue user-vector … --snapshot ${shellWord(snapshot)} computes it again`,
        `or use a snapshot of its own basis: \`snapshot\` ${shellWord(got)}`,
      ],
      details: { file: name, got, wanted: basis, snapshot },
    },
  );
}

function noVector(name: string): AppError {
  return refused(name, 'it is not a vector', {}, undefined, [
    'wanted the output of segue user-vector --json, a JSON array of numbers, or a .npy file of one row',
  ]);
}

function refused(
  name: string,
  what: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
  suggestions: readonly string[] = [],
): AppError {
  return new AppError('bad-input-file', `\`vector\` ${name}: ${what}`, {
    ...(cause === undefined ? {} : { cause }),
    details: { file: name, ...details },
    suggestions,
  });
}
