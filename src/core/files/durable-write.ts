/**
 * Writing that survives a power cut, or fails loudly: every byte written, fsync of the file, fsync of its directory.
 *
 * A failed fsync is final. The kernel marks the pages clean all the same, so a second fsync would succeed over lost
 * data; whoever gets the error throws the file away and starts again.
 */
import { createHash, randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { AppError, abortError, errnoOf, machineError } from '../errors.js';
import { isShared, newFileMode, passSharingOn } from './group-sharing.js';
import { closingFile, kindOf, openRegularFile } from './safe-open.js';
import { hashDescriptor, type FileDigest } from './sha256.js';

/** One write() takes less than 2^31 bytes; smaller pieces also let an abort through. */
const pieceBytes = 64 << 20;

/** What a finished file keeps of its permissions. */
const readOnly = 0o444;

/** A new file that is being written, by whoever has more than one of them open. */
export interface DurableFile {
  /** Throws machine errors, and the error of an abort. */
  write(chunk: Uint8Array): void;
  /** The digest of the bytes as they were handed over. Throws machine errors. The caller fsyncs the directory. */
  finish(): FileDigest;
  /** Removes what was written, unless it is finished. */
  discard(): void;
}

/**
 * Starts a new file (an existing one is an error), to be discarded in a `finally`. When done it has of the permissions that a
 * new file gets there those that are in `sealed`.
 */
export function openDurableFile(path: string, signal?: AbortSignal, sealed = readOnly): DurableFile {
  const doing = `write ${path}`;
  let fd: number;
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    fd = openSync(path, flags, newFileMode(dirname(path)));
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') throw new AppError('io-error', `could not ${doing}: it exists already`);
    throw machineError(error, doing);
  }
  const hash = createHash('sha256');
  let bytes = 0;
  let isOpen = true;
  let done = false;
  return {
    write(chunk) {
      for (let start = 0; start < chunk.length; start += pieceBytes) {
        if (signal?.aborted === true) throw abortError(signal);
        const piece = chunk.subarray(start, start + pieceBytes);
        hash.update(piece);
        orSystemError(doing, () => writeFully(fd, piece));
        bytes += piece.length;
      }
    },
    finish() {
      orSystemError(doing, () => {
        // The kernel's own count: whatever the system calls claimed, this is what a reader will find.
        const { size, mode } = fstatSync(fd);
        if (size !== bytes) throw new AppError('io-error', notArrived(path, size, bytes));
        fchmodSync(fd, mode & sealed);
        fsyncSync(fd);
        // Whatever close() answers, the descriptor is free after it: a second close could be of another's file.
        isOpen = false;
        closeSync(fd);
      });
      done = true;
      return { bytes, sha256: hash.digest('hex') };
    },
    discard() {
      if (!done) discard(isOpen ? fd : undefined, path);
      [done, isOpen] = [true, false];
    },
  };
}

/** `openDurableFile`, all chunks and its digest. Nothing is left behind on failure. */
export function writeDurableFile(
  path: string,
  chunks: Iterable<Uint8Array>,
  signal?: AbortSignal,
  sealed = readOnly,
): FileDigest {
  const file = openDurableFile(path, signal, sealed);
  try {
    return orSystemError(`write ${path}`, () => {
      for (const chunk of chunks) file.write(chunk);
      return file.finish();
    });
  } finally {
    file.discard();
  }
}

