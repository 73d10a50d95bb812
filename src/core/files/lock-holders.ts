/** Who holds a lock on a file, as far as Linux tells: it is asked, and nothing is locked for it. */
import type { Count } from '../contracts.js';
import { readFileSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { errnoOf } from '../errors.js';
import { readNote, startOf, type LockNote } from './kernel-lock.js';

/** A process that holds a lock, and what for, where it says so. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  readonly doing?: string | undefined;
}

/**
 * Who holds the lock on the file at `path`: the process that noted itself in it, unless the system tells that it is gone
 * or does not hold it; else one that the system finds to hold it; else undefined. For messages only.
 */
export function findHolder(path: string): LockHolder | undefined {
  const noted = readNote(path);
  if (noted?.host === hostname() && isRunning(noted)) {
    // Of a process of another user the system does not tell; but whoever gives a lock back takes its note away.
    if (holdsLock(noted.pid, path) !== false) return { pid: noted.pid, host: noted.host, doing: noted.doing };
  }
  const pid = lockHolders(path)?.processes[0]?.pid;
  return pid === undefined ? undefined : { pid, host: hostname() };
}

export interface LockHolders {
  /** The processes that hold one, but for this one; ascending. */
  readonly processes: readonly { readonly pid: Count; readonly command: string }[];
  /** Whether every process could be looked at: those of other users cannot be, unless by root. */
  readonly complete: boolean;
}

/**
 * Which processes hold a kernel lock on the file at `path`; undefined where this system does not tell (there is no /proc,
 * or no such file). Costs a look at every open file of every process.
 */
export function lockHolders(path: string): LockHolders | undefined {
  let file: LockedFile;
  let pids: number[];
  try {
    file = locate(path);
    pids = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
    readdirSync('/proc/self/fdinfo');
  } catch {
    return undefined;
  }
  const processes: { pid: number; command: string }[] = [];
  let complete = true;
  for (const pid of pids) {
    if (pid === process.pid) continue;
    try {
      if (hasLocked(pid, file)) processes.push({ pid, command: commandOf(pid) });
    } catch {
      // It ended meanwhile, or belongs to someone else.
      complete &&= !isThere(pid);
    }
  }
  return { processes, complete };
}

/** The same of one process, this one too; undefined where it is not known, or the process is gone. */
function holdsLock(pid: number, path: string): boolean | undefined {
  try {
    return hasLocked(pid, locate(path));
  } catch {
    return undefined;
  }
}

/** Whether the process that noted itself runs, and not a later one of its pid. */
function isRunning({ pid, started }: LockNote): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (errnoOf(error) !== 'EPERM') return false;
  }
  return startOf(pid) === started;
}

interface LockedFile {
  readonly path: string;
  readonly inode: string;
}

function locate(path: string): LockedFile {
  const real = realpathSync(path);
  return { path: real, inode: inodeOf(real) };
}

function hasLocked(pid: number, { path, inode }: LockedFile): boolean {
  const directory = `/proc/${String(pid)}/fd`;
  return readdirSync(directory).some((fd) => {
    try {
      if (readlinkSync(join(directory, fd)) !== path || inodeOf(join(directory, fd)) !== inode) return false;
      return readFileSync(`/proc/${String(pid)}/fdinfo/${fd}`, 'latin1').includes('\nlock:');
    } catch {
      // Closed meanwhile.
      return false;
    }
  });
}

function inodeOf(path: string): string {
  const { dev, ino } = statSync(path, { bigint: true });
  return `${dev} ${ino}`;
}

function commandOf(pid: number): string {
  return readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8')
    .split('\0')
    .join(' ')
    .trim()
    .slice(0, 200);
}

function isThere(pid: number): boolean {
  try {
    statSync(`/proc/${String(pid)}`);
    return true;
  } catch {
    return false;
  }
}
