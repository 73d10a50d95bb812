import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { descendingOrder } from '#dist/core/numeric/descending-order.js';

describe('rows by their value', () => {
  test('stand as a stable sort puts them, equal values by row', () => {
    const value = fc.oneof(
      fc.constantFrom(0, 1, 1.5, 2 ** -149, 3e38, Infinity),
      fc.float({ min: 0, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (list) => {
        const values = Float32Array.from(list);
        const rows = [...values.keys()];
        expect([...descendingOrder(values)]).toEqual(rows.sort((a, b) => values[b]! - values[a]! || a - b));
      }),
    );
  });

  test('are those that were asked for', () => {
    const values = Float32Array.of(3, 9, 3, 0, 9);
    expect([...descendingOrder(values, Uint32Array.of(0, 2, 3, 4))]).toEqual([4, 0, 2, 3]);
    expect([...descendingOrder(values, new Uint32Array())]).toEqual([]);
  });
});
