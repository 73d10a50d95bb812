import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Pairs } from '#dist/core/contracts.js';
import { banned, noTime, preferred } from '#dist/core/numeric/pairs.js';
import { distinctRows, exclusionsOf } from '#dist/core/query/exclusions.js';
import { itemGroups, wholeGroups } from '#dist/core/query/item-groups.js';

const noGroup = 2 ** 32 - 1;
const numGroups = 6;

interface Pair {
  readonly item: number;
  readonly flags: number;
  readonly weight: bigint;
}

/** Histories over a few items, of which each may be an artist's. */
const cases = fc.record({
  groupOf: fc.array(fc.option(fc.nat(5), { freq: 4 }), { minLength: 1, maxLength: 14 }),
  unplayed: fc.array(fc.option(fc.nat(7)), { maxLength: 3 }),
  histories: fc.array(
    fc.uniqueArray(
      fc.record({ item: fc.nat(13), flags: fc.nat(3), weight: fc.bigInt({ min: 0n, max: 2n }) }),
      { selector: ({ item }) => item, maxLength: 12 },
    ),
    { minLength: 1, maxLength: 4 },
  ),
  excluded: fc.uniqueArray(fc.nat(16), { maxLength: 4 }),
  liked: fc.uniqueArray(fc.nat(13), { maxLength: 4 }),
  includeHeard: fc.boolean(),
});

/** The pairs of some users, a row each. */
function pairsOf(histories: readonly (readonly Pair[])[], numItems: number): Pairs {
  const all = histories.flat();
  const indptr = [0];
  for (const { length } of histories) indptr.push(indptr.at(-1)! + length);
  return {
    ...{ numUsers: histories.length, numItems, indptr: Uint32Array.from(indptr) },
    item: Uint32Array.from(all, ({ item }) => item),
    weight: BigInt64Array.from(all, ({ weight }) => weight),
    count: Uint32Array.from(all, () => 1),
    lastAt: BigInt64Array.from(all, () => noTime),
    flags: Uint8Array.from(all, ({ flags }) => flags),
  };
}

const isDisliked = ({ flags }: Pair): boolean => (flags & preferred) === 0;
const isBanned = ({ flags }: Pair): boolean => (flags & banned) !== 0;
const ascending = (rows: Iterable<number>): number[] => [...new Set(rows)].sort((a, b) => a - b);

/** For items and for their artists, what anybody would leave out of one history who counts by hand. */
function byHand(
  { groupOf, includeHeard }: { readonly groupOf: (number | null)[]; readonly includeHeard: boolean },
  history: readonly Pair[],
): { readonly items: number[]; readonly groups: number[] } {
  const items = history.filter((pair) => !includeHeard || isDisliked(pair) || isBanned(pair));
  const groups = [...Array(numGroups).keys()].filter((group) => {
    const own = [...groupOf.keys()].filter((item) => groupOf[item] === group);
    const pairs = own.map((item) => history.find((pair) => pair.item === item));
    const isSeen = pairs.some(
      (pair) => pair !== undefined && !isDisliked(pair) && (!isBanned(pair) || pair.weight > 0n),
    );
    const isOpposed = pairs.every((pair) => pair !== undefined && (isDisliked(pair) || isBanned(pair)));
    return (isSeen && !includeHeard) || (own.length > 0 && isOpposed);
  });
  return { items: ascending(items.map(({ item }) => item)), groups };
}

test('what users may not see is what anybody would count, for one user and for many at a time', () => {
  fc.assert(
    fc.property(cases, ({ groupOf, unplayed, histories: anywhere, excluded, liked, includeHeard }) => {
      const numItems = groupOf.length;
      const histories = anywhere.map((history) =>
        history.filter(({ item }) => item < numItems).sort((a, b) => a.item - b.item),
      );
      const all = Uint32Array.from([...groupOf, ...unplayed], (group) => group ?? noGroup);
      const groups = itemGroups(all, numItems, numGroups);
      const many = pairsOf(histories, numItems);
      const rules = { includeHeard, excluded: distinctRows(excluded) };
      histories.forEach((history, user) => {
        const one = pairsOf([history], numItems);
        const wanted = byHand({ groupOf, includeHeard }, history);
        for (const [exclusions, own] of [
          [exclusionsOf(undefined), wanted.items],
          [exclusionsOf(groups), wanted.groups],
        ] as const) {
          const rows = exclusions.of(one, rules);
          expect([...rows.own]).toEqual(own);
          expect([...rows.all]).toEqual(ascending([...own, ...excluded]));
          expect(exclusions.of(many, rules, user)).toEqual(rows);
          // What is said against a row is said of those that are left out, and of bans and dislikes without fail.
          const said = Array.from({ length: Math.max(numItems, numGroups) }, (_, row) =>
            exclusions.objections(row, { history: one, liked, includeHeard }),
          );
          const rowsWith = (of: (why: readonly string[]) => boolean): number[] =>
            [...said.keys()].filter((row) => of(said[row]!));
          expect(own).toEqual(expect.arrayContaining(rowsWith((why) => why.length > 0)));
          const always = exclusions.of(one, { ...rules, includeHeard: true }).own;
          expect(rowsWith((why) => why.includes('banned') || why.includes('disliked'))).toEqual([...always]);
          if (includeHeard) expect(said.flat()).not.toContain('heard');
        }
      });
      const whole = [...Array(numGroups).keys()].filter((group) => {
        const items = [...groupOf.keys()].filter((item) => groupOf[item] === group);
        return items.length > 0 && items.every((item) => excluded.includes(item));
      });
      expect(wholeGroups(groups, excluded).toSorted()).toEqual(whole);
    }),
    { numRuns: 200, seed: 9 },
  );
});
