import type { Pairs } from '../contracts.js';
import { emptyPairs } from '../numeric/split-pairs.js';
import { byGroup, noTime, preferred, weightUnits } from '../numeric/pairs.js';
import type { SeenItems } from './histories.js';

/** The history of someone who has not listened yet. */
export function emptyHistory(numItems: number): Pairs {
  return emptyPairs(Uint32Array.of(0, 0), numItems);
}

/**
 * A single user's history with likes and dislikes of now added: each weighs 1 and decides the pair's preference, as an
 * event of that type would. An item in both lists is disliked.
 */
export function withOpinions(history: Pairs, liked: readonly number[], disliked: readonly number[]): Pairs {
  const opinions = new Map<number, boolean>();
  for (const item of liked) opinions.set(item, true);
  for (const item of disliked) opinions.set(item, false);
  if (opinions.size === 0) return history;

  const known = new Map(Array.from(history.item, (item, at) => [item, at] as const));
  const items = [...new Set([...known.keys(), ...opinions.keys()])].sort((a, b) => a - b);
  const at = (item: number): number => known.get(item) ?? -1;
  return {
    numUsers: 1,
    numItems: history.numItems,
    indptr: Uint32Array.of(0, items.length),
    item: Uint32Array.from(items),
    weight: BigInt64Array.from(
      items,
      (i) => (history.weight[at(i)] ?? 0n) + (opinions.has(i) ? weightUnits : 0n),
    ),
    count: Uint32Array.from(items, (i) => (history.count[at(i)] ?? 0) + (opinions.has(i) ? 1 : 0)),
    lastAt: BigInt64Array.from(items, (i) => history.lastAt[at(i)] ?? noTime),
    flags: Uint8Array.from(items, (i) => {
      const flags = history.flags[at(i)] ?? preferred;
      const liking = opinions.get(i);
      return liking === undefined ? flags : (liking ? flags | preferred : flags & ~preferred) & ~byGroup;
    }),
  };
}

/**
 * Whether a user's history holds anything that was played or liked: neither a dislike, nor a ban and nothing else. A vector
 * that was imported says what they like whatever else is known.
 * @param user row of `pairs`; 0 where these are one user's
 */
export function hasLikes(
  { indptr, weight, flags, vector }: SeenItems & Pick<Pairs, 'vector'>,
  user = 0,
): boolean {
  if (vector !== undefined) return true;
  for (let p = indptr[user]!; p < indptr[user + 1]!; p++)
    if (weight[p]! > 0n && (flags[p]! & preferred) !== 0) return true;
  return false;
}
