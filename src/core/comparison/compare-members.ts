/** What is different in another bundle, by the names of its members. */
import type { SnapshotId } from '../contracts.js';
import type { Member } from '../snapshot/manifest.js';

/** What there is under a name in two bundles. */
export interface MemberChange {
  readonly as: string;
  readonly change: 'same' | 'changed' | 'added' | 'removed';
  /** Ids; null in the one that has no such name. */
  readonly a: SnapshotId | null;
  readonly b: SnapshotId | null;
}

/** In the order of B, then those that only A has. What is no bundle has no members. */
export function compareMembers(a: readonly Member[], b: readonly Member[]): MemberChange[] {
  const before = new Map(a.map(({ as, snapshot }) => [as, snapshot]));
  const changes = b.map(({ as, snapshot }): MemberChange => {
    const other = before.get(as);
    before.delete(as);
    const change = other === undefined ? 'added' : other === snapshot ? 'same' : 'changed';
    return { as, change, a: other ?? null, b: snapshot };
  });
  for (const [as, snapshot] of before) changes.push({ as, change: 'removed', a: snapshot, b: null });
  return changes;
}

/** How many there are of each change, by their names in conditions and gates. */
export function memberNumbers(changes: readonly Pick<MemberChange, 'change'>[]): Map<string, number> {
  return new Map(
    (['added', 'removed', 'changed'] as const).map((kind) => [
      `members.${kind}`,
      changes.filter(({ change }) => change === kind).length,
    ]),
  );
}
