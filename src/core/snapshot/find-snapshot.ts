/** Asking whether a snapshot was made already, and what to do with a damaged one that bears the same id. */
import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, renameSync } from 'node:fs';
import { join } from 'node:path';

import type { TaskContext } from '../contracts.js';
import { AppError, errnoOf, machineError } from '../errors.js';
import { fsyncDirectory, makeDirectory } from '../files/durable-write.js';
import { tryLock } from '../files/kernel-lock.js';
import { rootPath, snapshotFile } from './layout.js';
import { openForReading } from './open-snapshot.js';
import type { OpenSnapshot } from './open-snapshot.js';
import { readCurrent } from './resolve-reference.js';

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
 * True: the snapshot exists and is whole. False: its name is free, if need be because a damaged one that nobody uses
 * was moved to the trash. Throws where a damaged one is in use.
 */
export async function makeRoomFor(root: string, id: string, context: TaskContext): Promise<boolean> {
  const there = await findSnapshot(root, id, context);
  if (there !== undefined) {
    there.close();
    return true;
  }
  const path = rootPath.snapshot(root, id);
  try {
    if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return false;
    makeDirectory(rootPath.trash(root));
    renameSync(path, join(rootPath.trash(root), `${id}.${randomBytes(6).toString('hex')}`));
    for (const directory of [rootPath.trash(root), rootPath.snapshots(root)]) fsyncDirectory(directory);
  } catch (error) {
    // Another maker of the same id may have put it aside first.
    if (errnoOf(error) !== 'ENOENT') throw machineError(error, `move ${path} to the trash`);
  }
  return false;
}

/** Published, or held by a reader's lease. */
function isInUse(root: string, id: string): boolean {
  if (readCurrent(root) === id) return true;
  const manifest = join(rootPath.snapshot(root, id), snapshotFile.manifest);
  try {
    if (!lstatSync(manifest).isFile()) return false;
    // An exclusive lock needs a file that can be written.
    chmodSync(manifest, 0o644);
    const lock = tryLock(manifest);
    chmodSync(manifest, 0o444);
    lock?.release();
    return lock === undefined;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return false;
    throw machineError(error, `lock ${manifest}`);
  }
}
