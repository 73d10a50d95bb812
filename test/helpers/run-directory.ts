import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A directory of this run of the tests: all that they write is below it, and what is made once for all files. */
    readonly runDirectory: string;
  }
}

const memory = '/dev/shm';
/** What the tests that run at the same time may take. */
const roomBytes = 4 * 2 ** 30;
const prefix = 'segue-tests-';

/** vitest's globalSetup, which runs once for each project: they share the directory of the process. */
export default function setup(project: TestProject): () => void {
  // In memory where there is room, since most of what many tests would wait for are the fsyncs of a disk.
  // (In a container there may be 64 MB of it.)
  const parent = hasRoom(memory) ? memory : tmpdir();
  removeLeftovers(parent);
  // Short, since the path of a socket may have 107 characters.
  const began = Math.round(performance.timeOrigin / 1000).toString(36);
  const runDirectory = join(parent, `${prefix}${process.pid}-${began}`);
  // Some tests become other users.
  mkdirSync(runDirectory, { recursive: true, mode: 0o755 });
  project.provide('runDirectory', runDirectory);
  return () => {
    rmSync(runDirectory, { recursive: true, force: true });
  };
}

function hasRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize > roomBytes;
  } catch {
    return false;
  }
}

/** Those of runs that were killed, and what they had mounted. */
function removeLeftovers(parent: string): void {
  for (const name of readdirSync(parent)) {
    const [, pid] = new RegExp(`^${prefix}(\\d+)-\\w+$`).exec(name) ?? [];
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(parent, name);
    for (const mount of mountsBelow(path).reverse()) spawnSync('umount', ['--lazy', mount]);
    if (mountsBelow(path).length > 0) continue;
    try {
      rmSync(path, { recursive: true, force: true });
    } catch {
      // Another user's, or another run removes it too.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function mountsBelow(path: string): string[] {
  if (process.platform !== 'linux') return [];
  const lines = readFileSync('/proc/mounts', 'utf8').split('\n');
  return lines.map((line) => line.split(' ')[1] ?? '').filter((mount) => mount.startsWith(`${path}/`));
}
