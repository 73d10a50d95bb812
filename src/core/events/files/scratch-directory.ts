/**
 * A private directory for what reading needs on disk for a while: spooled input, DuckDB's spill files. A kernel lock in
 * it says that its process is alive; those whose process was killed are removed by the next one.
 */
import { lstatSync, readdirSync, rmSync, rmdirSync, unlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AppError, errnoOf, machineError } from '../../errors.js';
import { tryLock } from '../../files/kernel-lock.js';
import { networkFileSystem } from '../../files/network-file-system.js';
import { tryRemovableLock, type RemovableLock } from '../../files/removable-lock.js';

const prefix = 'segue-';
/** What mkdtemp makes of the prefix. */
const namePattern = /^segue-[A-Za-z0-9]{6}$/;
const lockName = '.lock';

/** Runs `work` with a new directory under the system's temporary one (TMPDIR) and removes it whatever happens. */
export async function withScratchDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const scratch = await openScratchDirectory();
  try {
    return await work(scratch.directory);
  } finally {
    await scratch.close();
  }
}

/** The same for whoever removes it with `close`. */
export async function openScratchDirectory(): Promise<{
  readonly directory: string;
  close(): Promise<void>;
}> {
  let scratch: { readonly directory: string; readonly lock: RemovableLock };
  try {
    sweepScratch(tmpdir());
    scratch = await makeScratch();
  } catch (error) {
    throw scratchError(error, `make a temporary directory in ${tmpdir()}`);
  }
  const { directory, lock } = scratch;
  return {
    directory,
    async close() {
      await rm(directory, { recursive: true, force: true });
      lock.release();
    },
  };
}

async function makeScratch(): Promise<{ directory: string; lock: RemovableLock }> {
  for (;;) {
    const directory = await mkdtemp(join(tmpdir(), prefix));
    const lock = lockScratch(directory);
    if (lock !== undefined) return { directory, lock };
  }
}

/** undefined where a sweeper was faster, who took the new lock file for a dead one's, and removes it. */
function lockScratch(directory: string): RemovableLock | undefined {
  try {
    return tryRemovableLock(join(directory, lockName));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Removes this user's scratch directories whose process is dead. One without a lock file is left alone: it may be that of
 * a process that is about to make it. Whatever cannot be removed stays.
 */
export function sweepScratch(parent: string): void {
  try {
    // There a lock may say nothing of processes on other machines.
    if (networkFileSystem(parent) !== undefined) return;
    for (const name of readdirSync(parent)) {
      if (namePattern.test(name)) sweep(join(parent, name));
    }
  } catch (error) {
    if (errnoOf(error) === undefined) throw error;
  }
}

function sweep(directory: string): void {
  try {
    const stat = lstatSync(directory, { throwIfNoEntry: false });
    if (stat?.isDirectory() !== true || stat.uid !== process.getuid?.()) return;
    const lock = tryLock(join(directory, lockName));
    if (lock === undefined) return;
    try {
      for (const entry of readdirSync(directory)) {
        if (entry !== lockName) rmSync(join(directory, entry), { recursive: true, force: true });
      }
      unlinkSync(join(directory, lockName));
      // Never recursively: its maker may have come meanwhile, and locked it anew.
      rmdirSync(directory);
    } finally {
      lock.release();
    }
  } catch (error) {
    // A lock file that is none, or that the disk does not let go.
    if (!(error instanceof AppError) && errnoOf(error) === undefined) throw error;
  }
}

/** What another directory may be without. */
const ofThePlace = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EACCES', 'EPERM', 'EROFS', 'ENOENT', 'ENOTDIR']);

/** A file or directory there that could not be written, as `machineError` says it, and what to do: another directory. */
export function scratchError(error: unknown, doing: string): AppError {
  const made = machineError(error, doing);
  if (made === error || !ofThePlace.has(errnoOf(error) ?? '')) return made;
  return new AppError(made.code, made.message, {
    suggestions: [
      ...made.suggestions,
      `Temporary files go to ${tmpdir()}: set TMPDIR to a directory with enough space.`,
    ],
    details: { ...made.details, temporaryDirectory: tmpdir() },
    cause: error,
  });
}
