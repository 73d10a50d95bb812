/** Checkpoints that nobody goes on from: their training is not running, and was not for long. */
import { lstatSync, rmdirSync, unlinkSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import type { TaskContext } from '../contracts.js';
import { isDenied, machineError } from '../errors.js';
import { isLocked } from '../files/kernel-lock.js';
import { tryRemovableLock } from '../files/removable-lock.js';
import { bytesFreedBy, filesBelow } from '../snapshot/disk-use.js';
import { idPattern, parseCheckpointName, rootPath, unfinishedCheckpoint } from '../snapshot/layout.js';
import { sortEntries, type Foreign } from '../snapshot/survey.js';

export interface AbandonedCheckpoints {
  /** The id of the training. */
  readonly training: string;
  /** Since the latest of them was written. */
  readonly ageMs: number;
  readonly bytes: number;
}

export interface CheckpointRules {
  readonly olderThanMs: number;
  /** ms since 1970; a checkpoint of a later time has the age 0. */
  readonly nowMs: number;
  /** Only say which. */
  readonly dryRun: boolean;
}

/**
 * Removes those of trainings that no process is at, and that are old enough. Those that another user does not let us
 * remove stay, with a warning. Throws machine errors.
 */
export function removeAbandonedCheckpoints(
  root: string,
  rules: CheckpointRules,
  context: TaskContext,
): { readonly removed: AbandonedCheckpoints[]; readonly foreign: Foreign[] } {
  const isOurs = (name: string, stat: Stats): boolean => idPattern.test(name) && stat.isDirectory();
  const { ours, foreign } = sortEntries(root, rootPath.allCheckpoints(root), isOurs);
  const removed: AbandonedCheckpoints[] = [];
  for (const training of ours) {
    try {
      const found = removeIfAbandoned(root, training, rules, foreign);
      if (found !== undefined) removed.push(found);
    } catch (error) {
      const problem = machineError(error, `remove ${rootPath.checkpoints(root, training)}`);
      if (!isDenied(problem)) throw problem;
      context.onProgress({ kind: 'warning', message: problem.message });
    }
  }
  return { removed, foreign };
}

function removeIfAbandoned(
  root: string,
  training: string,
  { olderThanMs, nowMs, dryRun }: CheckpointRules,
  foreign: Foreign[],
): AbandonedCheckpoints | undefined {
  const directory = rootPath.checkpoints(root, training);
  const lockPath = rootPath.checkpointLock(root, training);
  // Asked before the lock too, which a training that begins just now would miss.
  if (ageOf(directory, nowMs) <= olderThanMs) return undefined;
  const lock = dryRun ? undefined : tryRemovableLock(lockPath);
  if (dryRun ? isLocked(lockPath) : lock === undefined) return undefined;
  try {
    const ageMs = ageOf(directory, nowMs);
    if (ageMs <= olderThanMs) return undefined;
    const { ours, foreign: others } = sortEntries(root, directory, isCheckpoint);
    const paths = ours.map((name) => join(directory, name));
    const bytes = bytesFreedBy(filesBelow(directory).filter(({ path }) => ours.includes(path)));
    foreign.push(...others);
    if (!dryRun) {
      for (const path of paths) unlinkSync(path);
      if (others.length === 0) rmdirSync(directory);
    }
    return ours.length === 0 && others.length > 0 ? undefined : { training, ageMs, bytes };
  } finally {
    lock?.release();
  }
}

function isCheckpoint(name: string, stat: Stats): boolean {
  const isName = parseCheckpointName(name) !== undefined || name === unfinishedCheckpoint;
  return isName && stat.isFile();
}

/** Writing a checkpoint changes its directory. */
function ageOf(directory: string, nowMs: number): number {
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  return stat === undefined ? 0 : Math.max(0, nowMs - stat.mtimeMs);
}
