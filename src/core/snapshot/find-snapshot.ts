/** Asking whether a snapshot was made already, and what to do with a damaged one that bears the same id. */
import { lstatSync } from 'node:fs';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { rootPath } from './layout.js';
import { takeExclusiveLease } from './lease.js';
import { openForReading, type OpenSnapshot } from './open-snapshot.js';
import { readCurrent } from './resolve-reference.js';
import { moveToTrash } from './writing/trash.js';

/**
 * The snapshot with this id, open and verified, or undefined where there is none or only a damaged one that nobody
 * uses (committing a new one puts that aside). A damaged one in use is the error that says what is damaged.
 */
export async function findSnapshot(
  root: string,
  id: string,
  context: TaskContext,
): Promise<OpenSnapshot | undefined> {
  const path = rootPath.snapshot(root, id);
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return undefined;
  try {
    return await openForReading(root, id, context);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'snapshot-not-found') return undefined;
    if (error.code !== 'damaged-snapshot' && error.code !== 'not-a-snapshot') throw error;
    if (isInUse(root, id)) throw error;
    return undefined;
  }
}

/**
 * The snapshot, where it exists and is whole: its lease is the caller's. Else its name is free, if need be because a
 * damaged one that nobody uses was moved to the trash. Throws where a damaged one is in use.
 */
export async function makeRoomFor(
  root: string,
  id: string,
  context: TaskContext,
): Promise<OpenSnapshot | undefined> {
  const judged = identityOf(root, id);
  const there = await findSnapshot(root, id, context);
  if (there !== undefined) return there;
  // Another maker of the same id may have put it aside meanwhile, and a whole one in its place.
  const isWanted = (): boolean => identityOf(root, id) !== judged || readCurrent(root) === id;
  if (judged !== undefined) moveToTrash(root, id, isWanted);
  return undefined;
}

/** Which directory it is that bears the id: an inode alone can be given anew. */
function identityOf(root: string, id: string): string | undefined {
  const path = rootPath.snapshot(root, id);
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.dev} ${stat.ino} ${stat.birthtimeNs}`;
}

/** Published, or held by a reader's lease. */
function isInUse(root: string, id: string): boolean {
  if (readCurrent(root) === id) return true;
  const lock = takeExclusiveLease(rootPath.snapshot(root, id));
  if (typeof lock === 'string') return lock === 'leased';
  lock.release();
  return false;
}
