/**
 * What can be taken away besides snapshots: the trash, what dead processes left, stamps and locks of things that are no
 * more. What segue did not make is reported and left alone. `tuning/` holds results, and stays.
 */
import { accessSync, constants, unlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { TaskContext } from '../contracts.js';
import { errnoOf, isDenied, machineError, orMachineError } from '../errors.js';
import { removeTree } from '../files/remove-tree.js';
import { tryRemovableLock } from '../files/removable-lock.js';
import { filesBelow, sumBytes, type FoundFile } from '../snapshot/disk-use.js';
import {
  idPattern,
  isLockName,
  isTrashName,
  rootPath,
  trainingOfLock,
  uncheckedOfLock,
} from '../snapshot/layout.js';
import { isDirectory, sortEntries, type Foreign } from '../snapshot/survey.js';

export interface TrashContent {
  /** The snapshots that were let go. */
  readonly paths: readonly string[];
  readonly files: readonly FoundFile[];
  readonly foreign: readonly Foreign[];
}

/** Throws machine errors. */
export function listTrash(root: string): TrashContent {
  const directory = rootPath.trash(root);
  const isOurs = (name: string, stat: Stats): boolean => isTrashName(name) && stat.isDirectory();
  const { ours, foreign } = sortEntries(root, directory, isOurs);
  const paths = ours.map((name) => join(directory, name));
  return orMachineError(`list ${directory}`, () => ({
    ...{ paths, foreign },
    files: paths.flatMap(filesBelow),
  }));
}

/**
 * Removes what lies in the trash; returns the bytes that gave back. What another user does not let us remove stays, with
 * a warning. Throws machine errors, and that of an abort.
 */
export async function emptyTrash({ paths, files }: TrashContent, context: TaskContext): Promise<number> {
  const total = sumBytes(files);
  let [done, freed] = [0, 0];
  const onBytes = (count: number): void => {
    done += count;
    context.onProgress({ kind: 'step', phase: 'emptying the trash', done, total, unit: 'bytes' });
  };
  for (const path of paths) {
    try {
      freed += await removeTree(path, context.signal, onBytes);
    } catch (error) {
      const problem = machineError(error, `remove ${path}`);
      if (!isDenied(problem)) throw problem;
      context.onProgress({ kind: 'warning', message: problem.message });
    }
  }
  return freed;
}

export interface StaleFiles {
  /** How many were removed, or would be. */
  readonly count: number;
  readonly bytes: number;
  readonly foreign: readonly Foreign[];
}

/** Removes the stamps of snapshots that are not there any more. */
export function removeStaleStamps(root: string, dryRun: boolean): StaleFiles {
  return removeStale(root, rootPath.stamps(root), dryRun);
}

/** And their maps. */
export function removeStaleMaps(root: string, dryRun: boolean): StaleFiles {
  return removeStale(root, rootPath.maps(root), dryRun);
}

/** Of a directory with a file for each snapshot. */
function removeStale(root: string, directory: string, dryRun: boolean): StaleFiles {
  const sizes = new Map<string, number>();
  const isOurs = (name: string, stat: Stats): boolean => {
    sizes.set(name, stat.size);
    return idPattern.test(name) && stat.isFile();
  };
  const { ours, foreign } = sortEntries(root, directory, isOurs);
  const stale = ours.filter((id) => !isDirectory(rootPath.snapshot(root, id)));
  for (const id of dryRun ? [] : stale) removeFile(join(directory, id));
  return { count: stale.length, bytes: stale.reduce((sum, id) => sum + sizes.get(id)!, 0), foreign };
}

function removeFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    // One that another user does not let us remove is read by nobody.
    if (errnoOf(error) !== 'ENOENT' && !isDenied(error)) throw machineError(error, `remove ${path}`);
  }
}

/** The directory that a lock of a training's checkpoints, or of an unchecked snapshot, is for. */
function lockedBy(root: string, name: string): string | undefined {
  const training = trainingOfLock(name);
  if (training !== undefined) return rootPath.checkpoints(root, training);
  const unchecked = uncheckedOfLock(name);
  return unchecked === undefined ? undefined : rootPath.unchecked(root, unchecked);
}

/** Removes the lock files that trainings which are over left, and says what else lies in lock/. */
export function removeStaleLocks(root: string, dryRun: boolean): readonly Foreign[] {
  const directory = rootPath.locks(root);
  // Whoever may not write in it may not look into it.
  if (dryRun && !mayList(directory)) return [];
  const isOurs = (name: string, stat: Stats): boolean => isLockName(name) && stat.isFile();
  const { ours, foreign } = sortEntries(root, directory, isOurs);
  for (const name of dryRun ? [] : ours) {
    const locked = lockedBy(root, name);
    if (locked === undefined || isDirectory(locked)) continue;
    try {
      tryRemovableLock(join(directory, name))?.release();
    } catch (error) {
      // One that another user does not let us open stays: litter, and no harm.
      if (!isDenied(error)) throw machineError(error, `remove ${join(directory, name)}`);
    }
  }
  return foreign;
}

function mayList(directory: string): boolean {
  try {
    accessSync(directory, constants.R_OK | constants.X_OK);
    return true;
  } catch (error) {
    return !isDenied(error);
  }
}
