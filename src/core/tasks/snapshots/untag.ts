/** `segue snapshots untag`: takes names away; the snapshots stay, until something collects them. */
import type { SnapshotId, TaskContext } from '../../contracts.js';
import { abortError } from '../../errors.js';
import { requireTag } from '../../snapshot/layout.js';
import { removeTag } from '../../snapshot/links.js';
import { requireTagged } from '../../snapshot/resolve-reference.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface UntagResult {
  /** What had each tag. */
  readonly untagged: readonly { readonly tag: string; readonly snapshot: SnapshotId }[];
}

/**
 * Removes tags, durably; none of them where one does not exist. Throws bad-usage for what cannot be a tag,
 * snapshot-not-found, damaged-root where something else stands in a tag's place, machine errors.
 */
export async function untag(options: AskedOf<'untag'>, context: TaskContext): Promise<UntagResult> {
  const { root } = options;
  const names = [...new Set(options.tags)];
  for (const name of names) requireTag(name);
  const untagged = names.map((name) => ({ tag: name, snapshot: requireTagged(root, name) }));
  if (context.signal.aborted) throw abortError(context.signal);
  for (const name of names) removeTag(root, name);
  return Promise.resolve({ untagged });
}
