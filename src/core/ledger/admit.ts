/** Which entries a ledger takes, given what it holds. Pure. */
import type { Entry, NewEntry } from './entry.js';
import { heldOfLists, listsOf } from './held-entries.js';
import { forgottenOf, positionsOf, watermarkOf } from './known.js';
import type { Known } from './known.js';

/**
 * What became of an entry: its seq, or why it was left out: its user has an entry of that `id`; its position is not
 * `behind` … but past; or its user was `forgotten` later than it happened.
 */
export type AddedEntry =
  | { readonly id: string; readonly seq: number }
  | { readonly id: string; readonly leftOut: 'repeated' | 'behind' | 'forgotten' };

/** What stands in the table of the users at hand, and their marks where anyone was forgotten. */
export interface Found {
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
  readonly marks: ReadonlyMap<string, string>;
}

export interface Admission {
  readonly taken: readonly NewEntry[];
  readonly outcomes: readonly AddedEntry[];
}

export function admit(entries: readonly NewEntry[], known: Known, found: Found): Admission {
  const positions = positionsOf(known);
  const forgotten = forgottenOf(known);
  /** By user, those before, and those that are taken here. */
  const ids = new Map<string, { readonly before: ReadonlySet<string>; readonly added: Set<string> }>();
  const taken: NewEntry[] = [];
  let seq = watermarkOf(known);
  const outcomes = entries.map((entry): AddedEntry => {
    const { id, user, position, atMs } = entry;
    const mark = found.marks.get(user);
    if (mark !== undefined && atMs <= (forgotten.get(mark) ?? -Infinity)) return { id, leftOut: 'forgotten' };
    if (position !== undefined && position.offset <= (positions.get(position.partition) ?? -Infinity))
      return { id, leftOut: 'behind' };
    let seen = ids.get(user);
    if (seen === undefined) {
      const lists = listsOf(user, known, found.entries.get(user) ?? []);
      ids.set(user, (seen = { before: heldOfLists(lists).ids, added: new Set() }));
    }
    if (seen.before.has(id) || seen.added.has(id)) return { id, leftOut: 'repeated' };
    seen.added.add(id);
    if (position !== undefined) positions.set(position.partition, position.offset);
    taken.push(entry);
    return { id, seq: ++seq };
  });
  return { taken, outcomes };
}
