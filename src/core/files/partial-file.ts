/**
 * A large file that is written block by block, and appears under its name complete or not at all. What was written of it
 * stays in `<name>.partial` when the writer ends early, however it ends, and whoever writes the same again goes on from
 * there. `<name>.partial.log` says what the partial holds: a first line with the key of what is written, then a line a
 * block with its length and CRC-32.
 *
 * Neither file is synced while they grow, so that writing costs what the bytes cost: what a power cut took from either is
 * found by the sums, and only the blocks before it count. The finished file is synced before it gets its name.
 */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { AppError, errnoOf, machineError, orMachineError } from '../errors.js';
import { fsyncDirectory, writeFully } from './durable-write.js';
import { closingFile } from './safe-open.js';
import { closeLockFile, lockFileMode } from './group-sharing.js';
import { tryLock, type Lock } from './kernel-lock.js';
import { putInPlace, requireFreeName } from './output-file.js';
import { readFully } from './read-fully.js';

/** What whoever writes a block wants to know of it at the end: numbers, and lists of them. */
export type BlockNote = Readonly<Record<string, number | readonly number[]>>;

export interface WrittenBlock {
  readonly bytes: number;
  readonly note: BlockNote;
}

export interface PartialFileOptions {
  /** Names everything that the bytes depend on: a partial of another key is thrown away. */
  readonly key: string;
  /** Replace what stands there; else that is an error, before anything is written and again at the end. */
  readonly force: boolean;
}

export interface PartialFile {
  /** Where the file will be. */
  readonly path: string;
  readonly partialPath: string;
  /** The blocks that an earlier writer left whole, in order. */
  readonly found: readonly WrittenBlock[];
  /** There was a partial of something else. */
  readonly startedOver: boolean;
  /** Appends a block. AppErrors of the machine; what was appended before stays. */
  append(chunks: Iterable<Uint8Array>, note: BlockNote): WrittenBlock;
  /**
   * Appends the end, makes all of it durable, and gives it its name. Returns its length in bytes. Where it could not be
   * made durable everything is discarded.
   */
  commit(chunks: Iterable<Uint8Array>): number;
  /** Removes what was written. */
  discard(): void;
  /** Lets go of it; what is neither committed nor discarded stays for the next writer. */
  close(): void;
}

const format = 'segue-partial';
const formatVersion = 1;
/** A log of a hundred thousand blocks has a tenth of it. */
const mostLogBytes = 256 << 20;
const checkedAtOnce = 4 << 20;

/**
 * @throws AppError 'bad-usage' for a place where no file can be, or where one is; 'busy' while another process writes it;
 *   the machine's errors: whatever is known to be in the way is in the way before the work
 */
export function openPartialFile(path: string, options: PartialFileOptions): PartialFile {
  requireFreeName(path, options);
  requireDirectory(path);
  const partialPath = `${path}.partial`;
  const lock = attempt(partialPath, () => lockPartial(partialPath));
  try {
    return new OpenPartial(path, partialPath, lock, options);
  } catch (error) {
    if (fstatSync(lock.fd).size === 0) rmSync(partialPath, { force: true });
    lock.release();
    throw machineError(error, `write ${partialPath}`);
  }
}

