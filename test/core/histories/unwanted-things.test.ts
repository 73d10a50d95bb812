import fc from 'fast-check';
import { expect, test } from 'vitest';
import { banned, preferred } from '#dist/core/numeric/pairs.js';
import { thingsOfItems, unwantedThings, wholeThings } from '#dist/core/histories/unwanted-things.js';

const noThing = 2 ** 32 - 1;

/** Item rows with what happened to them. */
const cases = fc.record({
  ofItem: fc.array(fc.option(fc.nat(5), { freq: 4 }), { minLength: 1, maxLength: 14 }),
  unplayed: fc.array(fc.option(fc.nat(7)), { maxLength: 3 }),
  history: fc.uniqueArray(
    fc.record({ item: fc.nat(13), flags: fc.nat(3), weight: fc.bigInt({ min: 0n, max: 2n }) }),
    { selector: ({ item }) => item, maxLength: 12 },
  ),
  excluded: fc.uniqueArray(fc.nat(16), { maxLength: 4 }),
  includeHeard: fc.boolean(),
});

test('what was heard is out, and what has nothing but unwanted items, as anybody would count it', () => {
  fc.assert(
    fc.property(cases, ({ ofItem, unplayed, history: anywhere, excluded, includeHeard }) => {
      const numItems = ofItem.length;
      const history = anywhere.filter(({ item }) => item < numItems).sort((a, b) => a.item - b.item);
      const all = Uint32Array.from([...ofItem, ...unplayed], (thing) => thing ?? noThing);
      const things = thingsOfItems(all, numItems, 6);
      const got = unwantedThings(
        things,
        {
          item: Uint32Array.from(history, ({ item }) => item),
          flags: Uint8Array.from(history, ({ flags }) => flags),
          weight: BigInt64Array.from(history, ({ weight }) => weight),
        },
        includeHeard,
      );
      const wanted = [0, 1, 2, 3, 4, 5].filter((thing) => {
        const items = [...ofItem.keys()].filter((item) => ofItem[item] === thing);
        const pairOf = (item: number) => history.find((pair) => pair.item === item);
        const isHeard = items.some((item) => {
          const pair = pairOf(item);
          if (pair === undefined || (pair.flags & preferred) === 0) return false;
          return (pair.flags & banned) === 0 || pair.weight > 0n;
        });
        const isOpposed = items.every((item) => {
          const pair = pairOf(item);
          const isUnwanted =
            pair !== undefined && ((pair.flags & banned) !== 0 || (pair.flags & preferred) === 0);
          return isUnwanted;
        });
        return (isHeard && !includeHeard) || (items.length > 0 && isOpposed);
      });
      expect(got).toEqual(wanted);
      const whole = [0, 1, 2, 3, 4, 5].filter((thing) => {
        const items = [...ofItem.keys()].filter((item) => ofItem[item] === thing);
        return items.length > 0 && items.every((item) => excluded.includes(item));
      });
      expect(wholeThings(things, excluded).toSorted()).toEqual(whole);
    }),
    { numRuns: 3000, seed: 9 },
  );
});
