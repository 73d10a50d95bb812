import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  agreements,
  isAmong,
  rankBiasedOverlap,
  type RankedSide,
} from '#dist/core/numeric/rank-biased-overlap.js';

/** Two rankings by name, without ties; what only one of them has scores nothing in the other. */
function sides(a: readonly number[], b: readonly number[]): [RankedSide, RankedSide] {
  const side = (own: readonly number[], other: readonly number[]): RankedSide => ({
    scores: own.map((_, place) => -place),
    elsewhere: own.map((name) => (other.includes(name) ? -other.indexOf(name) : Number.NaN)),
    tolerance: 1e-6,
  });
  return [side(a, b), side(b, a)];
}

/** Equation 30 of Webber, Moffat & Zobel as it is printed, with sets. */
function naive(a: readonly number[], b: readonly number[], p: number): number {
  const depth = Math.min(a.length, b.length);
  const overlap = (d: number): number => a.slice(0, d).filter((name) => b.slice(0, d).includes(name)).length;
  let sum = 0;
  for (let d = 1; d <= depth; d++) sum += (overlap(d) / d) * p ** d;
  return (overlap(depth) / depth) * p ** depth + ((1 - p) / p) * sum;
}

const ranking = fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 20 });

describe('agreements', () => {
  it('are the shares of the first d that both rankings have', () => {
    expect([...agreements(...sides([1, 2, 3, 4], [1, 3, 2, 5]))]).toEqual([1, 0.5, 1, 0.75]);
  });

  it('do not depend on which ranking comes first', () => {
    fc.assert(
      fc.property(ranking, ranking, (a, b) => {
        const [one, other] = sides(a, b);
        expect([...agreements(one, other)]).toEqual([...agreements(other, one)]);
      }),
    );
  });

  it('count an entry that ties with the end of the other ranking, whichever of the tied ones it names', () => {
    const a = { scores: [3, 2], elsewhere: [1, 1], tolerance: 1e-6 };
    const b = { scores: [1, 1], elsewhere: [2 - 5e-7, 0], tolerance: 1e-6 };
    // Both of A tie with B's; of B's the first reaches A's second place, the other does not.
    expect([...agreements(a, b)]).toEqual([0.5, 0.75]);
  });

  it('are as many as the shorter ranking has entries', () => {
    expect(agreements(...sides([1, 2, 3], [1]))).toHaveLength(1);
    expect(agreements(...sides([1, 2, 3], []))).toHaveLength(0);
  });
});

describe('isAmong', () => {
  const side = { scores: [0.9, 0.5], elsewhere: [], tolerance: 0.01 };

  it('asks for the score of the place, less the tolerance', () => {
    expect([0.5, 0.495, 0.48].map((score) => isAmong(score, side, 2))).toEqual([true, true, false]);
    expect(isAmong(0.5, side, 1)).toBe(false);
  });

  it('is never true of what is not there, nor of no places', () => {
    expect(isAmong(Number.NaN, side, 2)).toBe(false);
    expect(isAmong(1, side, 0)).toBe(false);
  });
});

describe('rankBiasedOverlap', () => {
  it('is equation 30 with sets', () => {
    fc.assert(
      fc.property(ranking, ranking, fc.double({ min: 0.1, max: 0.95, noNaN: true }), (a, b, p) => {
        expect(rankBiasedOverlap(agreements(...sides(a, b)), p)).toBeCloseTo(naive(a, b, p), 10);
      }),
    );
  });

  it('is 1 for one ranking and itself, and 0 where nothing is in both', () => {
    const list = Array.from({ length: 50 }, (_, at) => at);
    expect(rankBiasedOverlap(agreements(...sides(list, list)), 0.9)).toBeCloseTo(1, 12);
    const others = list.map((name) => name + 100);
    expect(rankBiasedOverlap(agreements(...sides(list, others)), 0.9)).toBe(0);
  });

  it('weighs an exchange at the top more than one further down', () => {
    const list = Array.from({ length: 20 }, (_, at) => at);
    const exchanged = (at: number): number =>
      rankBiasedOverlap(agreements(...sides(list, list.with(at, 100))), 0.9);
    expect(exchanged(0)).toBeLessThan(exchanged(5));
    expect(exchanged(5)).toBeLessThan(exchanged(15));
  });
});
