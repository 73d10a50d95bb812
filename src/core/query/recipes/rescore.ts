/** Factors by which a recipe raises and lowers scores. Pure: transcendental functions are passed in. */
import type { Candidate } from './blend.js';

export interface Factor {
  /** The recipe's key that it comes from. */
  readonly key: string;
  /** Above 0, or 0. */
  of(row: number): number;
  /** No row has a larger one. */
  readonly most: number;
}

export interface Scored extends Candidate {
  /** relevance × every factor. */
  readonly score: number;
  /** In the order of the recipe. */
  readonly factors: readonly { readonly key: string; readonly factor: number }[];
}

/** By score descending; equal ones stay as they stand. */
export function rescore(candidates: readonly Candidate[], factors: readonly Factor[]): Scored[] {
  return candidates
    .map((candidate) => {
      const of = factors.map(({ key, of: factor }) => ({ key, factor: factor(candidate.row) }));
      return {
        ...candidate,
        factors: of,
        score: of.reduce((score, { factor }) => score * factor, candidate.relevance),
      };
    })
    .sort((a, b) => b.score - a.score);
}

/** x^y as the kernels compute it. */
type Power = (x: number, y: number) => number;

/**
 * (count / mean)^−γ: an item played more often than the mean loses, one played less often gains (as the weights
 * of Steck 2011, "Item popularity and recommendation accuracy"). No item is played less than once.
 * @param counts events by row @param numItems rows over which the mean is taken
 */
export function popularityDiscount(
  counts: Uint32Array,
  numItems: number,
  gamma: number,
  power: Power,
): Factor {
  const total = counts.subarray(0, numItems).reduce((sum, count) => sum + count, 0);
  const mean = Math.max(1, total / Math.max(1, numItems));
  const largest = counts.subarray(0, numItems).reduce((most, count) => Math.max(most, count), 1);
  const of = (count: number): number => power(count / mean, -gamma);
  return {
    key: 'popularity-discount',
    of: (row) => of(Math.max(1, counts[row] ?? 0)),
    most: Math.max(of(1), of(largest)),
  };
}

/** 1 + boost · 2^(−age / half-life); 1 where no age is known. @param ageOf in ms, at least 0 */
export function freshness(
  ageOf: (row: number) => number | undefined,
  boost: number,
  halfLifeMs: number,
  power: Power,
): Factor {
  return {
    key: 'freshness',
    of(row) {
      const age = ageOf(row);
      return age === undefined ? 1 : 1 + boost * power(0.5, age / halfLifeMs);
    },
    most: 1 + boost,
  };
}

/**
 * 1 + φ · (plays of the item's artist / plays of the listener's most-played artist): φ above 0 keeps to artists that
 * they know, below 0 leads away from them. @param playsOf by artist
 */
export function familiarity(
  artistOf: (row: number) => string | undefined,
  playsOf: ReadonlyMap<string, number>,
  phi: number,
): Factor {
  const most = Math.max(1, ...playsOf.values());
  return {
    key: 'familiarity',
    of(row) {
      const artist = artistOf(row);
      return 1 + phi * ((artist === undefined ? 0 : (playsOf.get(artist) ?? 0)) / most);
    },
    most: Math.max(1, 1 + phi),
  };
}

/** What was shown before counts only so much. @param rows of it */
export function shownBefore(rows: ReadonlySet<number>, factor: number): Factor {
  return { key: 'shown', of: (row) => (rows.has(row) ? factor : 1), most: 1 };
}
