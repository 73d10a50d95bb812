import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Choice,
  type Cap,
  type Chosen,
  type Diversity,
  type PassedOver,
} from '#dist/core/query/recipes/diversify.js';
import type { Scored } from '#dist/core/query/recipes/rescore.js';
import { smoothOrder } from '#dist/core/query/recipes/smooth-order.js';
import { seededRandom } from '#dist/core/numeric/random.js';

const scored = (scores: readonly number[]): Scored[] =>
  scores
    .map((score, row) => ({ row, score, relevance: score, shares: [], factors: [] }))
    .sort((a, b) => b.score - a.score);

/** Chosen by score, one after the other. */
function diversify(
  candidates: readonly Scored[],
  length: number,
  diversity: Diversity,
): { chosen: readonly Chosen[]; passedOver: readonly PassedOver[] } {
  const choice = new Choice(diversity);
  choice.offer(
    candidates.map((candidate) => ({ candidate, isRanked: true, isPromoted: false, draw: undefined })),
  );
  while (choice.chosen.length < length && choice.take('score') !== undefined);
  return { chosen: choice.chosen, passedOver: choice.passedOver() };
}

const unlike = (): number => 0;
const rowsOf = ({ chosen }: ReturnType<typeof diversify>): number[] =>
  chosen.map(({ candidate }) => candidate.row);

/** A symmetric matrix of similarities in −1..1. */
function similarities(seed: number, n: number): number[][] {
  const random = seededRandom(seed);
  const matrix = Array.from({ length: n }, () => new Array<number>(n).fill(1));
  for (let a = 0; a < n; a++)
    for (let b = 0; b < a; b++) matrix[a]![b] = matrix[b]![a] = Math.round(random.nextFraction() * 8 - 4) / 4;
  return matrix;
}

/** As the definition says it, looking at everything anew for each place. */
function naive(
  candidates: readonly Scored[],
  length: number,
  lambda: number | undefined,
  like: (a: number, b: number) => number,
  caps: readonly Cap[],
): number[] {
  const best = candidates[0]?.score ?? 0;
  const chosen: number[] = [];
  for (;;) {
    const open = candidates.filter(
      ({ row }) =>
        !chosen.includes(row) &&
        caps.every(({ of, most }) => {
          const value = of(row);
          return value === undefined || chosen.filter((other) => of(other) === value).length < most;
        }),
    );
    if (open.length === 0 || chosen.length === length) return chosen;
    const value = ({ row, score }: Scored): number => {
      if (lambda === undefined) return score;
      const nearest = chosen.length === 0 ? 0 : Math.max(...chosen.map((other) => like(other, row)));
      // Rounded as there, so that what ties there ties here.
      return lambda * score * (best > 0 ? 1 / best : 0) - (1 - lambda) * nearest;
    };
    const highest = Math.max(...open.map(value));
    chosen.push(open.find((one) => value(one) === highest)!.row);
  }
}

