/** `segue snapshots show`: everything that is known of one snapshot. Its manifest is checked, no other byte is read. */
import { join } from 'node:path';
import type { Count, MemberName, Positive, Sha256, SnapshotId, Some, TaskContext } from '../../contracts.js';
import { abortError, AppError, type ErrorCode } from '../../errors.js';
import { lockHolders, type LockHolders } from '../../files/lock-holders.js';
import { readChanges, type HistoryChange } from '../../publishing/history-changes.js';
import { memberOf, noBundle } from '../../snapshot/bundle.js';
import type { DiskUse } from '../../snapshot/disk-use.js';
import { takeInventory, type InventoryEntry } from '../../snapshot/inventory.js';
import { rootPath, snapshotFile } from '../../snapshot/layout.js';
import type { Manifest, Member } from '../../snapshot/manifest.js';
import { defaultReference } from '../../snapshot/open-snapshot.js';
import {
  namesOf,
  readLinks,
  resolveReference,
  type SnapshotNames,
} from '../../snapshot/resolve-reference.js';
import type { AskedOf } from '../../options/asked-of.js';

/** A time that it became current. */
export type Publication = Pick<HistoryChange, 'seq' | 'time' | 'op' | 'who' | 'why' | 'from'>;

export interface ShownBundle extends SnapshotNames {
  readonly snapshot: SnapshotId;
  readonly as: MemberName;
  readonly members: Some<Member>;
  /** ISO 8601 UTC. */
  readonly madeAt: string;
  /** The latest first. */
  readonly publications: readonly Publication[];
}

export interface ShownSnapshot
  extends
    SnapshotNames,
    Pick<Manifest, 'basis' | 'parent' | 'inputs' | 'model' | 'users' | 'index' | 'metrics'> {
  readonly snapshot: SnapshotId;
  /** Where a bundle was named, of which this is the member `as`. */
  readonly bundle?: ShownBundle;
  /** Its directory. */
  readonly path: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  /** The mtime of its manifest, ISO 8601 UTC. */
  readonly madeAt: string;
  readonly formatVersion: Positive;
  /** Snapshots that were made from this one, and are there. */
  readonly children: readonly SnapshotId[];
  readonly files: readonly { readonly path: string; readonly bytes: Count; readonly sha256: Sha256 }[];
  /** Of its files, manifest included. */
  readonly bytes: DiskUse;
  /** The latest first. */
  readonly publications: readonly Publication[];
  /** Who reads it right now; null where this system does not tell. */
  readonly readers: LockHolders | null;
  /** What is wrong with it, as far as names and sizes tell. */
  readonly damage: { readonly code: ErrorCode; readonly message: string } | null;
}

/** Throws bad-usage for a member that there is not; snapshot-not-found; damaged-snapshot, not-a-snapshot, newer-format where its manifest cannot be read. */
export async function showSnapshot(
  options: AskedOf<'showSnapshot'>,
  context: TaskContext,
): Promise<ShownSnapshot> {
  const { root, at = new Date() } = options;
  const named = resolveReference(root, options.snapshot ?? defaultReference(root, context));
  const { snapshots } = takeInventory(root);
  const outer = entryOf(named, snapshots);
  const { bundle } = outer;
  if (options.as !== undefined && outer.manifest !== undefined) throw noBundle(named, named, options.as);
  if (bundle !== undefined && outer.damage !== undefined) throw outer.damage;
  const member = bundle === undefined ? undefined : memberOf(bundle, options.as);
  const entry = member === undefined ? outer : entryOf(member.snapshot, snapshots);
  const { id, manifest } = entry;
  if (manifest === undefined) throw entry.damage ?? new Error(`the manifest of ${id} was not read`);
  if (context.signal.aborted) throw abortError(context.signal);
  const links = readLinks(root);
  const path = rootPath.snapshot(root, id);
  return Promise.resolve({
    snapshot: id,
    ...(bundle === undefined || member === undefined
      ? {}
      : {
          bundle: {
            snapshot: named,
            as: member.as,
            members: bundle.members,
            ...namesOf(named, links),
            madeAt: new Date(outer.madeAtMs ?? 0).toISOString(),
            publications: publicationsOf(root, named, links.current, context),
          },
        }),
    path,
    at: at.toISOString(),
    ...namesOf(id, links),
    madeAt: new Date(entry.madeAtMs ?? 0).toISOString(),
    formatVersion: manifest.formatVersion,
    basis: manifest.basis,
    parent: manifest.parent,
    children: childrenOf(id, snapshots),
    model: manifest.model,
    inputs: manifest.inputs,
    users: manifest.users,
    index: manifest.index,
    metrics: manifest.metrics,
    files: Object.entries(manifest.files).map(([file, digest]) => ({ path: file, ...digest })),
    bytes: entry.use,
    publications: publicationsOf(root, id, links.current, context),
    readers: lockHolders(join(path, snapshotFile.manifest)) ?? null,
    damage: entry.damage === undefined ? null : { code: entry.damage.code, message: entry.damage.message },
  });
}

function entryOf(id: string, snapshots: readonly InventoryEntry[]): InventoryEntry {
  const entry = snapshots.find((each) => each.id === id);
  if (entry !== undefined) return entry;
  throw new AppError('snapshot-not-found', `the snapshot ${id} was collected just now`);
}

function childrenOf(id: string, snapshots: readonly InventoryEntry[]): string[] {
  return snapshots.filter(({ manifest }) => manifest?.parent === id).map((child) => child.id);
}

/** A history that cannot be read hides nothing else. */
function publicationsOf(
  root: string,
  id: string,
  current: string | undefined,
  context: TaskContext,
): Publication[] {
  try {
    return readChanges(root, current)
      .changes.filter(({ to, outcome }) => to === id && (outcome === 'done' || outcome === 'unconfirmed'))
      .map(({ seq, time, op, who, why, from }) => ({ seq, time, op, who, why, from }));
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.onProgress({ kind: 'warning', message: error.message });
    return [];
  }
}
