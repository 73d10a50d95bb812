/**
 * Advisory locks that the kernel holds for an open file: gone the moment their process dies, never stolen from one
 * that is merely busy or stopped. Linux: open-file-description locks; macOS: flock.
 *
 * A lock file is never deleted while it may be waited for: whoever locks a deleted file locks nothing.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  lstatSync,
  openSync,
  readFileSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';

import { errnoOf } from '../errors.js';
import { tryNativeLock } from './native-lock.js';
import { notRegular, openRegularFile } from './safe-open.js';

export interface Lock {
  /** The locked descriptor. */
  readonly fd: number;
  release(): void;
}

export interface LockOptions {
  /** Many shared locks may be held together, none beside an exclusive one. Works on files that are read-only. */
  readonly shared?: boolean;
  /** Make the file where it does not exist yet. Only for exclusive locks. */
  readonly create?: boolean;
  /** What it is held for, for the note in the file: 'publishing'. */
  readonly doing?: string;
}

/** Who holds a lock, as it wrote into the lock file. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly doing?: string;
}

/**
 * The lock on the file at `path`, or undefined where another holds it. Does not wait. Throws errno errors (ENOENT
 * without `create`, EACCES …). The holder of an exclusive lock made with `create` is noted in the file.
 */
export function tryLock(path: string, options: LockOptions = {}): Lock | undefined {
  const fd = openForLock(path, options);
  let locked = false;
  try {
    locked = tryNativeLock(fd, options.shared === true);
    if (!locked) return undefined;
    if (options.create === true) noteHolder(fd, options.doing);
    return lockOf(fd);
  } catch (error) {
    locked = false;
    throw error;
  } finally {
    if (!locked) closeSync(fd);
  }
}

/** Whether someone holds a lock on the file at `path`; nobody does where there is none. Throws errno errors. */
export function isLocked(path: string): boolean {
  try {
    const lock = tryLock(path);
    lock?.release();
    return lock === undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw error;
  }
}

/** Who noted itself in the lock file, for messages only: the note outlives its writer. */
export function readHolder(path: string): LockHolder | undefined {
  try {
    const fd = openRegularFile(path);
    try {
      if (fstatSync(fd).size > 1024) return undefined;
      const note: unknown = JSON.parse(readFileSync(fd, 'utf8'));
      if (typeof note !== 'object' || note === null || !('pid' in note) || !('host' in note))
        return undefined;
      if (typeof note.pid !== 'number' || typeof note.host !== 'string') return undefined;
      const doing = 'doing' in note && typeof note.doing === 'string' ? { doing: note.doing } : {};
      return { pid: note.pid, host: note.host, ...doing };
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

function openForLock(path: string, options: LockOptions): number {
  if (options.shared === true) return openRegularFile(path);
  // By path, for the message: a directory cannot be opened for writing, and a link not at all.
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (there?.isFile() === false) throw notRegular(path, there);
  const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  return openSync(path, options.create === true ? flags | constants.O_CREAT : flags, 0o644);
}

function noteHolder(fd: number, doing: string | undefined): void {
  try {
    // A file of two names may be somebody else's too: it can be locked, and is not written to.
    if (fstatSync(fd).nlink > 1) return;
    ftruncateSync(fd);
    writeSync(fd, `${JSON.stringify({ pid: process.pid, host: hostname(), doing })}\n`, 0);
  } catch (error) {
    // The note only words an error message of others; a full disk must not cost the lock.
    if (errnoOf(error) === undefined) throw error;
  }
}

function lockOf(fd: number): Lock {
  let held = true;
  return {
    fd,
    release() {
      if (!held) return;
      held = false;
      closeSync(fd);
    },
  };
}
