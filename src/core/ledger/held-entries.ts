/** What holds of the entries of a user. */
import type { Entry } from './entry.js';
import type { Known } from './known.js';

export interface HeldEntries {
  /** Of all entries, those that do not hold too. */
  readonly ids: Set<string>;
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
export function heldOf(entries: Iterable<Entry>): HeldEntries {
  const result: HeldEntries = { ids: new Set(), undone: new Set(), held: [] };
  for (const entry of entries) take(result, entry);
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
    for (; known.count < list.length; known.count++) take(known, list[known.count]!);
  }
  return known;
}

function take(known: HeldEntries, entry: Entry): void {
  const { ids, undone } = known;
  if (ids.has(entry.id)) return;
  ids.add(entry.id);
  if (entry.type === 'undo') {
    if (entry.undoes === undefined || undone.has(entry.undoes)) return;
    undone.add(entry.undoes);
    if (ids.has(entry.undoes)) known.held = known.held.filter(({ id }) => id !== entry.undoes);
  } else if (!undone.has(entry.id)) {
    const at = placeOf(known.held, entry.atMs);
    if (at === known.held.length) known.held.push(entry);
    else known.held = [...known.held.slice(0, at), entry, ...known.held.slice(at)];
  }
}

/** After those of the same time, which came before. */
function placeOf(held: readonly Entry[], atMs: number): number {
  let low = 0;
  let high = held.length;
  if (high === 0 || held[high - 1]!.atMs <= atMs) return high;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (held[middle]!.atMs <= atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
