/**
 * The only way out of `snapshots/`: one rename into `trash/`, under the lock that keeps readers off. What lies in the
 * trash was let go by everyone, and is removed by whoever collects next.
 */
import { randomBytes } from 'node:crypto';
import { accessSync, constants, renameSync } from 'node:fs';
import { join } from 'node:path';
import { errnoOf, machineError } from '../../errors.js';
import { fsyncDirectory, makeOwnDirectory } from '../../files/durable-write.js';
import { rootPath, trashName } from '../layout.js';
import { takeExclusiveLease } from '../lease.js';
import { removeKeptMap } from '../kept-map.js';
import { removeStamp } from '../stamp.js';

/**
 * Throws permission-denied where a snapshot may not be moved: its manifest cannot be locked, or its directory, which a
 * move writes to, not be written. Whoever changes more than one entry asks first. Throws machine errors.
 */
export function requireMovable(root: string, id: string): void {
  const path = rootPath.snapshot(root, id);
  const lock = takeExclusiveLease(path);
  try {
    accessSync(path, constants.W_OK);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw machineError(error, `move ${path} to the trash`);
  } finally {
    if (typeof lock !== 'string') lock.release();
  }
}

/** 'leased': someone reads it. 'wanted': `isWanted` said so. 'gone': it was not there. */
export type MoveOutcome = 'moved' | 'leased' | 'wanted' | 'gone';

/**
 * Moves a snapshot to the trash, unless someone reads it or `isWanted` says, asked while nobody can begin to read it,
 * that it has to stay. Throws machine errors; after a failed fsync it can be in either place after a power cut.
 */
export function moveToTrash(root: string, id: string, isWanted: () => boolean): MoveOutcome {
  const path = rootPath.snapshot(root, id);
  const lock = takeExclusiveLease(path);
  if (lock === 'leased' || lock === 'gone') return lock;
  try {
    if (isWanted()) return 'wanted';
    makeOwnDirectory(rootPath.trash(root));
    renameSync(path, join(rootPath.trash(root), trashName(id, randomBytes(6).toString('hex'))));
    for (const directory of [rootPath.trash(root), rootPath.snapshots(root)]) fsyncDirectory(directory);
  } catch (error) {
    // One without a manifest cannot be locked: someone else may have put it aside first.
    if (errnoOf(error) === 'ENOENT') return 'gone';
    throw machineError(error, `move ${path} to the trash`);
  } finally {
    if (lock !== 'no-manifest') lock.release();
  }
  // A stamp that stays is removed by whoever collects next, and believed by nobody; a map likewise.
  removeStamp(root, id);
  removeKeptMap(root, id);
  return 'moved';
}
