/**
 * A lease keeps a snapshot from being collected while it is read: a shared kernel lock on its manifest, which works on
 * read-only media and dies with the process. (An open directory would not keep the files in it.)
 *
 * Whoever collects needs the exclusive one, and for that a manifest that can be opened for writing. Its owner may permit
 * that for a moment; for the group that shares a root it stays permitted. Nobody writes to it.
 */
import { fchmodSync, fstatSync, lstatSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, errnoOf, machineError } from '../errors.js';
import { isShared } from '../files/group-sharing.js';
import { tryLock, type Lock } from '../files/kernel-lock.js';
import { closingFile, openRegularFile } from '../files/safe-open.js';
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
    if (isStillAt(path, lock)) return lock;
    lock.release();
    return undefined;
  } catch (error) {
    lock?.release();
    if (isNoFile(error)) throw manifestProblem(path, error.message);
    const errno = errnoOf(error);
    if (errno !== 'ENOENT' && errno !== 'ENOTDIR') throw machineError(error, `open ${path}`);
    if (lstatSync(directory, { throwIfNoEntry: false }) === undefined) return undefined;
    throw manifestProblem(path, `${path} is missing`);
  }
}

/**
 * The exclusive lock that keeps readers off the snapshot in `directory` while it is moved away. 'leased': someone reads
 * it. 'gone': it is not there any more. 'no-manifest': there is nothing that anyone could hold a lease on. Whoever holds
 * it holds it shortly: readers who come meanwhile try again, and not for long. Throws machine errors.
 */
export function takeExclusiveLease(directory: string): Lock | 'leased' | 'gone' | 'no-manifest' {
  const path = join(directory, snapshotFile.manifest);
  for (let attempt = 1; ; attempt++) {
    let lock: Lock | undefined;
    try {
      lock = lockSealed(path);
      if (lock === undefined) return 'leased';
      if (isStillAt(path, lock)) return lock;
      lock.release();
      return 'gone';
    } catch (error) {
      lock?.release();
      if (isNoFile(error)) return 'no-manifest';
      const errno = errnoOf(error);
      if (errno === 'ENOENT' || errno === 'ENOTDIR') {
        return lstatSync(directory, { throwIfNoEntry: false }) === undefined ? 'gone' : 'no-manifest';
      }
      // Someone else who asks the same can have sealed the file between our two system calls.
      if (errno !== 'EACCES' || attempt === maxTries) throw machineError(error, `lock ${path}`);
    }
  }
}

/**
 * Whether someone reads the snapshot in `directory`. Where that may not be asked (another user's, read-only media)
 * nobody is known to.
 */
export function isLeased(directory: string): boolean {
  try {
    const lock = takeExclusiveLease(directory);
    if (typeof lock === 'string') return lock === 'leased';
    lock.release();
    return false;
  } catch (error) {
    if (error instanceof AppError && error.code === 'permission-denied') return false;
    throw error;
  }
}

const maxTries = 20;

/** Its owner may write to a sealed manifest for these few system calls only. */
function lockSealed(path: string): Lock | undefined {
  return closingFile(openRegularFile(path), (fd) => {
    const { uid, mode } = fstatSync(fd);
    // Another user's: it can be opened for writing as it is, or not at all.
    const own = process.geteuid?.() ?? uid;
    if (uid !== own && own !== 0) return tryLock(path);
    // Not the mode that was: someone else who asks the same may be between its two changes.
    const sealed = (mode & 0o444) | (isShared(dirname(path)) ? 0o020 : 0);
    fchmodSync(fd, sealed | 0o200);
    try {
      return tryLock(path);
    } finally {
      fchmodSync(fd, sealed);
    }
  });
}

/** What openRegularFile throws where something else stands in the file's place; other AppErrors are not about the manifest. */
function isNoFile(error: unknown): error is AppError {
  return error instanceof AppError && error.details['kind'] !== undefined;
}

/** Between an open and a lock the directory may have been moved away. */
function isStillAt(path: string, lock: Lock): boolean {
  const held = fstatSync(lock.fd, { bigint: true });
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return held.ino === there?.ino && held.dev === there.dev;
}

function manifestProblem(path: string, what: string): AppError {
  return new AppError('damaged-snapshot', `damaged snapshot: ${what}`, { details: { file: path } });
}