/** The key of what an earlier writer left of a file, undefined where there is nothing of ours. Whoever opens it may find another. */
export function keyOfPartial(path: string): string | undefined {
  const logPath = `${path}.partial.log`;
  if (lstatSync(logPath, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return closingFile(
    attempt(logPath, () => openSync(logPath, constants.O_RDONLY | constants.O_NOFOLLOW)),
    (fd) => {
      const { head } = readLog(fd);
      return head !== undefined && 'key' in head && typeof head.key === 'string' ? head.key : undefined;
    },
  );
}

class OpenPartial implements PartialFile {
  readonly path: string;
  readonly partialPath: string;
  readonly found: readonly WrittenBlock[];
  readonly startedOver: boolean;
  readonly #options: PartialFileOptions;
  readonly #lock: Lock;
  readonly #logPath: string;
  /** Both for appending. */
  readonly #fd: number;
  readonly #logFd: number;
  #bytes = 0;
  #logBytes = 0;

  constructor(path: string, partialPath: string, lock: Lock, options: PartialFileOptions) {
    const { key } = options;
    this.#options = options;
    this.path = path;
    this.partialPath = partialPath;
    this.#lock = lock;
    this.#logPath = `${partialPath}.log`;
    const first = logLine({ format, formatVersion, key });
    this.#logFd = openForWriting(this.#logPath);
    this.#fd = openForWriting(partialPath);
    let isNew = fstatSync(this.#logFd).size === 0;
    try {
      const { head, blocks } = readLog(this.#logFd);
      const size = fstatSync(lock.fd).size;
      if (head === undefined && (size > 0 || fstatSync(this.#logFd).size > 0)) throw notOurs(partialPath);
      const isSame = head !== undefined && logLine(head) === first;
      this.startedOver = head !== undefined && !isSame && size > 0;
      this.found = isSame ? this.#wholeBlocks(blocks, size) : [];
      this.#bytes = this.found.reduce((sum, block) => sum + block.bytes, 0);
      ftruncateSync(lock.fd, this.#bytes);
      const lines = [first, ...blocks.slice(0, this.found.length).map(logLine)];
      this.#logBytes = Buffer.byteLength(lines.join(''));
      ftruncateSync(this.#logFd, isSame ? this.#logBytes : 0);
      if (isSame) return;
      isNew = true;
      this.#logBytes = 0;
      this.#log(first);
      // A partial without its log belongs to nobody: the log is there first, whatever happens.
      fsyncSync(this.#logFd);
      fsyncDirectory(dirname(path));
    } catch (error) {
      if (isNew) rmSync(this.#logPath, { force: true });
      closeSync(this.#logFd);
      closeSync(this.#fd);
      throw error;
    }
  }

  append(chunks: Iterable<Uint8Array>, note: BlockNote): WrittenBlock {
    return attempt(this.partialPath, () => {
      const { bytes, crc } = this.#write(chunks);
      this.#log(logLine({ bytes, crc, note }));
      this.#bytes += bytes;
      return { bytes, note };
    });
  }

  commit(chunks: Iterable<Uint8Array>): number {
    return attempt(this.path, () => {
      this.#bytes += this.#write(chunks).bytes;
      // Until now it was a lock too, which is not for everyone to open.
      fchmodSync(this.#fd, fstatSync(this.#logFd).mode & 0o777);
      this.#sync();
      requireFreeName(this.path, this.#options);
      const isMoved = putInPlace(this.partialPath, this.path, this.#options);
      fsyncDirectory(dirname(this.path));
      if (!isMoved) unlinkSync(this.partialPath);
      unlinkSync(this.#logPath);
      return this.#bytes;
    });
  }

  discard(): void {
    for (const path of [this.partialPath, this.#logPath]) rmSync(path, { force: true });
  }

  close(): void {
    closeSync(this.#fd);
    closeSync(this.#logFd);
    this.#lock.release();
  }

  /** After an fsync that failed what is read back proves nothing of the disk: all of it has to be written anew. */
  #sync(): void {
    try {
      fsyncSync(this.#fd);
    } catch (error) {
      this.discard();
      throw error;
    }
  }

  #write(chunks: Iterable<Uint8Array>): { readonly bytes: number; readonly crc: number } {
    let bytes = 0;
    let crc = 0;
    for (const chunk of chunks) {
      writeFully(this.#fd, chunk);
      crc = crc32(chunk, crc);
      bytes += chunk.length;
    }
    requireSize(this.#fd, this.partialPath, this.#bytes + bytes);
    return { bytes, crc };
  }

  #log(line: string): void {
    const bytes = Buffer.from(line);
    writeFully(this.#logFd, bytes);
    this.#logBytes += bytes.length;
    requireSize(this.#logFd, this.#logPath, this.#logBytes);
  }

  /** The blocks from the first on whose bytes are there as they were written. */
  #wholeBlocks(blocks: readonly LoggedBlock[], size: number): WrittenBlock[] {
    const whole: WrittenBlock[] = [];
    const buffer = Buffer.allocUnsafe(checkedAtOnce);
    let start = 0;
    for (const { bytes, crc, note } of blocks) {
      if (start + bytes > size || sumOf(this.#lock.fd, start, bytes, buffer) !== crc) break;
      whole.push({ bytes, note });
      start += bytes;
    }
    return whole;
  }
}

interface LoggedBlock extends WrittenBlock {
  readonly crc: number;
}

function requireDirectory(path: string): void {
  const directory = dirname(path);
  if (attempt(path, () => statSync(directory, { throwIfNoEntry: false }))?.isDirectory() === true) return;
  throw new AppError('bad-usage', `${path}: there is no directory ${directory}`, {
    suggestions: ['make it first, or name a file in another directory'],
    details: { file: path },
  });
}

/** The lock is on the partial itself, which is made where it is missing. */
function lockPartial(path: string): Lock {
  for (;;) {
    closeSync(openForWriting(path, lockFileMode(dirname(path))));
    let lock: Lock | undefined;
    try {
      lock = tryLock(path);
    } catch (error) {
      // Its writer has just given it its name.
      if (errnoOf(error) === 'ENOENT') continue;
      throw error;
    }
    if (lock === undefined) {
      throw new AppError('busy', `another process is writing ${path}`, { suggestions: ['wait for it'] });
    }
    const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    if (there?.ino === fstatSync(lock.fd, { bigint: true }).ino) {
      closeLockFile(lock.fd, path);
      return lock;
    }
    lock.release();
  }
}

function openForWriting(path: string, mode = 0o666): number {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() === false) throw notOurs(path);
  return openSync(
    path,
    constants.O_RDWR | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    mode,
  );
}

function notOurs(path: string): AppError {
  return new AppError('bad-usage', `${path} is in the way: it is not a partial answer of segue`, {
    suggestions: ['move it away, or name another file'],
    details: { file: path },
  });
}

/** `<CRC-32 in hex> <JSON>`: a line that was cut, or changed, is none. */
function logLine(value: object): string {
  const text = JSON.stringify(value);
  return `${crc32(text).toString(16).padStart(8, '0')} ${text}\n`;
}

/** The first line, undefined where it is none of ours, and the blocks up to the first line that is not whole. */
function readLog(fd: number): { readonly head: object | undefined; readonly blocks: readonly LoggedBlock[] } {
  if (fstatSync(fd).size > mostLogBytes) return { head: undefined, blocks: [] };
  const [head, ...rest] = readFileSync(fd, 'utf8').split('\n').map(parseLine);
  if (head === undefined || !('format' in head) || head.format !== format)
    return { head: undefined, blocks: [] };
  const end = rest.findIndex((line) => line === undefined);
  return { head, blocks: rest.slice(0, end === -1 ? rest.length : end) as LoggedBlock[] };
}

function parseLine(line: string): object | undefined {
  try {
    const value: unknown = JSON.parse(line.slice(9));
    return typeof value === 'object' && value !== null && logLine(value) === `${line}\n` ? value : undefined;
  } catch {
    return undefined;
  }
}

function sumOf(fd: number, start: number, bytes: number, buffer: Buffer): number {
  let crc = 0;
  for (let done = 0; done < bytes;) {
    const piece = buffer.subarray(0, Math.min(buffer.length, bytes - done));
    if (readFully(fd, piece, start + done) < piece.length) return -1;
    crc = crc32(piece, crc);
    done += piece.length;
  }
  return crc;
}

/** The kernel's own count: whatever the system calls claimed, this is what a reader will find. */
function requireSize(fd: number, path: string, bytes: number): void {
  const { size } = fstatSync(fd);
  if (size === bytes) return;
  throw new AppError('io-error', `could not write ${path}: ${size} of ${bytes} bytes arrived`);
}

function attempt<T>(path: string, work: () => T): T {
  return orMachineError(`write ${path}`, work);
}
