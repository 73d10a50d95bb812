import { lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { abortError, errnoOf } from '../errors.js';

/**
 * Removes a tree, following no link, and returns how many bytes that gave back (a file that has another name elsewhere gives none); `onBytes` is told the size of each file once it is gone.
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
