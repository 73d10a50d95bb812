import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  maxWeight,
  noTime,
  weightToNumber,
  weightUnits,
  weightsToNumbersInto,
} from '#dist/core/numeric/pairs.js';

describe('weights', () => {
  it('become numbers by two roundings, one at a time or all together', () => {
    const weight = fc.oneof(
      fc.bigInt(0n, maxWeight),
      fc.bigInt(0n, 2n ** 54n),
      fc.constantFrom(0n, 1n, maxWeight),
    );
    fc.assert(
      fc.property(fc.array(weight, { maxLength: 20 }), (weights) => {
        const out = new Float64Array(weights.length);
        weightsToNumbersInto(BigInt64Array.from(weights), weights.length, out);
        expect([...out]).toEqual(weights.map((units) => Number(units) / 1e9));
        expect([...out]).toEqual(weights.map(weightToNumber));
      }),
    );
  });

  it('are 1 for a billion units', () => {
    expect(weightToNumber(weightUnits)).toBe(1);
    expect(weightToNumber(1n)).toBe(1e-9);
    expect(BigInt.asIntN(64, noTime)).toBe(noTime);
  });
});
