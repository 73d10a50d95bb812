/** The last step of making a snapshot: one rename gives a complete directory its id, and readers see it. */
import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import type { TaskContext } from '../../contracts.js';
import { errnoOf, machineError } from '../../errors.js';
import { fsyncDirectory } from '../../files/durable-write.js';
import type { Lock } from '../../files/kernel-lock.js';
import { makeRoomFor } from '../find-snapshot.js';
import { rootPath } from '../layout.js';
import { takeLease } from '../lease.js';

export interface VisibleSnapshot {
  /** Another process had made the same directory: then `directory` is where it was. */
  readonly existed: boolean;
  /** Of one that existed the lease: nobody collects it before links point to it. */
  release(): void;
}

/**
 * Renames `directory`, complete and durable, to the snapshot `id`. Where that exists by now and is whole it stays; where
 * it is damaged and nobody uses it, it is moved to the trash. The caller holds the lease on `directory`. Throws machine
 * errors, and then the name is not taken.
 */
export async function makeVisible(
  root: string,
  directory: string,
  id: string,
  context: TaskContext,
): Promise<VisibleSnapshot> {
  const path = rootPath.snapshot(root, id);
  let found = await makeRoomFor(root, id, context);
  while (found === undefined && !rename(directory, path)) found = await makeRoomFor(root, id, context);
  return { existed: found !== undefined, release: () => found?.close() };
}

/**
 * The lease on a directory that will be visible: from before it has its name until `latest` points to it nobody may
 * collect it.
 */
export function leaseOnOwn(directory: string): Lock {
  const lease = takeLease(directory);
  if (lease === undefined) throw new Error(`${directory} is in use by someone else`);
  return lease;
}

/** False where the id has appeared meanwhile. Takes the name back where its durability cannot be had. */
function rename(directory: string, path: string): boolean {
  try {
    renameSync(directory, path);
  } catch (error) {
    if (errnoOf(error) === 'ENOTEMPTY' || errnoOf(error) === 'EEXIST') return false;
    throw machineError(error, `make ${path}`);
  }
  try {
    fsyncDirectory(dirname(path));
    return true;
  } catch (error) {
    try {
      renameSync(path, directory);
    } catch {
      // Then it stays: whole, but perhaps not after a power cut. The error below is the one to report.
    }
    throw machineError(error, `make ${path} durable`);
  }
}
