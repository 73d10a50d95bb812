/**
 * A checkpoint's bytes: what training goes on from after an epoch.
 *
 *   8 bytes   "SEGUECP1" in ASCII
 *   u32       length of the head, little-endian
 *   head      JSON: training, epoch, progress, arrays [[name, bytes] …]
 *   arrays    end to end, as they stand in memory
 *
 * The sha256 of it all is in the file's name (layout.ts), so that one rename makes it valid. It is read by the machine
 * that wrote it, or one like it, and by no other version of the algorithm: the id of the training says so.
 */
import { closeSync, fstatSync } from 'node:fs';
import { AppError, machineError } from '../errors.js';
import { readFully } from '../files/read-fully.js';
import { openRegularFile } from '../files/safe-open.js';
import { canonicalJson, type JsonValue } from '../snapshot/canonical-json.js';

const magic = Buffer.from('SEGUECP1', 'latin1');
const preambleBytes = 12;
/** Reports of 10,000 epochs take a tenth of it. */
const maxHeadBytes = 64 << 20;

export interface CheckpointContent {
  /** Of the training that it belongs to. */
  readonly training: string;
  readonly epoch: number;
  /** What its maker knows beside the arrays. */
  readonly progress: JsonValue;
  readonly arrays: ReadonlyMap<string, Uint8Array>;
}

/** The file, piece by piece. */
export function* checkpointChunks(content: CheckpointContent): Generator<Uint8Array> {
  const { training, epoch, progress, arrays } = content;
  const sizes = [...arrays].map(([name, { length }]) => [name, length]);
  const head = Buffer.from(canonicalJson({ training, epoch, progress, arrays: sizes }), 'utf8');
  const preamble = Buffer.alloc(preambleBytes);
  magic.copy(preamble);
  preamble.writeUInt32LE(head.length, magic.length);
  yield preamble;
  yield head;
  yield* arrays.values();
}

/** Bytes of the file without its head, of which there are few. */
export function checkpointBytes(arrays: ReadonlyMap<string, Uint8Array>): number {
  return [...arrays.values()].reduce((sum, { length }) => sum + length, 0);
}

export interface OpenCheckpoint {
  readonly training: string;
  readonly epoch: number;
  readonly progress: JsonValue;
  /** Bytes of each array. */
  readonly sizes: ReadonlyMap<string, number>;
  /** @param target of the array's size */
  readInto(name: string, target: Uint8Array): void;
  close(): void;
}

/** Opens a file whose sha256 has been checked. AppError 'damaged-snapshot' where it is no checkpoint all the same. */
export function openCheckpoint(path: string): OpenCheckpoint {
  let fd: number;
  try {
    fd = openRegularFile(path);
  } catch (error) {
    throw error instanceof AppError ? noCheckpoint(path, error.message) : machineError(error, `open ${path}`);
  }
  try {
    const { size } = fstatSync(fd);
    const { head, dataOffset } = readHead(path, fd, size);
    const places = new Map<string, { offset: number; bytes: number }>();
    let offset = dataOffset;
    for (const [name, bytes] of head.arrays) {
      places.set(name, { offset, bytes });
      offset += bytes;
    }
    if (size !== offset) throw noCheckpoint(path, 'its length is not the one in its header');
    return {
      training: head.training,
      epoch: head.epoch,
      progress: head.progress,
      sizes: new Map([...places].map(([name, { bytes }]) => [name, bytes])),
      readInto(name, target) {
        const place = places.get(name);
        if (place?.bytes !== target.length) throw new RangeError(`${name}: ${target.length} bytes asked for`);
        if (readFully(fd, target, place.offset) < target.length)
          throw noCheckpoint(path, `${name} is cut off`);
      },
      close: () => closeSync(fd),
    };
  } catch (error) {
    closeSync(fd);
    throw machineError(error, `read ${path}`);
  }
}

interface Head {
  readonly training: string;
  readonly epoch: number;
  readonly progress: JsonValue;
  readonly arrays: readonly (readonly [name: string, bytes: number])[];
}

function readHead(path: string, fd: number, size: number): { head: Head; dataOffset: number } {
  const preamble = Buffer.alloc(preambleBytes);
  const got = readFully(fd, preamble, 0);
  if (got < preambleBytes || !preamble.subarray(0, magic.length).equals(magic))
    throw noCheckpoint(path, 'it does not begin like one');
  const length = preamble.readUInt32LE(magic.length);
  if (length > maxHeadBytes) throw noCheckpoint(path, `its header has ${length} bytes`);
  if (preambleBytes + length > size) throw noCheckpoint(path, 'its header is cut off');
  const text = Buffer.alloc(length);
  if (readFully(fd, text, preambleBytes) < length) throw noCheckpoint(path, 'its header is cut off');
  let head: unknown;
  try {
    head = JSON.parse(text.toString('utf8'));
  } catch {
    throw noCheckpoint(path, 'its header is not JSON');
  }
  if (!isHead(head)) throw noCheckpoint(path, 'its header is not that of a checkpoint');
  return { head, dataOffset: preambleBytes + length };
}

function isHead(value: unknown): value is Head {
  if (typeof value !== 'object' || value === null) return false;
  const { training, epoch, progress, arrays } = value as Partial<Record<keyof Head, unknown>>;
  return (
    typeof training === 'string' &&
    Number.isSafeInteger(epoch) &&
    progress !== undefined &&
    Array.isArray(arrays) &&
    arrays.every(isArrayEntry)
  );
}

function isArrayEntry(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const [name, bytes] = value as unknown[];
  return typeof name === 'string' && Number.isSafeInteger(bytes) && Number(bytes) >= 0;
}

function noCheckpoint(path: string, why: string): AppError {
  return new AppError('damaged-snapshot', `${path} is not a checkpoint: ${why}`, { details: { file: path } });
}
