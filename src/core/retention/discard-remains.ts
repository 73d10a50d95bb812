/**
 * What snapshots and trainings left below a root, and nobody needs to answer anything: it may hold what a user did. The trash and
 * what dead processes left goes; what a training can go on from only where that is asked for.
 */
import { join, relative } from 'node:path';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { draftName, idPattern, isTrashName, rootPath, uncheckedId } from '../snapshot/layout.js';
import { isDirectory, sortEntries } from '../snapshot/survey.js';
import { cleanDrafts } from '../snapshot/writing/draft-lock.js';
import { lockOrBusy } from '../snapshot/writing/root-lock.js';
import { removeUnchecked } from '../snapshot/writing/unchecked.js';
import { removeAbandonedCheckpoints } from './abandoned-checkpoints.js';
import { emptyTrash, listTrash } from './tidy-root.js';

export interface DiscardRequest {
  /** Checkpoints of trainings that are not running, and snapshots that wait to be checked, go too. */
  readonly unfinished: boolean;
  /** Only say what would be done. */
  readonly dryRun: boolean;
}

/** Paths below the root. */
export interface Discarded {
  readonly removed: readonly string[];
  /** What is in use, or was to stay, or is another user's. */
  readonly left: readonly string[];
}

/** Throws machine errors, and that of an abort. */
export async function discardRemains(
  root: string,
  { unfinished, dryRun }: DiscardRequest,
  context: TaskContext,
): Promise<Discarded> {
  const before = remainsOf(root);
  const ofAnyAge = { olderThanMs: -1, nowMs: Date.now(), dryRun };
  const would: string[] = dryRun ? [...before.trash] : [];
  if (!dryRun && before.trash.length > 0) await emptyTrashUnlessBusy(root, context);
  if (before.unfinished.length > 0) would.push(...cleanDrafts(root, { dryRun }).paths);
  if (unfinished && before.unfinished.length > 0)
    would.push(...removeUnchecked(root, ofAnyAge, context).paths);
  if (unfinished && before.checkpoints.length > 0)
    for (const { training } of removeAbandonedCheckpoints(root, ofAnyAge, context).removed)
      would.push(relative(root, rootPath.checkpoints(root, training)));
  const all = pathsOf(before);
  const left = dryRun ? all.filter((path) => !would.includes(path)) : pathsOf(remainsOf(root));
  return { removed: all.filter((path) => !left.includes(path)), left };
}

/** Whoever collects empties it. */
async function emptyTrashUnlessBusy(root: string, context: TaskContext): Promise<void> {
  try {
    const lock = lockOrBusy(root, rootPath.collectLock(root), 'emptying the trash');
    try {
      await emptyTrash(listTrash(root), context);
    } finally {
      lock.release();
    }
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'busy') throw error;
  }
}

/** What was a snapshot, or was to be one, and is none: directories. */
export function discardable(root: string): string[] {
  const { trash, unfinished } = remainsOf(root);
  return [...trash, ...unfinished].map((path) => join(root, path));
}

interface Remains {
  readonly trash: readonly string[];
  /** Drafts, and snapshots that wait to be checked. */
  readonly unfinished: readonly string[];
  readonly checkpoints: readonly string[];
}

function pathsOf({ trash, unfinished, checkpoints }: Remains): string[] {
  return [...trash, ...unfinished, ...checkpoints];
}

/** Of directories that are the root's own: a link leads to another's. */
function remainsOf(root: string): Remains {
  const within = (path: string, isOurs: (name: string) => boolean): string[] => {
    if (!isDirectory(path)) return [];
    const { ours } = sortEntries(root, path, (name, stat) => isOurs(name) && stat.isDirectory());
    return ours.map((name) => relative(root, join(path, name)));
  };
  const isUnfinished = (name: string): boolean =>
    draftName(name) !== undefined || uncheckedId(name) !== undefined;
  return {
    trash: within(rootPath.trash(root), isTrashName),
    unfinished: within(rootPath.snapshots(root), isUnfinished),
    checkpoints: within(rootPath.allCheckpoints(root), (name) => idPattern.test(name)),
  };
}
