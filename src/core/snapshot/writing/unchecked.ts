/**
 * Snapshots that are complete and that the machine kept from being checked: `snapshots/.unchecked-<id>`, which no reader
 * looks at. The command that made one finds it by its id, checks it and makes it visible; nothing is computed again.
 * docs/reference/publishing.md has the protocol.
 */
import { lstatSync, rmSync, type Stats } from 'node:fs';
import { join, relative } from 'node:path';
import { releasing } from '../../closers.js';
import type { TaskContext } from '../../contracts.js';
import { AppError, isDenied, orMachineError } from '../../errors.js';
import { isLocked } from '../../files/kernel-lock.js';
import { tryRemovableLock, type RemovableLock } from '../../files/removable-lock.js';
import { checkSnapshot } from '../check-snapshot.js';
import { damagedFile } from '../damaged-file.js';
import { bytesFreedBy, filesBelow } from '../disk-use.js';
import { cleanDrafts, type Leftovers } from './draft-lock.js';
import { findSnapshot } from '../find-snapshot.js';
import { rootPath, snapshotFile, uncheckedId } from '../layout.js';
import { makeDurable } from './make-durable.js';
import { leaseOnOwn, makeVisible } from './make-visible.js';
import type { Manifest } from '../manifest.js';
import { openForReading, type OpenSnapshot } from '../open-snapshot.js';
import { readManifest } from '../read-manifest.js';
import { writeStamp, type FileIdentities } from '../stamp.js';
import { isDirectory, sortEntries } from '../survey.js';

/**
 * The snapshot with this id where it was made before: visible, or complete and not yet checked, which is done now.
 * undefined where it has to be made. Throws unchecked where the machine refuses again, busy where another process is
 * at it; else like findSnapshot.
 */
export async function findMade(
  root: string,
  id: string,
  context: TaskContext,
): Promise<OpenSnapshot | undefined> {
  const found = await findSnapshot(root, id, context);
  if (found !== undefined) return found;
  // One that was killed at the last step becomes unchecked by this.
  if (isDirectory(rootPath.snapshots(root))) cleanDrafts(root);
  const directory = rootPath.unchecked(root, id);
  if (!isDirectory(directory)) return undefined;
  const lock = lockUnchecked(root, id);
  if (lock === undefined) {
    throw new AppError('busy', `another process is checking snapshot ${id} right now`, {
      suggestions: ['try again when it is done'],
    });
  }
  try {
    const sound = await check(directory, id, context);
    return sound === undefined ? undefined : await adopt(root, directory, sound, context);
  } finally {
    lock.release();
  }
}

interface Sound {
  readonly manifest: Manifest;
  readonly identities: FileIdentities;
}

/** undefined where it is damaged, and gone: then it is to be made again. */
async function check(directory: string, id: string, context: TaskContext): Promise<Sound | undefined> {
  try {
    const manifest = readManifest(join(directory, snapshotFile.manifest));
    if (manifest.id !== id) throw damagedFile(id, snapshotFile.manifest, `it is that of ${manifest.id}`);
    // Whoever made it may have been killed before all of it was durable.
    const identities = await checkSnapshot(directory, manifest, context, () => {
      makeDurable(directory, manifest);
    });
    return { manifest, identities };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'damaged-snapshot') throw keptAnyway(error);
    remove(directory);
    return undefined;
  }
}

/** Makes it visible, and opens it. */
async function adopt(
  root: string,
  directory: string,
  { manifest, identities }: Sound,
  context: TaskContext,
): Promise<OpenSnapshot> {
  return releasing(leaseOnOwn(directory), async () => {
    return releasing(await makeVisible(root, directory, manifest.id, context), async (visible) => {
      if (visible.existed) remove(directory);
      else writeStamp(root, manifest, identities);
      return await openForReading(root, manifest.id, context);
    });
  });
}

/** An error of checking it again: what waits is still there. */
function keptAnyway(error: unknown): unknown {
  return error instanceof AppError && error.code === 'unchecked' ? keptError(error) : error;
}

/** Says of an unchecked error that nothing is lost. */
export function keptError({ message, suggestions, details, cause }: AppError): AppError {
  return new AppError('unchecked', `${message}. It is complete, and kept`, {
    suggestions: [
      ...suggestions,
      'the same command checks it and makes it visible, and computes nothing again',
    ],
    details,
    cause,
  });
}

export interface UncheckedRules {
  /** Younger ones stay: they are worth the time it took to make them. */
  readonly olderThanMs: number;
  /** ms since 1970. */
  readonly nowMs: number;
  /** Only say which. */
  readonly dryRun: boolean;
}

/**
 * Removes those that are old, and those of which the snapshot is there by now. Those that another user does not let us
 * remove stay, with a warning. Throws machine errors.
 */
export function removeUnchecked(root: string, rules: UncheckedRules, context: TaskContext): Leftovers {
  const isOurs = (name: string, stat: Stats): boolean =>
    uncheckedId(name) !== undefined && stat.isDirectory();
  const paths: string[] = [];
  let bytes = 0;
  for (const name of sortEntries(root, rootPath.snapshots(root), isOurs).ours) {
    try {
      const removed = removeIfOld(root, uncheckedId(name) ?? '', rules);
      if (removed === undefined) continue;
      bytes += removed;
      paths.push(relative(root, join(rootPath.snapshots(root), name)));
    } catch (error) {
      if (!(error instanceof AppError) || !isDenied(error)) throw error;
      context.onProgress({ kind: 'warning', message: error.message });
    }
  }
  return { paths, bytes };
}

/** The bytes of the one that is gone; undefined where it stays. */
function removeIfOld(
  root: string,
  id: string,
  { olderThanMs, nowMs, dryRun }: UncheckedRules,
): number | undefined {
  const directory = rootPath.unchecked(root, id);
  const lock = dryRun ? undefined : lockUnchecked(root, id);
  if (dryRun ? isLocked(rootPath.uncheckedLock(root, id)) : lock === undefined) return undefined;
  try {
    const made = lstatSync(directory, { throwIfNoEntry: false })?.mtimeMs ?? nowMs;
    if (nowMs - made <= olderThanMs && !isDirectory(rootPath.snapshot(root, id))) return undefined;
    const bytes = bytesFreedBy(filesBelow(directory));
    if (!dryRun) remove(directory);
    return bytes;
  } finally {
    lock?.release();
  }
}

/** Removes the one with this id, since the snapshot is there by now; what is left is for `gc`. */
export function dropUnchecked(root: string, id: string): void {
  const directory = rootPath.unchecked(root, id);
  if (!isDirectory(directory)) return;
  try {
    const lock = lockUnchecked(root, id);
    if (lock === undefined) return;
    remove(directory);
    lock.release();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

function lockUnchecked(root: string, id: string): RemovableLock | undefined {
  const path = rootPath.uncheckedLock(root, id);
  return orMachineError(`lock ${path}`, () => tryRemovableLock(path));
}

function remove(directory: string): void {
  orMachineError(`remove ${directory}`, () => rmSync(directory, { recursive: true, force: true }));
}
