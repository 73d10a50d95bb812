/**
 * NumPy's .npy files, format version 1.0, little-endian, C order: the header, and reading by offset.
 *
 * The header is padded so that the data starts at a multiple of 64 bytes: `numpy.load(path, mmap_mode='r')` maps it
 * aligned, and rows can be read straight into kernel memory. Layout: magic, version, u16 header length, then a
 * Python literal such as `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`, spaces, and a line feed.
 */
import { closeSync, fstatSync } from 'node:fs';
import { closing } from '../closers.js';
import { AppError, damaged, errnoOf, machineError, orMachineError } from '../errors.js';
import { readFully } from './read-fully.js';
import { openRegularFile } from './safe-open.js';

const dtypes = {
  '<f4': { itemBytes: 4, array: Float32Array },
  '<f8': { itemBytes: 8, array: Float64Array },
  '<u4': { itemBytes: 4, array: Uint32Array },
  '<i8': { itemBytes: 8, array: BigInt64Array },
  '|u1': { itemBytes: 1, array: Uint8Array },
  '|i1': { itemBytes: 1, array: Int8Array },
  /** Milliseconds since 1970 UTC; the smallest int64 is NumPy's "not a time". */
  '<M8[ms]': { itemBytes: 8, array: BigInt64Array },
} as const;

export type NpyDtype = keyof typeof dtypes;
/** The typed array that holds a dtype's values. */
export type NpyArray<D extends NpyDtype> = InstanceType<(typeof dtypes)[D]['array']>;

/** What a reader relies on: the dtype, and the length of each axis (undefined: any). */
export interface WantedNpy<D extends NpyDtype = NpyDtype> {
  readonly dtype: D;
  readonly shape: readonly (number | undefined)[];
}

export interface NpyFile<D extends NpyDtype = NpyDtype> {
  readonly path: string;
  readonly dtype: D;
  readonly shape: readonly number[];
  /** Bytes of data: the product of the shape × the bytes of an item. */
  readonly dataBytes: number;
  /** Fills `target` with the data from `byteOffset` (counted from the start of the data) on. */
  readInto(target: Uint8Array, byteOffset: number): void;
  close(): void;
}

export function itemBytesOf(dtype: NpyDtype): number {
  return dtypes[dtype].itemBytes;
}

/** The bytes that an array's values are in, not a copy. */
export function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** No view has more than 2^32 elements, and no call of the system takes 2^31 bytes. */
const pieceBytes = 2 ** 28;

/** The same in pieces, of an array of any size. */
export function* piecesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Generator<Uint8Array> {
  for (let at = 0; at < byteLength; at += pieceBytes)
    yield new Uint8Array(buffer, byteOffset + at, Math.min(pieceBytes, byteLength - at));
}

const alignment = 64;
const preambleBytes = 10;
const magic = Buffer.from('\x93NUMPY', 'latin1');
/** Exactly what NumPy and `npyHeader` write: nothing is evaluated, nothing else is accepted. */
const headerGrammar =
  /^\{'descr': '([^'\\]{2,16})', 'fortran_order': (False|True), 'shape': \(((?:\d+,)?|\d+(?:, \d+)+)\), \} *\n$/;

