/**
 * Who owns a draft: a kernel lock on `lock/draft-<name>`, taken before `snapshots/.tmp-<name>` is made and given back
 * after it is gone. So a draft whose lock is free, or missing, belongs to nobody: its process is dead.
 */
import { randomBytes } from 'node:crypto';
import { readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';

import { errnoOf } from '../errors.js';
import { temporaryOwner } from '../files/durable-write.js';
import { tryRemovableLock } from '../files/removable-lock.js';
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
    const lock = tryRemovableLock(rootPath.draftLock(root, name));
    // A cleaner may hold it, who takes the new file for a dead one's.
    if (lock !== undefined) return { name, release: () => lock.release() };
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
  try {
    // Made where it is missing, so that two cleaners do not meet in one directory.
    const lock = tryRemovableLock(rootPath.draftLock(root, name));
    if (lock === undefined) return;
    rmSync(rootPath.draft(root, name), { recursive: true, force: true });
    lock.release();
  } catch (error) {
    // Not ours to remove (another user's), or the disk refuses: the draft stays, and harms nobody.
    if (errnoOf(error) === undefined) throw error;
  }
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
