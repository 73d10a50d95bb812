/** `segue snapshots tag`: gives a snapshot a name, which also keeps it from being collected. */
import type { SnapshotId, TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import { requireTag } from '../../snapshot/layout.js';
import { tagSnapshot } from '../../snapshot/links.js';
import { leaseNamed } from '../../snapshot/open-snapshot.js';
import { readTag } from '../../snapshot/resolve-reference.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface TagResult {
  readonly tag: string;
  readonly snapshot: SnapshotId;
  /** What had the tag before; null where there was no such tag. */
  readonly previous: SnapshotId | null;
  /** It had the tag already. */
  readonly unchanged: boolean;
}

/**
 * Makes the tag, or moves it from the snapshot that had it, durably. The snapshot's lease is held meanwhile, so that no
 * collector takes it before it has the tag. A bundle has a tag itself, not
 * its first member. Throws bad-usage for what cannot be a tag, snapshot-not-found,
 * damaged-snapshot, damaged-root where something else stands in the tag's place, machine errors.
 */
export async function tag(options: AskedOf<'tag'>, context: TaskContext): Promise<TagResult> {
  const { root, snapshot: reference, tag: name } = options;
  requireTag(name);
  const { id, lease } = await leaseNamed(root, reference);
  try {
    if (context.signal.aborted) throw abortError(context.signal);
    const previous = readTag(root, name) ?? null;
    // Also where it has it already: whoever made that so may not know that it lasts.
    tagSnapshot(root, id, name);
    return { tag: name, snapshot: id, previous, unchanged: previous === id };
  } finally {
    lease.release();
  }
}
