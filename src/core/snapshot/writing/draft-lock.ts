/**
 * Who owns a draft: a kernel lock on `lock/draft-<name>`, taken before `snapshots/.tmp-<name>` is made and given back
 * after it is gone. So a draft whose lock is free, or missing, belongs to nobody: its process is dead.
 */
import { randomBytes } from 'node:crypto';
import { lstatSync, readdirSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { AppError, errnoOf, unlessRefused } from '../../errors.js';
import { fsyncDirectory, temporaryOwner } from '../../files/durable-write.js';
import { isLocked } from '../../files/kernel-lock.js';
import { tryRemovableLock } from '../../files/removable-lock.js';
import { bytesFreedBy, filesBelow } from '../disk-use.js';
import { draftName, draftOfLock, rootPath, snapshotFile } from '../layout.js';
import { readManifest } from '../read-manifest.js';
import { isDirectory } from '../survey.js';

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

/** What a dead process left, or would be removed of it. */
export interface Leftovers {
  /** Below the root. */
  readonly paths: readonly string[];
  readonly bytes: number;
}

/**
 * Removes what dead processes left: drafts, and names that were about to be renamed. With `dryRun` only says what it
 * would remove.
 */
export function cleanDrafts(root: string, { dryRun = false } = {}): Leftovers {
  const names = new Set<string>();
  for (const entry of entriesOf(rootPath.locks(root))) addDefined(names, draftOfLock(entry));
  for (const entry of entriesOf(rootPath.snapshots(root))) addDefined(names, draftName(entry));
  const paths: string[] = [];
  let bytes = 0;
  for (const name of names) {
    // Where it is not ours to remove (another user's), or the disk refuses, the draft stays, and harms nobody.
    const removed = unlessRefused(() => cleanDraft(root, name, dryRun));
    if (removed === undefined) continue;
    paths.push(relative(root, rootPath.draft(root, name)));
    bytes += removed;
  }
  // A link in their place leads to another's, whose files are none of ours.
  for (const directory of [root, ...[rootPath.tags(root), rootPath.stamps(root)].filter(isDirectory)]) {
    for (const entry of entriesOf(directory)) {
      const pid = temporaryOwner(entry);
      if (pid === undefined || isAlive(pid)) continue;
      const path = join(directory, entry);
      if (dryRun || removeEntry(path)) paths.push(relative(root, path));
    }
  }
  return { paths, bytes };
}

/** The bytes of the draft that is gone; undefined where there was none, or it is not a dead one's. */
function cleanDraft(root: string, name: string, dryRun: boolean): number | undefined {
  const directory = rootPath.draft(root, name);
  // Only a directory is segue's.
  const stat = lstatSync(directory, { throwIfNoEntry: false });
  if (stat?.isDirectory() === false) return undefined;
  const bytes = stat === undefined ? undefined : bytesFreedBy(filesBelow(directory));
  const id = stat === undefined ? undefined : idOfComplete(root, directory);
  if (dryRun && id !== undefined) return undefined;
  if (dryRun) return isLocked(rootPath.draftLock(root, name)) ? undefined : bytes;
  // Made where it is missing, so that two cleaners do not meet in one directory.
  const lock = tryRemovableLock(rootPath.draftLock(root, name));
  if (lock === undefined) return undefined;
  const isKept = id !== undefined && keepDraft(root, directory, id);
  if (!isKept) rmSync(directory, { recursive: true, force: true });
  lock.release();
  return isKept ? undefined : bytes;
}

/**
 * Keeps a complete draft as the unchecked snapshot of its id, which the next run of the same command checks. False where
 * there is one already, or the disk refuses. The caller holds the draft's lock.
 */
export function keepDraft(root: string, directory: string, id: string): boolean {
  const kept = unlessRefused(() => {
    renameSync(directory, rootPath.unchecked(root, id));
    fsyncDirectory(rootPath.snapshots(root));
    return true;
  });
  return kept ?? false;
}

/**
 * The id of a draft that lacks nothing but the check: its process was killed during it. The manifest is written after
 * everything else. undefined of any other, and where the snapshot is there.
 */
function idOfComplete(root: string, directory: string): string | undefined {
  try {
    const { id } = readManifest(join(directory, snapshotFile.manifest));
    return isDirectory(rootPath.snapshot(root, id)) ? undefined : id;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return undefined;
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

function removeEntry(path: string): boolean {
  const removed = unlessRefused(() => {
    unlinkSync(path);
    return true;
  });
  return removed ?? false;
}

function entriesOf(directory: string): string[] {
  return unlessRefused(() => readdirSync(directory)) ?? [];
}

function addDefined(names: Set<string>, name: string | undefined): void {
  if (name !== undefined) names.add(name);
}