/** The same of chunks that are made while it is written. */
export async function writeDurableStream(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<FileDigest> {
  const file = openDurableFile(path, signal);
  try {
    for await (const chunk of chunks) file.write(chunk);
    return file.finish();
  } finally {
    file.discard();
  }
}

/**
 * Puts a whole new file in the place of whatever was at `path`, which readers see either old or new. Unless it is durable it
 * may be gone or cut short after a power cut: it is for what can be made again and shows whether it is whole.
 */
export function replaceFile(path: string, content: string | Uint8Array, isDurable = false): void {
  const temporary = temporaryName(path);
  try {
    writeFileSync(temporary, content, { flag: 'wx', mode: readOnly, flush: isDurable });
    renameSync(temporary, path);
    if (isDurable) fsyncDirectory(dirname(path));
  } catch (error) {
    remove(temporary);
    throw machineError(error, `write ${path}`);
  }
}

/**
 * Appends to a file, made where it is missing, and then durable under its name too. Throws errno errors, and io-error
 * where the file did not grow by it; then any part of `text` may have arrived.
 */
export function appendDurably(path: string, text: string): void {
  const flags =
    constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  closingFile(openSync(path, flags, newFileMode(dirname(path))), (fd) => {
    const before = fstatSync(fd);
    if (!before.isFile()) throw new AppError('io-error', `${path} is not a regular file`);
    const bytes = Buffer.from(text, 'utf8');
    writeFully(fd, bytes);
    const arrived = fstatSync(fd).size - before.size;
    // Others may append too, so it may be more.
    if (arrived < bytes.length) throw new AppError('io-error', notArrived(path, arrived, bytes.length));
    fsyncSync(fd);
    if (before.size === 0) fsyncDirectory(dirname(path));
  });
}

/**
 * Finishes a file that someone else wrote by path (LMDB does): read-only, fsynced, hashed by reading it back.
 * Throws AppErrors.
 */
export function sealFile(path: string): FileDigest {
  try {
    return closingFile(openRegularFile(path), (fd) => {
      fchmodSync(fd, fstatSync(fd).mode & readOnly);
      fsyncSync(fd);
      return hashDescriptor(fd);
    });
  } catch (error) {
    throw machineError(error, `finish ${path}`);
  }
}

/** Makes the entries of a directory (new, renamed and removed names) durable. Throws errno errors. */
export function fsyncDirectory(path: string): void {
  closingFile(openSync(path, constants.O_RDONLY | constants.O_DIRECTORY), (fd) => {
    fsyncSync(fd);
  });
}

/**
 * Makes a directory and its missing parents, each entry durable; below a directory that a group shares they are the
 * group's too. Returns whether anything was made.
 */
export function makeDirectory(path: string): boolean {
  try {
    const shared = isShared(path);
    const made = makeMissing(path, shared ? 0o775 : 0o755);
    for (const directory of made.toReversed()) {
      if (shared) passSharingOn(directory);
      fsyncDirectory(dirname(directory));
    }
    return made.length > 0;
  } catch (error) {
    const doing = `make the directory ${path}`;
    if (errnoOf(error) !== 'ENOENT') throw machineError(error, doing);
    throw new AppError('io-error', `could not ${doing}: no directory can be made there (ENOENT)`, {
      cause: error,
    });
  }
}

/**
 * Returns what was made, the outermost first. Node's own recursive mkdir goes round for ever where the kernel says of a
 * parent that is there that it is not, as it does in /proc.
 */
function makeMissing(path: string, mode: number): string[] {
  try {
    mkdirSync(path, { mode });
    return [path];
  } catch (error) {
    // Others that are started at the same time make the same directories.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return [];
    if (errnoOf(error) !== 'ENOENT' || dirname(path) === path) throw error;
  }
  const parents = existsSync(dirname(path)) ? [] : makeMissing(dirname(path), mode);
  // Whatever is wrong now is not a parent that is missing: in /proc the kernel says so of each new name.
  if (mkdirUnlessThere(path, mode)) parents.push(path);
  return parents;
}

function mkdirUnlessThere(path: string, mode: number): boolean {
  try {
    mkdirSync(path, { mode });
    return true;
  } catch (error) {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return false;
    throw error;
  }
}

/**
 * Like `makeDirectory`, for one that is segue's own: where a link stands in its place nothing is written through it, to
 * wherever it leads. AppError 'damaged-root'.
 */
export function makeOwnDirectory(path: string): boolean {
  const made = makeDirectory(path);
  const stat = lstatSync(path);
  if (stat.isDirectory()) return made;
  throw new AppError(
    'damaged-root',
    `${path} is ${kindOf(stat)} where segue keeps a directory; move it away`,
    {
      details: { file: path },
    },
  );
}

/**
 * Points the symbolic link at `link` to `target`, by one rename: readers see the old target or the new one. Throws
 * errno errors (EISDIR: a real directory stands there). The caller fsyncs the directory.
 */
export function replaceSymlink(target: string, link: string): void {
  for (let attempt = 1; ; attempt++) {
    const temporary = temporaryName(link);
    symlinkSync(target, temporary);
    try {
      renameSync(temporary, link);
      return;
    } catch (error) {
      remove(temporary);
      // Someone took our temporary link for the litter of a dead process. That costs a retry and nothing else.
      if (errnoOf(error) !== 'ENOENT' || attempt === 3) throw error;
    }
  }
}

/** `.<name>.<pid>.<random>` beside `path`: what is being put in its place. */
export function temporaryName(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${randomBytes(6).toString('hex')}`);
}

/** The pid in a name that `temporaryName` made, or undefined for any other name. */
export function temporaryOwner(name: string): number | undefined {
  const pid = /^\..+\.(\d{1,10})\.[0-9a-f]{12}$/.exec(name)?.[1];
  return pid === undefined ? undefined : Number(pid);
}

/** Whether `temporaryName(path)` may have made the name, in this process or another. */
export function isTemporaryFor(path: string, name: string): boolean {
  const prefix = `.${basename(path)}.`;
  return name.startsWith(prefix) && /^\d{1,10}\.[0-9a-f]{12}$/.test(name.slice(prefix.length));
}

/** Writes all of it: write() may take less than it was given, and says so only in its result. */
export function writeFully(fd: number, bytes: Uint8Array): void {
  let written = 0;
  while (written < bytes.length) {
    const count = writeSync(fd, bytes, written, bytes.length - written);
    if (count === 0) throw new AppError('io-error', 'could not write: the device takes no more bytes');
    written += count;
  }
}

function notArrived(path: string, got: number, wanted: number): string {
  return `could not write ${path}: ${got} of ${wanted} bytes arrived`;
}

/** What `call` returns; a failed system call in it as the error of `doing`, and any other as it is. */
function orSystemError<T>(doing: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const isOfSystem = errnoOf(error) !== undefined && error instanceof Error && 'syscall' in error;
    throw isOfSystem ? machineError(error, doing) : error;
  }
}

/** Closes a file and removes it, as far as the disk lets it. */
export function discard(fd: number | undefined, path: string): void {
  try {
    if (fd !== undefined) closeSync(fd);
  } catch {
    // The first error is the one to report; the descriptor is gone either way.
  }
  remove(path);
}

function remove(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // Litter is cleaned by the next run; the error that led here is the one to report.
  }
}
