/** Who holds a lock on a file, as far as Linux tells: it is asked, and nothing is locked for it. */
import { readFileSync, readdirSync, readlinkSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';

export interface LockHolders {
  /** The processes that hold one, but for this one; ascending. */
  readonly processes: readonly { readonly pid: number; readonly command: string }[];
  /** Whether every process could be looked at: those of other users cannot be, unless by root. */
  readonly complete: boolean;
}

/**
 * Which processes hold a kernel lock on the file at `path`; undefined where this system does not tell (there is no /proc,
 * or no such file). Costs a look at every open file of every process.
 */
export function lockHolders(path: string): LockHolders | undefined {
  let file: string;
  let inode: string;
  let pids: number[];
  try {
    file = realpathSync(path);
    inode = inodeOf(file);
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
      if (holdsLock(pid, file, inode)) processes.push({ pid, command: commandOf(pid) });
    } catch {
      // It ended meanwhile, or is somebody else's.
      complete &&= !isThere(pid);
    }
  }
  return { processes, complete };
}

function holdsLock(pid: number, file: string, inode: string): boolean {
  const directory = `/proc/${String(pid)}/fd`;
  return readdirSync(directory).some((fd) => {
    try {
      if (readlinkSync(join(directory, fd)) !== file || inodeOf(join(directory, fd)) !== inode) return false;
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
