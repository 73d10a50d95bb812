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
import { dirname } from 'node:path';
import { errnoOf, isDenied, unlessRefused } from '../errors.js';
import { closeLockFile, lockFileMode } from './group-sharing.js';
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

/**
 * The lock on the file at `path`, or undefined where another holds it. Does not wait. Throws errno errors (ENOENT
 * without `create`, EACCES …). The holder of an exclusive lock made with `create` is noted in the file while it holds it.
 */
export function tryLock(path: string, options: LockOptions = {}): Lock | undefined {
  const fd = openForLock(path, options);
  let locked = false;
  try {
    locked = tryNativeLock(fd, options.shared === true);
    if (options.create === true) closeLockFile(fd, path);
    if (!locked) return undefined;
    if (options.create !== true) return lockOf(fd);
    noteHolder(fd, options.doing);
    return lockOf(fd, () => note(fd, ''));
  } catch (error) {
    locked = false;
    throw error;
  } finally {
    if (!locked) closeSync(fd);
  }
}

/**
 * Whether someone holds a lock on the file at `path`; nobody does where there is none, and someone may where it is not
 * ours to ask. Throws errno errors.
 */
export function isLocked(path: string): boolean {
  try {
    const lock = tryLock(path);
    lock?.release();
    return lock === undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    if (isDenied(error)) return true;
    throw error;
  }
}

/** What the holder of an exclusive lock writes into its file. It stays there where the holder is killed. */
export interface LockNote {
  readonly pid: number;
  readonly host: string;
  readonly doing?: string | undefined;
  /** `startOf` the process. Earlier versions wrote none. */
  readonly started?: string | undefined;
}

/** What is noted in the file at `path`; undefined where nothing of this kind is. */
export function readNote(path: string): LockNote | undefined {
  try {
    const fd = openRegularFile(path);
    try {
      if (fstatSync(fd).size > 1024) return undefined;
      const value: unknown = JSON.parse(readFileSync(fd, 'utf8'));
      if (typeof value !== 'object' || value === null) return undefined;
      const { pid, host, doing, started } = value as Partial<Record<keyof LockNote, unknown>>;
      if (typeof pid !== 'number' || typeof host !== 'string') return undefined;
      const textOf = (field: unknown): string | undefined => (typeof field === 'string' ? field : undefined);
      return { pid, host, doing: textOf(doing), started: textOf(started) };
    } finally {
      closeSync(fd);
    }
  } catch {
    return undefined;
  }
}

/** Tells a process from a later one of its pid; undefined where this system has no such mark, or it is gone. */
export function startOf(pid: number): string | undefined {
  try {
    // What follows the name, which is in parentheses and may hold anything, is field 3 and on; the start is field 22.
    const [fields = ''] = readFileSync(`/proc/${String(pid)}/stat`, 'latin1')
      .split(')')
      .slice(-1);
    return fields.trim().split(' ')[19];
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
  if (options.create !== true) return openSync(path, flags);
  return openSync(path, flags | constants.O_CREAT, lockFileMode(dirname(path)));
}

function noteHolder(fd: number, doing: string | undefined): void {
  const noted: LockNote = { pid: process.pid, host: hostname(), doing, started: startOf(process.pid) };
  note(fd, `${JSON.stringify(noted)}\n`);
}

/** Replaces the note. It only words an error message of others: a full disk must not cost the lock. */
function note(fd: number, text: string): void {
  unlessRefused(() => {
    // A file of two names may belong to someone else too: it can be locked, and is not written to.
    if (fstatSync(fd).nlink > 1) return;
    ftruncateSync(fd);
    writeSync(fd, text, 0);
  });
}

function lockOf(fd: number, beforeRelease: () => void = () => undefined): Lock {
  let held = true;
  return {
    fd,
    release() {
      if (!held) return;
      held = false;
      beforeRelease();
      closeSync(fd);
    },
  };
}
