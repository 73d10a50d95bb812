/**
 * The (k, l)-core of interactions: users with at least minUserItems different items and items with at least
 * minItemUsers different users, each counted within what remains. Leaving out one may take another below its minimum, so
 * it goes on until nothing changes; the result is unique, whatever the order (Seidman 1983). Or once, items first and then
 * users, as the code of Liang et al. 2018 does it: then some items may be left below their minimum.
 */
import type { Interactions, Pairs } from '../contracts.js';
import { AppError } from '../errors.js';
import { hashInteractions, type CountedEvents } from './interactions-hash.js';
import { pickPairs } from './pick-pairs.js';

export interface Minimums {
  /** Users with fewer different items are left out; 1 keeps all. */
  readonly minUserItems: number;
  /** Items with fewer different users are left out; 1 keeps all. */
  readonly minItemUsers: number;
  /** Whether they are applied once, to items and then to users, instead of until both hold; default false. */
  readonly minimumsOnce?: boolean | undefined;
}

/** What the minimums leave of the events, with their hash. AppError 'empty-input'. */
export function interactionsOf(
  events: CountedEvents,
  { minUserItems, minItemUsers, minimumsOnce = false }: Minimums,
): Interactions {
  const kept = coreFilter(events, minUserItems, minItemUsers, minimumsOnce);
  if (kept.pairs.item.length > 0) return { ...kept, sha256: hashInteractions(kept) };
  throw new AppError(
    'empty-input',
    `no event is left: no set of users with at least ${minUserItems} items and items with at least ${minItemUsers} users exists`,
    {
      suggestions: ['Lower `minUserItems` or `minItemUsers`.'],
      details: { minUserItems, minItemUsers },
    },
  );
}

/** Users and items that remain are numbered anew, as `pickPairs` does. O(nnz × rounds). */
function coreFilter(
  all: CountedEvents,
  minUserItems: number,
  minItemUsers: number,
  once = false,
): CountedEvents {
  if (minUserItems <= 1 && minItemUsers <= 1) return all;
  const { pairs } = all;
  const kept = survivors(pairs, minUserItems, minItemUsers, once);
  if (kept === undefined) return all;

  const keep = new Uint8Array(pairs.item.length);
  for (let u = 0; u < pairs.numUsers; u++) {
    if (kept.users[u] === 0) continue;
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) keep[p] = kept.items[pairs.item[p]!]!;
  }
  return pickPairs(all, keep, 1).events;
}

/** Marks of the users and items that remain; undefined where all do. */
function survivors(
  { numUsers, numItems, indptr, item }: Pairs,
  minUserItems: number,
  minItemUsers: number,
  once: boolean,
): { users: Uint8Array; items: Uint8Array } | undefined {
  const users = new Uint8Array(numUsers).fill(1);
  const items = new Uint8Array(numItems).fill(1);
  const itemUsers = new Uint32Array(numItems);
  for (let p = 0; p < item.length; p++) itemUsers[item[p]!]! += 1;
  let changed = false;
  for (let again = true; again;) {
    again = false;
    for (let i = 0; i < numItems; i++) {
      if (items[i] === 0 || itemUsers[i]! >= minItemUsers) continue;
      items[i] = 0;
      again = true;
    }
    for (let u = 0; u < numUsers; u++) {
      if (users[u] === 0) continue;
      let degree = 0;
      for (let p = indptr[u]!; p < indptr[u + 1]!; p++) degree += items[item[p]!]!;
      if (degree >= Math.max(minUserItems, 1)) continue;
      users[u] = 0;
      again = true;
      for (let p = indptr[u]!; p < indptr[u + 1]!; p++) itemUsers[item[p]!]! -= 1;
    }
    // An item whose last user left has no event any more, whatever the minimum.
    for (let i = 0; i < numItems; i++) if (itemUsers[i] === 0) items[i] = 0;
    changed ||= again;
    if (once) break;
  }
  return changed ? { users, items } : undefined;
}