/** The header of a file that holds `shape` items of `dtype`: its length is a multiple of 64. */
export function npyHeader(dtype: NpyDtype | `<U${number}`, shape: readonly number[]): Uint8Array {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const text = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${axes}), }`;
  const totalBytes = Math.ceil((preambleBytes + text.length + 1) / alignment) * alignment;
  const header = Buffer.alloc(totalBytes, ' ');
  magic.copy(header, 0);
  header.writeUInt16LE(1, 6); // bytes 6 and 7: version 1, 0
  header.writeUInt16LE(totalBytes - preambleBytes, 8);
  header.write(text, preambleBytes, 'latin1');
  header.write('\n', totalBytes - 1);
  return header;
}

/**
 * Opens a .npy file for reading by offset, after checking that it is whole: kind of file, magic, version, header, and
 * that shape × item size is exactly what follows the header.
 *
 * @throws AppError 'damaged-snapshot' for a file that is missing, is no regular file (a symlink, a pipe), or is not
 *   what the header or `wanted` says; 'permission-denied' and 'io-error' for what the machine refuses
 */
export function openNpy<D extends NpyDtype = NpyDtype>(path: string, wanted?: WantedNpy<D>): NpyFile<D> {
  const fd = openFile(path);
  try {
    const header = readHeader(path, fd);
    if (wanted !== undefined) checkWanted(path, header, wanted);
    return npyFile(path, fd, header, header.dtype as D);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** A whole file in a typed array of its own. Errors as `openNpy`; 'too-large' where memory does not suffice. */
export function readNpy<D extends NpyDtype>(
  path: string,
  wanted: WantedNpy<D>,
): { readonly shape: readonly number[]; readonly data: NpyArray<D> } {
  return closing(openNpy(path, wanted), (file) => {
    const data = allocate(path, file.dtype, file.dataBytes);
    let at = 0;
    for (const piece of piecesOf(data)) {
      file.readInto(piece, at);
      at += piece.length;
    }
    return { shape: file.shape, data };
  });
}

interface Header {
  readonly dtype: NpyDtype;
  readonly shape: readonly number[];
  readonly dataOffset: number;
  readonly dataBytes: number;
}

function npyFile<D extends NpyDtype>(path: string, fd: number, header: Header, dtype: D): NpyFile<D> {
  const { shape, dataOffset, dataBytes } = header;
  let isOpen = true;
  return {
    path,
    dtype,
    shape,
    dataBytes,
    readInto(target, byteOffset) {
      const end = byteOffset + target.length;
      if (byteOffset < 0 || end > dataBytes) {
        throw new RangeError(`bytes ${byteOffset} to ${end} of ${dataBytes} in ${path}`);
      }
      readExactly(path, fd, target, dataOffset + byteOffset);
    },
    close() {
      // Closing twice is harmless: the number of a closed descriptor may belong to another file by then.
      if (!isOpen) return;
      isOpen = false;
      closeSync(fd);
    },
  };
}

function openFile(path: string): number {
  try {
    return openRegularFile(path);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') throw damaged(path, 'the file is missing');
    if (error instanceof AppError) {
      throw new AppError('damaged-snapshot', error.message, { details: { file: path } });
    }
    throw machineError(error, `open ${path}`);
  }
}

function readHeader(path: string, fd: number): Header {
  const { size } = fstatSync(fd);
  if (size < preambleBytes) {
    throw damaged(path, `got ${size} bytes, wanted a .npy file of at least ${alignment}`);
  }
  const preamble = Buffer.alloc(preambleBytes);
  readExactly(path, fd, preamble, 0);
  if (!preamble.subarray(0, magic.length).equals(magic)) {
    throw damaged(path, `starts with ${preamble.toString('hex', 0, magic.length)}, wanted the magic of .npy`);
  }
  if (preamble.readUInt16LE(6) !== 1) {
    throw damaged(path, `is .npy version ${preamble[6]}.${preamble[7]}, wanted 1.0`);
  }
  const headerBytes = preamble.readUInt16LE(8);
  const dataOffset = preambleBytes + headerBytes;
  if (size < dataOffset) {
    throw damaged(path, `got ${size} bytes, wanted a header of ${dataOffset}`);
  }
  const text = Buffer.alloc(headerBytes);
  readExactly(path, fd, text, preambleBytes);
  const header = parseHeader(path, text.toString('latin1'), dataOffset);
  if (dataOffset + header.dataBytes !== size) {
    throw damaged(
      path,
      `got ${size} bytes, wanted ${dataOffset + header.dataBytes} ` +
        `for shape (${header.shape.join(', ')}) of ${header.dtype}`,
    );
  }
  return header;
}

function parseHeader(path: string, text: string, dataOffset: number): Header {
  const match = headerGrammar.exec(text);
  const dtype = match?.[1] ?? '';
  if (match === null || !isDtype(dtype) || match[2] !== 'False' || dataOffset % alignment !== 0) {
    throw damaged(
      path,
      `has the header ${JSON.stringify(text.trimEnd().slice(0, 120))}, wanted ` +
        `${npyHeaderExample} with a dtype of ${Object.keys(dtypes).join(', ')} and data at a multiple of 64`,
    );
  }
  const shape = (match[3] ?? '')
    .split(',')
    .filter((axis) => axis !== '')
    .map(Number);
  const dataBytes = shape.reduce((product, axis) => product * axis, dtypes[dtype].itemBytes);
  if (!Number.isSafeInteger(dataBytes)) {
    throw damaged(path, `has the shape (${shape.join(', ')}), more than a file holds`);
  }
  return { dtype, shape, dataOffset, dataBytes };
}

const npyHeaderExample = "{'descr': '<f4', 'fortran_order': False, 'shape': (rows, columns), }";

function isDtype(text: string): text is NpyDtype {
  return Object.hasOwn(dtypes, text);
}

function checkWanted(path: string, got: Header, wanted: WantedNpy): void {
  const sameShape =
    got.shape.length === wanted.shape.length &&
    wanted.shape.every((axis, index) => axis === undefined || axis === got.shape[index]);
  if (got.dtype === wanted.dtype && sameShape) return;
  const axes = wanted.shape.map((axis) => axis ?? 'any').join(', ');
  throw damaged(
    path,
    `holds ${got.dtype} of shape (${got.shape.join(', ')}), wanted ${wanted.dtype} of shape (${axes})`,
  );
}

function readExactly(path: string, fd: number, target: Uint8Array, position: number): void {
  const got = orMachineError(`read ${path}`, () => readFully(fd, target, position));
  if (got < target.length) throw damaged(path, `ends at byte ${position + got}: cut while it was read`);
}

function allocate<D extends NpyDtype>(path: string, dtype: D, bytes: number): NpyArray<D> {
  const { array, itemBytes } = dtypes[dtype];
  try {
    return new array(bytes / itemBytes) as NpyArray<D>;
  } catch (error) {
    throw new AppError('too-large', `${path} holds ${bytes} bytes, more than fits in one array here`, {
      cause: error,
    });
  }
}
