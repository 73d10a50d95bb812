/** `segue snapshots delete`: deletes snapshots that are named. */
import type { Count, SnapshotId, Some, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import type { DiskUse } from '../../snapshot/disk-use.js';
import { deleteSnapshots as deleteNamed } from '../../retention/delete-snapshots.js';
import { secondsSince } from '../seconds.js';
import type { AskedOf } from '../../options/asked-of.js';

export type DeleteSnapshotsOptions = AskedOf<'deleteSnapshots'>;

export interface DeleteSnapshotsResult {
  readonly dryRun: boolean;
  readonly deleted: Some<{ readonly snapshot: SnapshotId; readonly bytes: DiskUse }>;
  /** What `latest` names now, or would: the most recently made that is left, where it named one that goes. */
  readonly latest: SnapshotId | null;
  /** What the disk got back, or would. */
  readonly freedBytes: Count;
  readonly seconds: number;
}

/** Throws what deleting throws: nothing is deleted unless all can be. */
export async function deleteSnapshots(
  options: DeleteSnapshotsOptions,
  context: TaskContext,
): Promise<DeleteSnapshotsResult> {
  const startMs = performance.now();
  const { root, snapshots: references, force, dryRun } = options;
  if (references.length === 0) throw new AppError('bad-usage', 'name at least one snapshot to delete');
  const { deleted, latest, freedBytes } = await deleteNamed(root, { references, force, dryRun }, context);
  return {
    dryRun,
    deleted: deleted.map(({ id, use }) => ({ snapshot: id, bytes: use })),
    ...{ latest, freedBytes },
    seconds: secondsSince(startMs),
  };
}
