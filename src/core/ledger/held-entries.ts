/** What holds of the entries of a user. */
import type { Entry } from './entry.js';
import type { Known } from './known.js';

export interface HeldEntries {
  /** All entries by their ids, those that do not hold too. */
  readonly byId: Map<string, Entry>;
  /** The latest time of these, ms since 1970 UTC; −Infinity where there are none. */
  latestMs: number;
  /** Ids that an entry takes back. */
  readonly undone: Set<string>;
  /**
   * By time, then seq: the first of each id, without what was undone and the undoing. An undo is not undone: what it took
   * back is added anew, with an id of its own. Another list where it changes but at its end.
   */
  held: Entry[];
}

/** A user's entries by seq, in lists that are the same ones as long as they are known. @param inTable those of the table */
export function listsOf(user: string, { parts }: Known, inTable: readonly Entry[]): (readonly Entry[])[] {
  const lists = inTable.length === 0 ? [] : [inTable];
  for (const part of parts) {
    const entries = part.users.get(user);
    if (entries !== undefined) lists.push(entries);
  }
  return lists;
}

/** @param entries by seq */
export function heldOf(entries: readonly Entry[]): HeldEntries {
  const result: HeldEntries = { byId: new Map(), latestMs: -Infinity, undone: new Set(), held: [] };
  take(result, entries, 0);
  return result;
}

interface Kept extends HeldEntries {
  /** Those that are in it: all of them but for the end of the last. */
  readonly lists: (readonly Entry[])[];
  /** How many entries of the last are. */
  count: number;
}

/**
 * By the first of the lists, as long as that is: what is kept of a user whose entries in the table are no longer kept goes
 * with those.
 */
const kept = new WeakMap<readonly Entry[], Kept>();

/**
 * The same of lists that follow one another, to which more may have been added since at their end. Only what is new is gone
 * through: whoever does something now is likely to do more.
 */
export function heldOfLists(lists: readonly (readonly Entry[])[]): HeldEntries {
  const [first] = lists;
  if (first === undefined) return heldOf([]);
  let known = kept.get(first);
  if (known === undefined || known.lists.some((list, at) => list !== lists[at])) {
    known = { ...heldOf([]), lists: [first], count: 0 };
    kept.set(first, known);
  }
  for (let at = known.lists.length - 1; at < lists.length; at++) {
    const list = lists[at]!;
    if (at === known.lists.length) {
      known.lists.push(list);
      known.count = 0;
    }
    take(known, list, known.count);
    known.count = list.length;
  }
  return known;
}

/** Takes those from a position on; nearly always they are later than all before. */
function take(known: HeldEntries, entries: readonly Entry[], from: number): void {
  const { byId, undone } = known;
  const added: Entry[] = [];
  let lastMs = known.held.at(-1)?.atMs ?? -Infinity;
  let isInOrder = true;
  for (let at = from; at < entries.length; at++) {
    const entry = entries[at]!;
    if (byId.has(entry.id)) continue;
    byId.set(entry.id, entry);
    if (entry.atMs > known.latestMs) known.latestMs = entry.atMs;
    if (entry.type === 'undo') {
      if (entry.undoes === undefined) continue;
      undone.add(entry.undoes);
      if (byId.has(entry.undoes)) isInOrder = false;
    } else if (!undone.has(entry.id)) {
      if (entry.atMs < lastMs) isInOrder = false;
      lastMs = entry.atMs;
      added.push(entry);
    }
  }
  if (isInOrder) for (const entry of added) known.held.push(entry);
  else {
    known.held = [...known.held, ...added]
      .filter(({ id }) => !undone.has(id))
      .sort((a, b) => a.atMs - b.atMs || a.seq - b.seq);
  }
}
