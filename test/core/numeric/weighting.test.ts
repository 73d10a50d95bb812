import { describe, expect, it } from 'vitest';
import { confidenceFunction, parseConfidence, rowRegularisation } from '#dist/core/numeric/weighting.js';
import { weighedRows } from '#dist/core/numeric/training-rows.js';
import { words as typed } from '../../helpers/words.js';

const confidence = (text: string): ((r: number) => number) => {
  const parsed = parseConfidence(text);
  if (parsed === undefined) throw new Error(`${text} did not parse`);
  return confidenceFunction(parsed, Math.log);
};

it.each(typed`${''} lin linear linear: linear:0 linear:-1 linear:x linear:1e999 ${'log '} LOG`)(
  'parseConfidence refuses %j',
  (text) => expect(parseConfidence(text)).toBeUndefined(),
);

describe('confidenceFunction', () => {
  it('is 1 + ln r for log, and r itself below 1, where it meets', () => {
    expect(confidence('log')(Math.E)).toBeCloseTo(2, 6);
    expect(confidence('log')(1)).toBe(1);
    expect(confidence('log')(0.25)).toBe(0.25);
  });

  it('is α·r for linear:α and 1 for binary', () => {
    expect(confidence('linear:40')(2)).toBe(80);
    expect(confidence('linear:.5')(2)).toBe(1);
    expect(confidence('binary')(17)).toBe(1);
  });
});

it('rowRegularisation is λ·(n + α₀·otherSide)^ν', () => {
  const of = (regExponent: number): number =>
    rowRegularisation({ reg: 0.5, regExponent, unobservedWeight: 0.1 }, 60, Math.pow)(3);
  expect(of(1)).toBe(4.5);
  expect(of(0)).toBe(0.5);
  expect(of(0.5)).toBeCloseTo(1.5, 6);
});

describe('weighedRows', () => {
  const pairs = {
    numUsers: 3,
    indptr: Uint32Array.of(0, 2, 2, 4),
    item: Uint32Array.of(1, 5, 0, 2),
    // 2, only banned, 9 (disliked), more than 2^53 units
    weight: BigInt64Array.of(2_000_000_000n, 0n, 9_000_000_000n, 9_007_199_254_740_993_000n),
    lastAt: BigInt64Array.of(0n, 0n, -1n, 1_403_246_113_000n),
    flags: Uint8Array.of(1, 3, 0, 1),
  };

  const asTheyAre = () => (r: number) => r;

  it('leaves out pairs without weight and marks dislikes by their sign', () => {
    const rows = weighedRows(pairs, (r) => r, asTheyAre);
    expect([...rows.indptr]).toEqual([0, 1, 1, 3]);
    expect([...rows.idx]).toEqual([1, 0, 2]);
    expect([...rows.weight]).toEqual([2, -9, Math.fround(9_007_199_254.74)]);
  });

  it('multiplies weights by the decay of their times', () => {
    const times: number[] = [];
    const decayed = (r: number, lastAtMs: number): number => {
      times.push(lastAtMs);
      return lastAtMs < 0 ? 0 : 0.5 * r;
    };
    const rows = weighedRows(pairs, decayed, asTheyAre);
    expect(times).toEqual([0, 0, -1, 1_403_246_113_000]);
    expect([...rows.weight]).toEqual([1, Math.fround(4_503_599_627.37)]);
  });

  it('keeps numbers exact across the words of an int64', () => {
    const units = [1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n + 1n, 2n ** 63n - 1n];
    const rows = weighedRows(
      {
        numUsers: 1,
        indptr: Uint32Array.of(0, units.length),
        item: Uint32Array.from(units, (_, p) => p),
        weight: BigInt64Array.from(units),
        lastAt: new BigInt64Array(units.length),
        flags: new Uint8Array(units.length).fill(1),
      },
      (r) => r,
      asTheyAre,
    );
    expect([...rows.weight]).toEqual(units.map((n) => Math.fround(Number(n) / 1e9)));
  });
});
