/**
 * Opening a snapshot for reading: its reference is resolved once, a lease keeps it, and its files are verified unless
 * a stamp says that these very files were. What is returned never changes, whatever is published meanwhile.
 *
 * A command that answers one query pays for all of this at every start, so nothing heavy is imported here.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { opening } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import type { Lock } from '../files/kernel-lock.js';
import { isBundle, memberOf, noBundle } from './bundle.js';
import { latestName, snapshotFile, type SingleFile, type UserFile } from './layout.js';
import { takeLease } from './lease.js';
import type { AnyManifest, BundleManifest, Manifest } from './manifest.js';
import { readManifestFrom } from './read-manifest.js';
import { damagedFile } from './damaged-file.js';
import { defaultForReading, resolveReference, snapshotDirectory } from './resolve-reference.js';
import { stampHolds, writeStamp } from './stamp.js';
import { userParts as partsOf, type UserPart } from './users/user-parts.js';

export interface OpenSnapshot {
  readonly id: string;
  /** The bundle that it was found in, and its name there; undefined where it was named by itself. */
  readonly member?: Membership | undefined;
  /** The id of the training that its vectors come from. */
  readonly basis: string;
  /** The snapshot's directory, and that of the root which it is in. */
  readonly path: string;
  readonly root: string;
  readonly manifest: Manifest;
  /** The absolute path of a file. Throws missing-part where the snapshot has no such file. */
  file(name: SingleFile): string;
  has(name: SingleFile): boolean;
  /** Where users/ is: read through the functions of users/. */
  readonly userParts: readonly UserPart[];
  /** Whether there are users, and of each a file of this name. */
  hasUsers(name?: UserFile): boolean;
  /** Gives the lease back; the files may then be collected. */
  close(): void;
}

export interface Membership {
  readonly bundle: BundleManifest;
  readonly as: string;
}

/** A snapshot or a bundle that is kept by a lease, but not verified. */
export interface Leased<M extends AnyManifest = AnyManifest> {
  readonly id: string;
  readonly path: string;
  readonly root: string;
  readonly manifest: M;
  readonly lease: Pick<Lock, 'release'>;
}

/** A snapshot whose files are kept by a lease, and the bundle's too where it was found through one. */
export interface LeasedSnapshot extends Leased<Manifest> {
  readonly member?: Membership | undefined;
}

/** A collector may be faster than a reader, but hardly ever this often. */
const maxTries = 10;

/**
 * Opens what `reference` names for reading; without one `current`, or `latest` while nothing is published (a note
 * says so, through onProgress). Of a bundle the member `as`, its first without one; of anything else `as` is bad-usage.
 * Throws snapshot-not-found, damaged-root, not-a-snapshot, newer-format and damaged-snapshot (naming the file). Costs a
 * few ms where a stamp holds, else a read of all bytes.
 */
export async function openForReading(
  root: string,
  reference: string | undefined,
  context: TaskContext,
  as?: string,
): Promise<OpenSnapshot> {
  return openSnapshot(root, reference ?? defaultReference(root, context), context, as);
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
  as?: string,
): Promise<OpenSnapshot> {
  return openSnapshot(root, reference ?? latestName, context, as);
}

/** Opens each for reading, of bundles the member `as`: there may be others among them, but not only others. */
export async function openEach(
  root: string,
  references: readonly string[],
  context: TaskContext,
  as: string | undefined,
): Promise<OpenSnapshot[]> {
  return opening(async (opened) => {
    const all: OpenSnapshot[] = [];
    for (const reference of references)
      all.push(opened.keep(await openSnapshot(root, reference, context, as, true)));
    const [first] = all;
    if (as !== undefined && first !== undefined && all.every(({ member }) => member === undefined))
      throw noBundle(references[0] ?? '', first.id, as);
    return all;
  });
}

async function openSnapshot(
  root: string,
  reference: string,
  context: TaskContext,
  as: string | undefined,
  isOneOfSeveral = false,
): Promise<OpenSnapshot> {
  const leased = await leaseSnapshot(root, reference, as);
  try {
    if (as !== undefined && leased.member === undefined && !isOneOfSeveral)
      throw noBundle(reference, leased.id, as);
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

/**
 * The snapshot that a reference names, or of the bundle that it names the member `as`, its first without one: the only
 * place that goes from a bundle to a member. Throws 'bad-usage' for a name that the bundle does not have.
 */
export async function leaseSnapshot(root: string, reference: string, as?: string): Promise<LeasedSnapshot> {
  const named = await leaseNamed(root, reference);
  const { manifest } = named;
  if (!isBundle(manifest)) return { ...named, manifest };
  try {
    const member = memberOf(manifest, as);
    const leased = await leaseNamed(root, member.snapshot);
    const lease = {
      release(): void {
        leased.lease.release();
        named.lease.release();
      },
    };
    const found = leased.manifest;
    if (!isBundle(found))
      return { ...leased, manifest: found, member: { bundle: manifest, as: member.as }, lease };
    leased.lease.release();
    throw damagedFile(named.id, snapshotFile.manifest, `its member ${member.as} is a bundle itself`);
  } catch (error) {
    named.lease.release();
    // Whoever has a lease on a bundle keeps its members: no collector was faster.
    if (!(error instanceof AppError) || error.code !== 'snapshot-not-found') throw error;
    throw damagedFile(named.id, snapshotFile.manifest, `a member is missing: ${error.message}`);
  }
}

/** What a reference names itself, a bundle too; tries again where it was collected in between. */
export async function leaseNamed(root: string, reference: string): Promise<Leased> {
  for (let attempt = 1; ; attempt++) {
    try {
      const id = resolveReference(root, reference);
      const path = snapshotDirectory(root, id);
      const lease = takeLease(path);
      if (lease !== undefined) return leasedAt(root, id, path, lease);
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

function leasedAt(root: string, id: string, path: string, lease: Lock): Leased {
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
  { id, path, root, manifest, member }: Omit<LeasedSnapshot, 'lease'>,
  close: () => void = () => undefined,
): OpenSnapshot {
  const has = (name: SingleFile): boolean => Object.hasOwn(manifest.files, name);
  const userParts = partsOf(manifest, (name) => join(path, name));
  return {
    id,
    member,
    basis: manifest.basis,
    path,
    root,
    manifest,
    has,
    userParts,
    hasUsers: (name = snapshotFile.userTable) => userParts.every((part) => part.has(name)),
    file(name) {
      if (has(name)) return join(path, name);
      const part = name.split('/', 1)[0] ?? name;
      const suggestions = part === 'index' ? [`segue build-index ${id}`] : [];
      throw new AppError('missing-part', `snapshot ${id} has no ${part}/: ${name} is missing`, {
        suggestions,
        details: { snapshot: id, file: name },
      });
    },
    close,
  };
}