describe('diversity', () => {
  it('is by score without λ and caps', () => {
    const result = diversify(scored([1, 5, 3, 5]), 3, { mmr: undefined, similarity: unlike, caps: [] });
    expect(rowsOf(result)).toEqual([1, 3, 2]);
    expect(result.passedOver).toEqual([]);
    expect(result.chosen.map(({ byScore, marginal }) => [byScore, marginal])).toEqual([
      [1, undefined],
      [2, undefined],
      [3, undefined],
    ]);
  });

  it('weighs the score against the likeness to what is chosen, and says to what', () => {
    const like = (a: number, b: number): number => (a + b === 1 ? 0.9 : 0.1);
    const result = diversify(scored([10, 9, 6]), 2, { mmr: 0.5, similarity: like, caps: [] });
    expect(rowsOf(result)).toEqual([0, 2]);
    expect(result.chosen[1]).toMatchObject({ byScore: 3, marginal: { nearest: 0, similarity: 0.1 } });
    expect(result.passedOver).toMatchObject([
      { candidate: { row: 1 }, byScore: 2, because: { key: 'mmr', nearest: 0, similarity: 0.9 } },
    ]);
  });

  it('names of several that are equally like the one that was chosen first', () => {
    const result = diversify(scored([3, 2, 1]), 3, { mmr: 0.5, similarity: () => 0.5, caps: [] });
    expect(result.chosen.map(({ marginal }) => marginal?.nearest)).toEqual([null, 0, 0]);
  });

  it('holds every cap, and counts nothing for an item without the value', () => {
    const artists = ['a', 'a', 'a', undefined, undefined, 'b'];
    const caps = [{ key: 'max-per-artist', most: 2, of: (row: number) => artists[row] }];
    const result = diversify(scored([9, 8, 7, 6, 5, 4]), 5, { mmr: undefined, similarity: unlike, caps });
    expect(rowsOf(result)).toEqual([0, 1, 3, 4, 5]);
    expect(result.passedOver).toMatchObject([
      { candidate: { row: 2 }, byScore: 3, because: { key: 'max-per-artist', value: 'a' } },
    ]);
  });

  it('takes for each kind of slot what may have it, and counts places among what may be chosen by score', () => {
    const choice = new Choice({ mmr: undefined, similarity: unlike, caps: [] });
    const [a, b, c, d, e] = scored([9, 8, 7, 6, 5]);
    choice.offer([
      { candidate: a!, isRanked: false, isPromoted: false, draw: 2 },
      { candidate: b!, isRanked: true, isPromoted: false, draw: undefined },
      { candidate: c!, isRanked: false, isPromoted: true, draw: undefined },
      { candidate: d!, isRanked: true, isPromoted: true, draw: undefined },
      { candidate: e!, isRanked: false, isPromoted: false, draw: 1 },
    ]);
    const slots = ['promoted', 'explored', 'score', 'explored', 'explored', 'promoted', 'score'] as const;
    const taken = slots.map((slot) => choice.take(slot));
    expect(taken.map((one) => one && [one.candidate.row, one.slot, one.byScore, one.draw])).toEqual([
      [2, 'promoted', 2, undefined],
      [4, 'explored', 3, { place: 1, of: 2 }],
      [1, 'score', 1, undefined],
      [0, 'explored', 1, { place: 2, of: 2 }],
      undefined,
      [3, 'promoted', 2, undefined],
      undefined,
    ]);
    expect(choice.passedOver()).toEqual([]);
  });

  it('is what the definition gives, for any λ and caps', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 14 }),
        fc.option(fc.constantFrom(0, 0.25, 0.5, 0.75, 1), { nil: undefined }),
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 99 }),
        (scores, lambda, length, most, seed) => {
          const matrix = similarities(seed, scores.length);
          const like = (a: number, b: number): number => matrix[a]![b]!;
          const caps = [
            { key: 'max-per-artist', most, of: (row: number) => (row % 4 === 3 ? undefined : `a${row % 4}`) },
            { key: 'max-per-album', most: 2, of: (row: number) => `b${row % 5}` },
          ];
          const candidates = scored(scores);
          const result = diversify(candidates, length, { mmr: lambda, similarity: like, caps });
          const rows = rowsOf(result);
          expect(rows).toEqual(naive(candidates, length, lambda, like, caps));
          const last = Math.max(0, ...result.chosen.map(({ byScore }) => byScore));
          const passed = result.passedOver.map(({ candidate }) => candidate.row);
          expect([...rows, ...passed].sort((a, b) => a - b)).toEqual(
            candidates
              .slice(0, last)
              .map(({ row }) => row)
              .sort((a, b) => a - b),
          );
        },
      ),
    );
  });
});

describe('a smooth order', () => {
  it('starts nearest to where it is told, and goes on to the nearest that is left', () => {
    const at = [0, 10, 3, 7, 4];
    const like = (a: number, b: number): number => -Math.abs(at[a]! - at[b]!);
    expect(smoothOrder([0, 1, 2, 3, 4], like, (row) => -Math.abs(at[row]! - 6))).toEqual([3, 1, 4, 2, 0]);
    expect(smoothOrder([3, 1, 4, 2, 0], like, undefined)).toEqual([3, 1, 4, 2, 0]);
    expect(smoothOrder([], like, undefined)).toEqual([]);
  });

  it('holds every row once, each the nearest of those that come later', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 99 }), (n, seed) => {
        const matrix = similarities(seed, n);
        const rows = Array.from({ length: n }, (_, at) => (at * 5 + 3) % n).filter(
          (row, at, all) => all.indexOf(row) === at,
        );
        const walk = smoothOrder(rows, (a, b) => matrix[a]![b]!, undefined);
        expect([...walk].sort()).toEqual([...rows].sort());
        expect(walk[0]).toBe(rows[0]);
        for (let at = 1; at < walk.length; at++) {
          const later = walk.slice(at).map((row) => matrix[walk[at - 1]!]![row]!);
          expect(later.filter((like) => like > later[0]!)).toEqual([]);
        }
      }),
    );
  });
});
