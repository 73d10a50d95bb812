/**
 * Opening a snapshot for reading: its reference is resolved once, a lease keeps it, and its files are verified unless
 * a stamp says that these very files were. What is returned never changes, whatever is published meanwhile.
 *
 * A command that answers one question pays for all of this at every start, so nothing heavy is imported here.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { Lock } from '../files/kernel-lock.js';
import { latestName, snapshotFile } from './layout.js';
import type { SnapshotFile } from './layout.js';
import { takeLease } from './lease.js';
import type { Manifest } from './manifest.js';
import { readManifestFrom } from './read-manifest.js';
import { damagedFile } from './damaged-file.js';
import { defaultForReading, resolveReference, snapshotDirectory } from './resolve-reference.js';
import { stampHolds, writeStamp } from './stamp.js';

export interface OpenSnapshot {
  readonly id: string;
  /** The id of the training that its vectors come from. */
  readonly basis: string;
  /** The snapshot's directory, and that of the root which it is in. */
  readonly path: string;
  readonly root: string;
  readonly manifest: Manifest;
  /** The absolute path of a file. Throws missing-part where the snapshot has no such file. */
  file(name: SnapshotFile): string;
  has(name: SnapshotFile): boolean;
  /** Gives the lease back; the files may then be collected. */
  close(): void;
}

/** A snapshot whose files are kept by a lease, but not verified. */
export interface LeasedSnapshot {
  readonly id: string;
  readonly path: string;
  readonly root: string;
  readonly manifest: Manifest;
  readonly lease: Lock;
}

/** A collector may be faster than a reader, but hardly ever this often. */
const maxTries = 10;

/**
 * Opens what `reference` names for reading; without one `current`, or `latest` while nothing is published (a note
 * says so, through onProgress). Throws snapshot-not-found, damaged-root, not-a-snapshot, newer-format and
 * damaged-snapshot (naming the file). Costs a few ms where a stamp holds, else a read of all bytes.
 */
export async function openForReading(
  root: string,
  reference: string | undefined,
  context: TaskContext,
): Promise<OpenSnapshot> {
  return openSnapshot(root, reference ?? defaultReference(root, context), context);
}

/** What readers take without a reference: `current`, or `latest` with a warning. */
export function defaultReference(root: string, context: TaskContext): string {
  const { reference, note } = defaultForReading(root);
  if (note !== undefined) context.onProgress({ kind: 'warning', message: note });
  return reference;
}

/** Opens what a making command starts from: without a reference `latest`. */
export async function openForMaking(
  root: string,
  reference: string | undefined,
  context: TaskContext,
): Promise<OpenSnapshot> {
  return openSnapshot(root, reference ?? latestName, context);
}

async function openSnapshot(root: string, reference: string, context: TaskContext): Promise<OpenSnapshot> {
  const leased = await leaseSnapshot(root, reference);
  try {
    if (!stampHolds(root, leased.path, leased.manifest)) {
      const { checkSnapshot } = await import('./check-snapshot.js');
      writeStamp(root, leased.manifest, await checkSnapshot(leased.path, leased.manifest, context));
    }
    return openLeased(leased);
  } catch (error) {
    leased.lease.release();
    throw error;
  }
}

/** Resolves a reference and takes the lease; tries again where the snapshot was collected in between. */
export async function leaseSnapshot(root: string, reference: string): Promise<LeasedSnapshot> {
  for (let attempt = 1; ; attempt++) {
    try {
      const id = resolveReference(root, reference);
      const path = snapshotDirectory(root, id);
      const lease = takeLease(path);
      if (lease !== undefined) return leasedSnapshot(root, id, path, lease);
    } catch (error) {
      // A link can be swapped, and what it named collected, between two system calls.
      const passing =
        error instanceof AppError && (error.code === 'snapshot-not-found' || error.code === 'damaged-root');
      if (!passing || attempt === maxTries) throw error;
      continue;
    }
    if (attempt === maxTries) {
      throw new AppError('busy', `the snapshot that ${reference} names is being collected`, {
        suggestions: ['try again'],
      });
    }
    // A collector that asks whether anyone reads it has it for a few system calls.
    await setTimeout(attempt);
  }
}

function leasedSnapshot(root: string, id: string, path: string, lease: Lock): LeasedSnapshot {
  try {
    const manifest = readManifestFrom(lease.fd, join(path, snapshotFile.manifest));
    if (manifest.id !== id) {
      throw damagedFile(id, snapshotFile.manifest, `it is the manifest of ${manifest.id}`);
    }
    return { id, path, root, manifest, lease };
  } catch (error) {
    lease.release();
    throw error;
  }
}

/** A snapshot that was verified, to be read as any other; closing it gives its lease back. */
export function openLeased({ lease, ...snapshot }: LeasedSnapshot): OpenSnapshot {
  return snapshotAt(snapshot, () => lease.release());
}

/** A snapshot that was verified, and is kept by a lease elsewhere: on a worker thread, by that of the thread that started it. */
export function snapshotAt(
  { id, path, root, manifest }: Omit<LeasedSnapshot, 'lease'>,
  close: () => void = () => undefined,
): OpenSnapshot {
  const has = (name: SnapshotFile): boolean => Object.hasOwn(manifest.files, name);
  return {
    id,
    basis: manifest.basis,
    path,
    root,
    manifest,
    has,
    file(name) {
      if (has(name)) return join(path, name);
      const part = name.split('/', 1)[0] ?? name;
      const suggestions =
        part === 'index'
          ? [`segue build-index ${id}`]
          : part === 'users'
            ? ['segue train without --without-users']
            : [];
      throw new AppError('missing-part', `snapshot ${id} has no ${part}/: ${name} is missing`, {
        suggestions,
        details: { snapshot: id, file: name },
      });
    },
    close,
  };
}
