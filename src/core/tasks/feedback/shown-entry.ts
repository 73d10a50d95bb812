import type { Moment, NonNegative, Rank, Text } from '../../contracts.js';
import type { Attribution, Entry, EntryScope, EntryType } from '../../ledger/entry.js';
import { weightUnits } from '../../numeric/pairs.js';

/** An entry of the ledger as answers show it. */
export interface ShownEntry {
  readonly seq: Rank;
  readonly id: Text;
  readonly user: Text;
  /** Id of the item, artist or album; null for an `undo`. */
  readonly item: string | null;
  /** What the snapshot calls the item; absent where it does not know it. */
  readonly name?: Text;
  readonly type: EntryType;
  readonly scope: EntryScope;
  readonly weight: NonNegative;
  /** ISO 8601 UTC. */
  readonly at: Moment;
  readonly source?: Text;
  readonly answer?: Attribution;
  /** Of an `undo`: the entry that it takes back. */
  readonly undoes?: Text;
}

/** @param nameOf of an item by its id; undefined where it is not known */
export function shownEntry(entry: Entry, nameOf: (id: string) => string | undefined): ShownEntry {
  const { seq, id, user, item, type, scope, weight, atMs, source, answer, undoes } = entry;
  const name = item === undefined || scope !== 'item' ? undefined : nameOf(item);
  return {
    ...{ seq, id, user, item: item ?? null },
    ...(name === undefined ? {} : { name }),
    ...{ type, scope, weight: Number(weight) / Number(weightUnits), at: new Date(atMs).toISOString() },
    ...(source === undefined ? {} : { source }),
    ...(answer === undefined ? {} : { answer }),
    ...(undoes === undefined ? {} : { undoes }),
  };
}
