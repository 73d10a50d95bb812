/**
 * A file that someone asked for, outside of any root: it appears under its name when it is whole and durable, or not at all.
 * Until then it is `.<name>.<pid>.<random>` beside it, under a kernel lock. Only a killed process leaves it, unlocked then,
 * and the next writer of the same name removes it.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  unlinkSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, errnoOf, machineError, orMachineError, unlessRefused } from '../errors.js';
import { discard, fsyncDirectory, isTemporaryFor, temporaryName, writeFully } from './durable-write.js';
import { tryLock } from './kernel-lock.js';
import { tryNativeLock } from './native-lock.js';
import { kindOf } from './safe-open.js';

export interface OutputFile {
  readonly path: string;
  /** Bytes written. */
  readonly bytes: number;
  /** Appends. AppErrors of the machine: 'disk-full', 'io-error', 'permission-denied'. */
  write(bytes: Uint8Array): void;
  /** Makes what was written durable: what may fail of the work fails here, before anything has its name. Errors as `write`. */
  finish(): void;
  /** Finishes it and puts it under its name, durably. Errors as `write`, and that of a file that has appeared there meanwhile. */
  commit(): void;
  /** Removes what was written; nothing after `commit`. For a `finally`. */
  abandon(): void;
}

export interface OutputOptions {
  /** Replace what stands there; else that is an error, before anything is written and again at the end. */
  readonly force: boolean;
}

/** AppErrors: 'bad-usage' where something stands there, and those of the machine. */
export function openOutputFile(path: string, options: OutputOptions): OutputFile {
  removeAbandoned(path);
  requireFreeName(path, options);
  const doing = `write ${path}`;
  const { partial, fd } = orMachineError(doing, () => makePartial(path));
  let isOpen = true;
  let isFinished = false;
  let isPartial = true;
  let bytes = 0;
  const finish = (): void => {
    if (!isOpen) throw new Error(`${path} is closed`);
    if (isFinished) return;
    orMachineError(doing, () => {
      const { size } = fstatSync(fd);
      if (size !== bytes)
        throw new AppError('io-error', `could not ${doing}: ${size} of ${bytes} bytes arrived`);
      fsyncSync(fd);
      isFinished = true;
    });
  };
  return {
    path,
    get bytes() {
      return bytes;
    },
    write(piece) {
      if (!isOpen || isFinished) throw new Error(`${path} is closed`);
      orMachineError(doing, () => writeFully(fd, piece));
      bytes += piece.length;
    },
    finish,
    commit() {
      finish();
      orMachineError(doing, () => {
        requireFreeName(path, options);
        isPartial = !putInPlace(partial, path, options);
        fsyncDirectory(dirname(path));
      });
    },
    abandon() {
      if (isPartial) discard(undefined, partial);
      isPartial = false;
      const wasOpen = isOpen;
      isOpen = false;
      try {
        if (wasOpen) closeSync(fd);
      } catch {
        // What has its name was synced before; the descriptor is gone either way.
      }
    },
  };
}

/** A new file, locked. Throws errno errors. */
function makePartial(path: string): { readonly partial: string; readonly fd: number } {
  for (;;) {
    const partial = temporaryName(path);
    const fd = openSync(
      partial,
      constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
      0o666,
    );
    try {
      // Between its making and its locking another writer may have taken it for an abandoned one.
      if (lockIfCan(fd) && isStillAt(partial, fd)) return { partial, fd };
    } catch (error) {
      discard(fd, partial);
      throw error;
    }
    discard(fd, partial);
  }
}

/** True also where the file system has no locks: then nobody can find out that a partial is abandoned. */
function lockIfCan(fd: number): boolean {
  return unlessRefused(() => tryNativeLock(fd, false)) ?? true;
}

function isStillAt(path: string, fd: number): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there?.ino === fstatSync(fd, { bigint: true }).ino;
}

/** Partials of writers that were killed: nobody holds their lock any more. */
function removeAbandoned(path: string): void {
  const directory = dirname(path);
  // What is in the way of writing will be said by the writing.
  unlessRefused(() => {
    for (const name of readdirSync(directory)) {
      if (isTemporaryFor(path, name)) removeUnlessLocked(join(directory, name));
    }
  });
}

function removeUnlessLocked(partial: string): void {
  // Not ours to remove, or no file, or gone meanwhile: it stays, and harms nobody.
  unlessRefused(() => {
    const lock = tryLock(partial);
    if (lock === undefined) return;
    try {
      unlinkSync(partial);
    } finally {
      lock.release();
    }
  });
}

/** AppError 'bad-usage' where something stands at `path` that may not be replaced. */
export function requireFreeName(path: string, { force }: OutputOptions): void {
  let kind: string;
  try {
    const stat = lstatSync(path);
    if (force && stat.isFile()) return;
    kind = kindOf(stat);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return;
    throw machineError(error, `write ${path}`);
  }
  throw taken(path, kind);
}

function taken(path: string, kind: string): AppError {
  const isFile = kind === 'a regular file';
  return new AppError('bad-usage', `${path} is there already${isFile ? '' : `, and is ${kind}`}`, {
    suggestions: [isFile ? 'name another file, or add `force` to replace it' : 'name another file'],
    details: { file: path },
  });
}

/** Gives a whole file its name. False where its old one has still to be removed. */
export function putInPlace(partial: string, path: string, { force }: OutputOptions): boolean {
  if (force) {
    renameSync(partial, path);
    return true;
  }
  try {
    // Unlike a rename a link replaces nothing that has appeared meanwhile.
    linkSync(partial, path);
    return false;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'EEXIST') throw taken(path, 'a regular file');
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'].includes(errno ?? '')) throw error;
    renameSync(partial, path);
    return true;
  }
}
