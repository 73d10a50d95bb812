/** Trees of files: what they hold, and taking them away. Links in them are entries like others and never followed. */
import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import { abortError, errnoOf } from '../errors.js';

/** An entry that is no directory. */
export interface TreeFile {
  readonly path: string;
  /** Device and inode: the same for hard links to one file. */
  readonly identity: string;
  /** How many names the file has, in this tree and elsewhere. */
  readonly links: number;
  readonly bytes: number;
}

/** Every entry below `path` that is no directory; `path` itself where it is none. Throws errno errors. */
export function listTree(path: string): TreeFile[] {
  const stat = lstatSync(path, { bigint: true });
  if (stat.isDirectory()) return readdirSync(path).flatMap((name) => listTree(join(path, name)));
  const { dev, ino, nlink, size } = stat;
  return [{ path, identity: `${dev} ${ino}`, links: Number(nlink), bytes: Number(size) }];
}

/** Bytes that the disk gets back when all these files are removed: of those that have no name elsewhere. */
export function bytesFreedBy(files: Iterable<TreeFile>): number {
  const names = new Map<string, number>();
  let freed = 0;
  for (const { identity, links, bytes } of files) {
    const count = (names.get(identity) ?? 0) + 1;
    names.set(identity, count);
    if (count === links) freed += bytes;
  }
  return freed;
}

/**
 * Removes a tree, and returns how many bytes that gave back; `onBytes` is told the size of each file once it is gone.
 * An abort stops it between two files. Throws errno errors, and the error of the abort.
 */
export async function removeTree(
  path: string,
  signal: AbortSignal,
  onBytes: (count: number) => void,
): Promise<number> {
  // Lets Ctrl-C through.
  await setImmediate();
  if (signal.aborted) throw abortError(signal);
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return 0;
  if (stat.isDirectory()) {
    let freed = 0;
    for (const name of readdirSync(path)) freed += await removeTree(join(path, name), signal, onBytes);
    removeIfThere(path, rmdirSync);
    return freed;
  }
  removeIfThere(path, unlinkSync);
  onBytes(stat.size);
  return stat.nlink === 1 ? stat.size : 0;
}

function removeIfThere(path: string, remove: (path: string) => void): void {
  try {
    remove(path);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error;
  }
}
