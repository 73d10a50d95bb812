/** Which entries a ledger takes, given what it holds. Pure. */
import { keptEntry, type Entry, type NewEntry } from './entry.js';
import { heldOfLists, listsOf, type HeldEntries } from './held-entries.js';
import { forgottenOf, positionsOf, watermarkOf, type Known } from './known.js';
import { isSameContent } from './same-content.js';

/**
 * What became of an entry: its seq, or why it was left out: its user has an entry of that id, the same
 * (`repeated`) or another (`conflict`); its position is not `behind` … but past; or its user was `forgotten` later than it
 * happened.
 */
export type AddedEntry =
  | { readonly id: string; readonly seq: number }
  | { readonly id: string; readonly leftOut: 'repeated' | 'behind' | 'forgotten' }
  | { readonly id: string; readonly leftOut: 'conflict'; readonly holds: Entry };

/** What stands in the table of the users at hand, and their marks where anyone was forgotten. */
export interface Found {
  readonly entries: ReadonlyMap<string, readonly Entry[]>;
  readonly marks: ReadonlyMap<string, string>;
}

export interface Admission {
  /** As they are kept. */
  readonly taken: readonly Entry[];
  readonly outcomes: readonly AddedEntry[];
}

/** A user's entries before, and those that are taken here. */
interface OfUser {
  readonly before: HeldEntries;
  readonly added: Map<string, Entry>;
  latestMs: number;
}

export function admit(entries: readonly NewEntry[], known: Known, found: Found): Admission {
  const positions = positionsOf(known);
  const forgotten = forgottenOf(known);
  const users = new Map<string, OfUser>();
  const taken: Entry[] = [];
  let seq = watermarkOf(known);
  const outcomes = entries.map((given): AddedEntry => {
    const { id, user, position, isNow, formerId } = given;
    const mark = found.marks.get(user);
    const forgottenMs = mark === undefined ? -Infinity : (forgotten.get(mark) ?? -Infinity);
    if (isNow !== true && given.atMs <= forgottenMs) return { id, leftOut: 'forgotten' };
    if (position !== undefined && position.offset <= (positions.get(position.partition) ?? -Infinity))
      return { id, leftOut: 'behind' };
    let of = users.get(user);
    if (of === undefined) {
      const before = heldOfLists(listsOf(user, known, found.entries.get(user) ?? []));
      users.set(user, (of = { before, added: new Map(), latestMs: before.latestMs }));
    }
    const { before, added } = of;
    const { byId } = before;
    const holds = byId.get(id) ?? added.get(id) ?? (formerId === undefined ? undefined : byId.get(formerId));
    // It is deleted with the next compaction: nobody is told what it was.
    if (holds !== undefined && holds.atMs <= forgottenMs) return { id, leftOut: 'forgotten' };
    if (holds !== undefined)
      return isSameContent(given, holds) ? { id, leftOut: 'repeated' } : { id, leftOut: 'conflict', holds };
    // Whatever clocks said before, and say now.
    const atMs = isNow === true ? Math.max(given.atMs, of.latestMs, forgottenMs + 1) : given.atMs;
    of.latestMs = Math.max(of.latestMs, atMs);
    const kept = keptEntry(given, ++seq, atMs);
    added.set(id, kept);
    if (position !== undefined) positions.set(position.partition, position.offset);
    taken.push(kept);
    return { id, seq };
  });
  return { taken, outcomes };
}
