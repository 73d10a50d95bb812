/**
 * Kernel locks whose file goes away with them, for locks that belong to what does not stay. Kept on a file that stays, such
 * locks would pile up; and a file that is removed may be locked by someone who opened it before, and locks nothing.
 */
import { fstatSync, lstatSync, unlinkSync } from 'node:fs';
import { unlessRefused } from '../errors.js';
import { tryLock, type Lock } from './kernel-lock.js';

export interface RemovableLock {
  /** Removes the file, and gives the lock back. */
  release(): void;
}

/** The exclusive lock on the file at `path`, which is made; undefined where another holds it. Throws errno errors. */
export function tryRemovableLock(path: string): RemovableLock | undefined {
  for (;;) {
    const lock = tryLock(path, { create: true });
    if (lock === undefined) return undefined;
    // Its last holder may have removed the file between our opening and our locking of it.
    if (isStillAt(path, lock)) return { release: () => removeLocked(path, lock) };
    lock.release();
  }
}

function isStillAt(path: string, lock: Lock): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there?.ino === fstatSync(lock.fd, { bigint: true }).ino;
}

/** Unlinks while the lock is held: whoever locks the file after that finds another one, or none, at its path. */
function removeLocked(path: string, lock: Lock): void {
  try {
    // Where it stays, unlocked, it is litter, and no harm.
    unlessRefused(() => unlinkSync(path));
  } finally {
    lock.release();
  }
}
