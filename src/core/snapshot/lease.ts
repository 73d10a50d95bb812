/**
 * A lease keeps a snapshot from being collected while it is read: a shared kernel lock on its manifest, which works on
 * read-only media and dies with the process. (An open directory would not keep the files in it.)
 */
import { fstatSync, lstatSync } from 'node:fs';
import { join } from 'node:path';

import { AppError, errnoOf, machineError } from '../errors.js';
import { tryLock } from '../files/kernel-lock.js';
import type { Lock } from '../files/kernel-lock.js';
import { snapshotFile } from './layout.js';

/**
 * The lease on the snapshot in `directory`, or undefined where it is being collected right now or is no longer what
 * stands there: then resolve again. Throws damaged-snapshot where the manifest is missing or no regular file.
 */
export function takeLease(directory: string): Lock | undefined {
  const path = join(directory, snapshotFile.manifest);
  let lock: Lock | undefined;
  try {
    lock = tryLock(path, { shared: true });
    if (lock === undefined) return undefined;
    // Between the open and the lock a collector may have moved the directory away.
    const held = fstatSync(lock.fd, { bigint: true });
    const there = lstatSync(path, { bigint: true });
    if (held.ino === there.ino && held.dev === there.dev) return lock;
    lock.release();
    return undefined;
  } catch (error) {
    lock?.release();
    if (error instanceof AppError) throw manifestProblem(path, error.message);
    const errno = errnoOf(error);
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') throw machineError(error, `open ${path}`);
    if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return undefined;
    throw manifestProblem(path, `${path} is missing`);
  }
}

function manifestProblem(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `damaged snapshot: ${what}`, { details: { file: path } });
}
