/**
 * Who owns a draft: a kernel lock on `lock/draft-<name>`, taken before `snapshots/.tmp-<name>` is made and given back
 * after it is gone. So a draft whose lock is free, or missing, belongs to nobody: its process is dead.
 */
import { randomBytes } from 'node:crypto';
import { fstatSync, lstatSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import { errnoOf } from '../errors.js';
import { temporaryOwner } from '../files/durable-write.js';
import { tryLock } from '../files/kernel-lock.js';
import type { Lock } from '../files/kernel-lock.js';
import { draftName, draftOfLock, rootPath } from './layout.js';

export interface DraftLock {
  readonly name: string;
  /** Only after the draft's directory is gone. */
  release(): void;
}

/** A new name that is ours alone. Throws errno errors. */
export function lockNewDraft(root: string): DraftLock {
  for (;;) {
    const name = randomBytes(8).toString('hex');
    const path = rootPath.draftLock(root, name);
    const lock = tryLock(path, { create: true });
    // A cleaner may have taken the new file for a dead one's before it was locked, and removed it.
    if (lock !== undefined && isStillAt(path, lock)) {
      return { name, release: () => removeLocked(path, lock) };
    }
    lock?.release();
  }
}

/** Removes what dead processes left: drafts, and names that were about to be renamed. */
export function cleanDrafts(root: string): void {
  const names = new Set<string>();
  for (const entry of entriesOf(rootPath.locks(root))) addDefined(names, draftOfLock(entry));
  for (const entry of entriesOf(rootPath.snapshots(root))) addDefined(names, draftName(entry));
  for (const name of names) cleanDraft(root, name);
  for (const directory of [root, rootPath.tags(root), rootPath.stamps(root)]) {
    for (const entry of entriesOf(directory)) {
      const pid = temporaryOwner(entry);
      if (pid !== undefined && !isAlive(pid)) removeEntry(join(directory, entry));
    }
  }
}

function cleanDraft(root: string, name: string): void {
  const path = rootPath.draftLock(root, name);
  try {
    // Made where it is missing, so that two cleaners do not meet in one directory.
    const lock = tryLock(path, { create: true });
    if (lock === undefined) return;
    rmSync(rootPath.draft(root, name), { recursive: true, force: true });
    removeLocked(path, lock);
  } catch (error) {
    // Not ours to remove (another user's), or the disk refuses: the draft stays, and harms nobody.
    if (errnoOf(error) === undefined) throw error;
  }
}

/** Unlinks while the lock is held: whoever locks the file after that finds another one, or none, at its path. */
function removeLocked(path: string, lock: Lock): void {
  try {
    removeEntry(path);
  } finally {
    lock.release();
  }
}

function isStillAt(path: string, lock: Lock): boolean {
  const there = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return there?.ino === fstatSync(lock.fd, { bigint: true }).ino;
}

/** A pid can have been given anew, which only delays the cleaning; one of another host costs its owner a retry. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errnoOf(error) === 'EPERM';
  }
}

function removeEntry(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function entriesOf(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
    return [];
  }
}

function addDefined(names: Set<string>, name: string | undefined): void {
  if (name !== undefined) names.add(name);
}
