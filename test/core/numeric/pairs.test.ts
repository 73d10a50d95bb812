import { expect, it } from 'vitest';
import { banned, maxWeight, noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';

it('a weight and a time fit into int64, and no time is before every time', () => {
  for (const value of [noTime, maxWeight]) expect(BigInt.asIntN(64, value)).toBe(value);
  expect(noTime < BigInt(new Date(-8.64e15).getTime())).toBe(true);
  expect(Number(weightUnits) * 1e-9).toBe(1);
});

it('the flags of a pair are bits of their own', () => expect(preferred & banned).toBe(0));
