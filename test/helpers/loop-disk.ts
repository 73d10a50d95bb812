/**
 * A disk of a test's own whose power can be cut: a file system in an image, mounted through a loop device. The cut is
 * the ioctl by which file systems are told that their device is gone, without flushing their log: from then on nothing
 * reaches the image, and what the next mount finds is what had reached it.
 */
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { scratchPath } from './scratch-path.js';

export interface DiskKind {
  readonly name: string;
  readonly fileSystem: 'ext4' | 'xfs';
  readonly mountOptions: string;
}

/** The last one orders nothing by itself: what was not fsynced is lost where it can be. */
export const diskKinds: readonly DiskKind[] = [
  // It writes its journal out by itself every 5 s, which would help a slow machine to what was not fsynced.
  { name: 'ext4', fileSystem: 'ext4', mountOptions: 'loop,commit=300' },
  { name: 'xfs', fileSystem: 'xfs', mountOptions: 'loop' },
  {
    name: 'ext4 data=writeback',
    fileSystem: 'ext4',
    mountOptions: 'loop,data=writeback,noauto_da_alloc,commit=300',
  },
];

export interface LoopDisk {
  /** Where it is mounted. */
  readonly path: string;
  /** Nothing that is in memory only survives this. Throws where the file system cannot be told so. */
  cutPower(): void;
  /** What a machine does that was switched on again. Nobody may have a file of the disk open. */
  remount(): Promise<void>;
  remove(): Promise<void>;
}

export function makeDisk(kind: DiskKind): LoopDisk {
  const directory = mkdtempSync(join(scratchPath, 'power-'));
  const [image, path] = [join(directory, 'image'), join(directory, 'disk')];
  writeFileSync(image, '');
  // What mkfs.xfs takes at least. Sparse: some MiB of it are ever written.
  truncateSync(image, (kind.fileSystem === 'xfs' ? 300 : 64) * 2 ** 20);
  mkdirSync(path);
  const mkfs = { ext4: ['mkfs.ext4', '-q', '-F', image], xfs: ['mkfs.xfs', '-q', image] }[kind.fileSystem];
  const mount = ['mount', '-t', kind.fileSystem, '-o', kind.mountOptions, image, path];
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    run(mkfs);
    run(mount);
  } catch (error) {
    remove();
    throw error;
  }
  return {
    path,
    cutPower: () => {
      run(shutdownCommand(path));
    },
    remount: async () => {
      await unmount(path);
      run(mount);
      // A test beside this one may have a copy of all mounts, for itself: until that ends, this is the file system that was cut.
      while (isCut(path)) {
        await unmount(path);
        await sleep(50);
        run(mount);
      }
    },
    remove: async () => {
      await unmount(path);
      remove();
    },
  };
}

/** Of these kinds of disk those whose power can be cut here; for the others, why not. Each is tried. */
export async function disksHere(): Promise<{ kinds: DiskKind[]; missing: string[] }> {
  const kinds: DiskKind[] = [];
  const missing: string[] = [];
  for (const kind of diskKinds) {
    let disk: LoopDisk | undefined;
    try {
      disk = makeDisk(kind);
      writeFileSync(join(disk.path, 'unsynced'), 'in memory only');
      disk.cutPower();
      await disk.remount();
      if (readdirSync(disk.path).includes('unsynced')) throw new Error('what was in memory only survived');
      kinds.push(kind);
    } catch (error) {
      missing.push(`${kind.name}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      await disk?.remove();
    }
  }
  return { kinds, missing };
}

/** xfs_io where it is installed; else the same ioctl, with the flag that says not to flush the log. */
function shutdownCommand(path: string): string[] {
  if (spawnSync('xfs_io', ['-V']).status === 0) return ['xfs_io', '-x', '-c', 'shutdown', path];
  const ioctl = `import fcntl, os, struct, sys
fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack("I", 2))`;
  return ['python3', '-c', ioctl, path];
}

function isCut(path: string): boolean {
  let fd: number | undefined;
  try {
    fd = openSync(path, 'r');
    fsyncSync(fd);
    return false;
  } catch {
    return true;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** A process that was killed a moment ago may still be on its way out. */
async function unmount(path: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const { status, stderr } = spawnSync('umount', [path], { encoding: 'utf8' });
    if (status === 0) return;
    if (attempt === 100) throw new Error(`umount: ${stderr.trim()}`);
    await sleep(50);
  }
}

function run([command = '', ...args]: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`${command}: ${error.message}`);
  if (status !== 0) throw new Error(`${command}: ${stderr.trim().split('\n')[0] ?? ''}`);
}
