import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sampleRows, seededRandom } from '#dist/core/numeric/random.js';

describe('seededRandom', () => {
  it('gives the same numbers for the same seed, on every machine', () => {
    const random = seededRandom(42);
    expect(Array.from({ length: 4 }, () => random.nextUint32())).toMatchInlineSnapshot(`
      [
        660444221,
        3652823732,
        77672526,
        910233633,
      ]
    `);
  });

  it('differs between seeds, also where only the bits above 32 differ', () => {
    const first = [0, 1, 2 ** 32, 2 ** 52].map((seed) => seededRandom(seed).nextUint32());
    expect(new Set(first).size).toBe(4);
  });

  it('is uniform below a bound', () => {
    const random = seededRandom(7);
    const counts = new Array<number>(6).fill(0);
    for (let n = 0; n < 60_000; n++) counts[random.nextBelow(6)]!++;
    // Standard deviation is about 91: five of them.
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(455);
  });
});

describe('sampleRows', () => {
  it('gives distinct rows below the bound, ascending, as many as asked or all there are', () => {
    fc.assert(
      fc.property(fc.nat(50), fc.nat(50), fc.nat(1000), (count, bound, seed) => {
        const rows = [...sampleRows(seededRandom(seed), count, bound)];
        expect(rows.length).toBe(Math.min(count, bound));
        expect(new Set(rows).size).toBe(rows.length);
        expect(rows).toEqual(rows.toSorted((a, b) => a - b));
        for (const row of rows) expect(row).toBeLessThan(bound);
      }),
    );
  });

  it('chooses every row equally often', () => {
    const random = seededRandom(3);
    const counts = new Array<number>(10).fill(0);
    for (let n = 0; n < 10_000; n++) for (const row of sampleRows(random, 3, 10)) counts[row]!++;
    // Standard deviation is about 46: five of them.
    for (const count of counts) expect(Math.abs(count - 3000)).toBeLessThan(230);
  });
});
