import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shareParts, slotKinds, slotsOfShare, type SlotKind } from '#dist/core/query/recipes/slots.js';
import { words } from '../../../helpers/words.js';

const first = (count: number, promote: number, explore: number): SlotKind[] => {
  const kinds = slotKinds(promote, explore);
  return Array.from({ length: count }, () => kinds.next().value);
};
const slotsOf = (kinds: readonly SlotKind[], kind: SlotKind): number[] =>
  kinds.flatMap((one, at) => (one === kind ? [at + 1] : []));

describe('a share of the slots', () => {
  it.each([
    ['20%', 2000],
    ['20 %', 2000],
    ['0.2', 2000],
    ['1', 10_000],
    ['100%', 10_000],
    ['0.01%', 1],
    ['0.0001', 1],
    ['33.33%', 3333],
    ['0.29', 2900],
  ])('is read exactly: %s', (text, parts) => expect(shareParts(text)).toBe(parts));

  it.each(words`0 0% 1.1 101% -0.1 20 0.00001 33.333% 1e-1 .2 % ${''} ${'0.2 0'} half`)(
    'is not read: %j',
    (text) => expect(shareParts(text)).toBeUndefined(),
  );

  it('is that of every length, to the nearest whole slot, halves up', () => {
    for (let parts = 1; parts <= 10_000; parts += 37)
      for (let slots = 0; slots <= 50; slots++) {
        // In whole numbers: the nearest n is the one with |n − slots · share| ≤ 1/2.
        const n = slotsOfShare(slots, parts);
        const twice = 2n * BigInt(slots) * BigInt(parts);
        expect(20_000n * BigInt(n) - twice).toBeLessThanOrEqual(10_000n);
        expect(20_000n * BigInt(n) - twice).toBeGreaterThan(-10_000n);
      }
  });

  it('is spread evenly', () => {
    expect(slotsOf(first(30, 2000, 0), 'promoted')).toEqual([3, 8, 13, 18, 23, 28]);
    expect(slotsOf(first(30, 0, 1000), 'explored')).toEqual([5, 15, 25]);
    expect(slotsOf(first(5, 10_000, 0), 'promoted')).toEqual([1, 2, 3, 4, 5]);
    // Slot 5 would be both's.
    expect(slotsOf(first(20, 1000, 1000), 'promoted')).toEqual([5, 15]);
    expect(slotsOf(first(20, 1000, 1000), 'explored')).toEqual([6, 16]);
    expect(first(4, 5000, 5000)).toEqual(['promoted', 'explored', 'promoted', 'explored']);
    expect(new Set(first(50, 0, 0))).toEqual(new Set(['score']));
  });

  it('holds for any two shares at once: an explored slot that is taken is the next that is free', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 0, max: 10_000 }),
        fc.integer({ min: 1, max: 200 }),
        (a, b, count) => {
          const promote = a;
          const explore = Math.min(b, 10_000 - a);
          const kinds = first(count, promote, explore);
          // Where each share alone has its slots.
          const due = (parts: number): number[] =>
            Array.from({ length: count }, (_, at) => at + 1).filter(
              (slot) => slotsOfShare(slot, parts) > slotsOfShare(slot - 1, parts),
            );
          const promoted = due(promote);
          expect(slotsOf(kinds, 'promoted')).toEqual(promoted);
          const wanted: number[] = [];
          for (const slot of due(explore)) {
            let free = Math.max(slot, (wanted.at(-1) ?? 0) + 1);
            while (promoted.includes(free)) free++;
            if (free <= count) wanted.push(free);
          }
          expect(slotsOf(kinds, 'explored')).toEqual(wanted);
          // Whatever the length.
          expect(first(Math.ceil(count / 2), promote, explore)).toEqual(kinds.slice(0, Math.ceil(count / 2)));
        },
      ),
    );
  });
});
