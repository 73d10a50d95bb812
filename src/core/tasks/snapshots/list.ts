/** `segue snapshots list`: what a root holds, by manifests and sizes; nothing is hashed. */
import type { Count, SnapshotId, Some, TaskContext } from '../../contracts.js';
import { abortError, type AppError, type ErrorCode } from '../../errors.js';
import type { Member } from '../../snapshot/manifest.js';
import type { DiskUse } from '../../snapshot/disk-use.js';
import { takeInventory, type InventoryEntry } from '../../snapshot/inventory.js';
import { namesOf, readLinks, type RootLinks, type SnapshotNames } from '../../snapshot/resolve-reference.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface SnapshotProblem {
  readonly code: ErrorCode;
  readonly message: string;
}

interface OneSnapshot {
  readonly snapshot: SnapshotId;
}

export interface ListedSnapshot extends OneSnapshot, SnapshotNames {
  /** The mtime of its manifest, ISO 8601 UTC; null where that is missing. */
  readonly madeAt: string | null;
  /** Of a bundle, and of one whose manifest cannot be read, this and what follows is null or empty. */
  readonly basis: SnapshotId | null;
  readonly parent: SnapshotId | null;
  readonly model: string | null;
  readonly dim: Count | null;
  readonly parts: readonly ('model' | 'users' | 'index')[];
  readonly items: Count | null;
  readonly users: Count | null;
  readonly metrics: Readonly<Record<string, number>>;
  /** Of its index. */
  readonly recallAt10: number | null;
  readonly bytes: DiskUse;
  /** What is wrong with it, as far as names and sizes tell; `snapshots verify` reads every byte. */
  readonly damage: SnapshotProblem | null;
  /** Of a bundle. */
  readonly members?: Some<Member>;
}

interface Amount {
  readonly count: Count;
  readonly bytes: Count;
}

export interface SnapshotList {
  readonly root: string;
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly current: SnapshotId | null;
  readonly previous: SnapshotId | null;
  readonly latest: SnapshotId | null;
  /** Newest first. */
  readonly snapshots: readonly ListedSnapshot[];
  /** Of all there are, shared files counted once. */
  readonly total: { readonly snapshots: Amount; readonly trash: Amount; readonly drafts: Amount };
  /** Links of the root that do not lead where they should. */
  readonly problems: readonly SnapshotProblem[];
}

/** A root without snapshots is an empty list. Throws machine errors. */
export async function listSnapshots(
  options: AskedOf<'listSnapshots'>,
  context: TaskContext,
): Promise<SnapshotList> {
  const { root, limit, at = new Date() } = options;
  const inventory = takeInventory(root);
  const links = readLinks(root);
  if (context.signal.aborted) throw abortError(context.signal);
  return Promise.resolve({
    root,
    at: at.toISOString(),
    current: links.current ?? null,
    previous: links.previous ?? null,
    latest: links.latest ?? null,
    snapshots: inventory.snapshots.slice(0, limit).map((entry) => listed(entry, links)),
    total: {
      snapshots: { count: inventory.snapshots.length, bytes: inventory.bytes },
      trash: inventory.trash,
      drafts: inventory.drafts,
    },
    problems: links.problems.map(problemOf),
  });
}

function listed(entry: InventoryEntry, links: RootLinks): ListedSnapshot {
  const { id, manifest, bundle, madeAtMs, use, damage } = entry;
  return {
    snapshot: id,
    ...namesOf(id, links),
    madeAt: madeAtMs === undefined ? null : new Date(madeAtMs).toISOString(),
    ...(bundle === undefined ? {} : { members: bundle.members }),
    basis: manifest?.basis ?? null,
    parent: manifest?.parent ?? null,
    model: manifest?.model.name ?? null,
    dim: manifest?.model.dim ?? null,
    parts:
      manifest === undefined
        ? []
        : [
            'model',
            ...(manifest.users === null ? [] : (['users'] as const)),
            ...(manifest.index === null ? [] : (['index'] as const)),
          ],
    items: manifest?.inputs.interactions.items ?? null,
    users: manifest?.users?.rows ?? null,
    metrics: manifest?.metrics ?? {},
    recallAt10: manifest?.index?.item.recallAt10 ?? null,
    bytes: use,
    damage: damage === undefined ? null : problemOf(damage),
  };
}

function problemOf({ code, message }: AppError): SnapshotProblem {
  return { code, message };
}
