/**
 * .npy files that NumPy wrote: versions 1 to 3, either byte order, C or Fortran order
 * (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html). The header is a Python literal and is matched, never
 * evaluated; arrays of Python objects, which are pickles, are refused.
 */
import { setImmediate } from 'node:timers/promises';
import { handingOn } from '../closers.js';
import { abortError } from '../errors.js';
import { bytesOf } from '../files/npy.js';
import { readFully } from '../files/read-fully.js';
import { badFile, openForeignFile, requireSizes, type VectorRows } from './vector-rows.js';

export interface ForeignArray {
  readonly path: string;
  /** Kind and size, such as f4, i8 or U12, without the byte order. */
  readonly dtype: string;
  readonly itemBytes: number;
  readonly bigEndian: boolean;
  readonly fortran: boolean;
  readonly shape: readonly number[];
  /** Fills `target` from this byte of the data on. */
  readInto(target: Uint8Array, byteOffset: number): void;
  close(): void;
}

const magic = Buffer.from('\x93NUMPY', 'latin1');
/** A header of a plain array has some hundred bytes. */
const mostHeaderBytes = 1 << 16;

/** Where an array stands in a file that holds several. */
export interface FilePart {
  readonly offset: number;
  readonly bytes: number;
}

/** AppError 'bad-input-file' for what is no whole .npy file of a plain array. */
export function openForeignArray(path: string, part?: FilePart): ForeignArray {
  return handingOn(openForeignFile(path), ({ fd, size, close }) => {
    const header = readHeader(path, fd, part ?? { offset: 0, bytes: size });
    return {
      ...header,
      readInto(target, byteOffset) {
        const got = readFully(fd, target, header.dataOffset + byteOffset);
        if (got < target.length) throw badFile(path, 'was truncated while it was being read');
      },
      close,
    };
  });
}

function readHeader(
  path: string,
  fd: number,
  { offset, bytes: size }: FilePart,
): Omit<ForeignArray, 'readInto' | 'close'> & { readonly dataOffset: number } {
  const start = Buffer.alloc(12);
  const got = readFully(fd, start, offset);
  if (got < 10 || !start.subarray(0, magic.length).equals(magic)) {
    const isZip = start.subarray(0, 4).equals(Buffer.from('PK\x03\x04', 'latin1'));
    throw badFile(
      path,
      isZip
        ? 'is an .npz archive of arrays, under a name that ends in .npy'
        : 'does not begin like a .npy file',
      isZip ? ['name it .npz, or save the array alone: numpy.save("vectors.npy", archive["…"])'] : [],
    );
  }
  const version = start[6] ?? 0;
  if (version < 1 || version > 3) throw badFile(path, `is .npy version ${String(version)}; 1 to 3 are known`);
  const [textOffset, textBytes] = version === 1 ? [10, start.readUInt16LE(8)] : [12, start.readUInt32LE(8)];
  if (textBytes > mostHeaderBytes || textOffset + textBytes > size) {
    throw badFile(
      path,
      `has a header of ${String(textBytes)} bytes in ${String(size)}: it is truncated or damaged`,
    );
  }
  const raw = Buffer.alloc(textBytes);
  readFully(fd, raw, offset + textOffset);
  const text = raw.toString(version === 3 ? 'utf8' : 'latin1').trim();
  const descr = /'descr': *'([<>=|]?)([a-zA-Z]\d*)'/.exec(text);
  const order = /'fortran_order': *(True|False)/.exec(text);
  const axes = /'shape': *\(([\d, ]*)\)/.exec(text);
  if (/'descr': *'\|?O/.test(text)) {
    throw badFile(path, 'holds Python objects (pickles), which are never read', [
      'save numbers: numpy.save(file, numpy.asarray(vectors, dtype="float32")); ids as numpy.asarray(ids, dtype=str)',
    ]);
  }
  if (descr === null || order === null || axes === null) {
    throw badFile(
      path,
      `has the header ${JSON.stringify(text.slice(0, 120))}, which is not one of a plain array`,
    );
  }
  const dtype = descr[2] ?? '';
  const unit = dtype.startsWith('U') ? 4 : 1;
  const itemBytes = unit * Number(dtype.slice(1));
  const shape = (axes[1] ?? '')
    .split(',')
    .map((axis) => axis.trim())
    .filter((axis) => axis !== '')
    .map(Number);
  const dataOffset = offset + textOffset + textBytes;
  const wanted = textOffset + textBytes + shape.reduce((product, axis) => product * axis, itemBytes);
  if (wanted !== size) {
    throw badFile(
      path,
      `has ${String(size)} bytes; ${String(wanted)} are wanted for the shape (${shape.join(', ')}) of ${dtype}: it is truncated or damaged`,
    );
  }
  const bigEndian = descr[1] === '>' && itemBytes > 1;
  return { path, dtype, itemBytes, bigEndian, fortran: order[1] === 'True', shape, dataOffset };
}

/** Bytes of a block, about. */
const blockBytes = 4 << 20;

/** A matrix of float32 or float64 [rows × dim]. AppError 'bad-input-file' for any other array. */
export function openForeignMatrix(path: string, signal: AbortSignal, part?: FilePart): VectorRows {
  const file = openForeignArray(path, part);
  const { dtype, shape, itemBytes, bigEndian, fortran } = file;
  const [numRows = 0, dim = 0] = shape;
  try {
    if (dtype !== 'f4' && dtype !== 'f8') {
      throw badFile(path, `holds ${dtype}; float32 or float64 is wanted`, [
        'numpy.save(file, vectors.astype("float32"))',
      ]);
    }
    if (shape.length !== 2) {
      throw badFile(path, `has the shape (${shape.join(', ')}); a matrix of rows × dimensions is wanted`);
    }
    requireSizes(path, numRows, dim);
  } catch (error) {
    file.close();
    throw error;
  }
  const rowsAtOnce = Math.max(1, Math.floor(blockBytes / (itemBytes * dim)));
  return {
    ...{ path, numRows, dim, isDouble: dtype === 'f8' },
    async read(each) {
      const most = Math.min(rowsAtOnce, numRows) * dim;
      const values = dtype === 'f8' ? new Float64Array(most) : new Float32Array(most);
      const column = fortran ? values.slice(0, most / dim) : undefined;
      for (let from = 0; from < numRows; from += rowsAtOnce) {
        await setImmediate();
        if (signal.aborted) throw abortError(signal);
        const count = Math.min(rowsAtOnce, numRows - from);
        const block = values.subarray(0, count * dim);
        if (column === undefined) file.readInto(bytesOf(block), from * dim * itemBytes);
        for (let f = 0; column !== undefined && f < dim; f++) {
          const part = column.subarray(0, count);
          file.readInto(bytesOf(part), (f * numRows + from) * itemBytes);
          // Bytes in the wrong order may look like a signalling NaN, whose bits do not survive being copied as a number.
          if (bigEndian) swap(bytesOf(part), itemBytes);
          for (let row = 0; row < count; row++) block[row * dim + f] = part[row] ?? 0;
        }
        if (bigEndian && column === undefined) swap(bytesOf(block), itemBytes);
        each(from, block);
      }
      return { columns: [] };
    },
    close: () => {
      file.close();
    },
  };
}

export function swap(bytes: Uint8Array, itemBytes: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (itemBytes === 4) buffer.swap32();
  else if (itemBytes === 8) buffer.swap64();
  else if (itemBytes === 2) buffer.swap16();
}
