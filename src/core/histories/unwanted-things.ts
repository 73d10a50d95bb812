/** What a listener should not be recommended, where artists or albums are, by what is known of their tracks. */
import type { Pairs } from '../contracts.js';
import { banned, preferred } from '../numeric/pairs.js';

/** Items by the thing that they belong to. */
export interface ThingsOfItems {
  /** [items] row of each item's thing; numThings or more where it has none that counts. */
  readonly ofItem: Uint32Array;
  /** [numThings] how many items with a vector each has. */
  readonly numItems: Uint32Array;
}

/** @param ofItem [rows of the catalogue]; of them the first numItems have vectors */
export function thingsOfItems(ofItem: Uint32Array, numItems: number, numThings: number): ThingsOfItems {
  const counts = new Uint32Array(numThings);
  const withVectors = ofItem.subarray(0, numItems);
  for (const thing of withVectors) if (thing < numThings) counts[thing]!++;
  return { ofItem: withVectors, numItems: counts };
}

/**
 * Rows of the things to leave out for a history (pairs with a single row), ascending: those that were heard, unless
 * `includeHeard`: of which an item was played or liked, and no dislike came after; and those of which every item is
 * disliked or banned. One such item puts nothing out that has others.
 */
export function unwantedThings(
  things: ThingsOfItems,
  history: Pick<Pairs, 'item' | 'flags' | 'weight'>,
  includeHeard: boolean,
): number[] {
  const { ofItem, numItems } = things;
  const opposed: number[] = [];
  const out = new Set<number>();
  history.item.forEach((item, at) => {
    const flags = history.flags[at] ?? 0;
    const isLiked = (flags & preferred) !== 0;
    if ((flags & banned) !== 0 || !isLiked) opposed.push(item);
    const thing = ofItem[item] ?? numItems.length;
    // A pair of nothing but bans weighs nothing.
    const isHeard = isLiked && ((flags & banned) === 0 || history.weight[at]! > 0n);
    if (!includeHeard && isHeard && thing < numItems.length) out.add(thing);
  });
  for (const thing of wholeThings(things, opposed)) out.add(thing);
  return [...out].sort((a, b) => a - b);
}

/** The things of which all items are among these rows. */
export function wholeThings({ ofItem, numItems }: ThingsOfItems, items: Iterable<number>): number[] {
  const counts = new Map<number, number>();
  const whole: number[] = [];
  for (const item of new Set(items)) {
    const thing = ofItem[item] ?? numItems.length;
    if (thing >= numItems.length) continue;
    const count = (counts.get(thing) ?? 0) + 1;
    counts.set(thing, count);
    if (count === numItems[thing]) whole.push(thing);
  }
  return whole;
}
