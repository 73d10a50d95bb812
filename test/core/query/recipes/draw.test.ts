import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { drawOrder } from '#dist/core/query/recipes/draw.js';

const idOf = (row: number): string => `item ${row}`;
const rows = Array.from({ length: 40 }, (_, row) => row);
const key = { seed: 7, period: null, user: 'u' };

describe('a draw', () => {
  it('is the order of the digests of seed, period, user and item', () => {
    const digest = (row: number): string =>
      createHash('sha256')
        .update(JSON.stringify([7, null, 'u', `item ${row}`]))
        .digest('hex');
    const wanted = [...rows].sort((a, b) => (digest(a) < digest(b) ? -1 : 1));
    expect(drawOrder(rows, idOf, key)).toEqual(wanted);
    expect(drawOrder([...rows].reverse(), idOf, key)).toEqual(wanted);
  });

  it('is another one for another seed, time and user, and keeps its order where an item is gone', () => {
    const order = drawOrder(rows, idOf, key);
    for (const other of [{ seed: 8 }, { period: 0 }, { user: 'v' }, { user: null }])
      expect(drawOrder(rows, idOf, { ...key, ...other })).not.toEqual(order);
    const without = rows.filter((row) => row !== order[3]);
    expect(drawOrder(without, idOf, key)).toEqual(order.filter((row) => row !== order[3]));
    expect(drawOrder([], idOf, key)).toEqual([]);
  });

  it('draws every item as often', () => {
    const first = new Array<number>(10).fill(0);
    for (let user = 0; user < 4000; user++)
      first[drawOrder(rows.slice(0, 10), idOf, { ...key, user: `u${user}` })[0]!]!++;
    // 400 each, σ = 19: the bound is five of them.
    for (const count of first) expect(Math.abs(count - 400)).toBeLessThan(95);
  });
});
