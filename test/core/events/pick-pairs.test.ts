import { describe, expect, it } from 'vitest';
import { pickPairs } from '#dist/core/events/pick-pairs.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { pairsOf } from '../../helpers/sparse.js';

describe('pickPairs', () => {
  const row = (...items: number[]) => items.map((item) => [item, 1] as const);
  const all = {
    users: packStrings(['a', 'b', 'c']),
    items: packStrings(['w', 'x', 'y', 'z']),
    pairs: { ...pairsOf([row(0, 1, 2), row(1, 2), row(3)], 4), count: Uint32Array.of(1, 1, 1, 1, 5, 2) },
    numEvents: 11,
    firstAt: 1n,
    lastAt: null,
  };

  it('numbers what remains by (events descending, id ascending), as if it alone had been read', () => {
    const { events, userBefore, itemNow } = pickPairs(all, Uint8Array.of(9, 1, 9, 1, 1, 1), 1);
    // Left: a–x 1, b–x 1, b–y 5, c–z 2.
    expect([...userBefore]).toEqual([1, 2, 0]);
    expect([...itemNow]).toEqual([-1, 1, 0, 2]);
    expect([...events.pairs.indptr]).toEqual([0, 2, 3, 4]);
    expect([...events.pairs.item]).toEqual([0, 1, 2, 1]);
    expect([...events.pairs.count]).toEqual([5, 1, 2, 1]);
    expect([events.users.at(0), events.items.at(0)]).toEqual(['b', 'y']);
    expect(events.numEvents).toBe(9);
  });
});
