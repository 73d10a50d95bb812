/** The factors that a recipe re-scores by, over what a snapshot knows of its items. */
import type { Pairs } from '../../contracts.js';
import { openWorkspace } from '../../compute/workspace.js';
import { ageAt, parseDate } from '../../numeric/dates.js';
import type { Recipe } from './recipe.js';
import { familiarity, freshness, popularityDiscount, shownBefore, type Factor } from './rescore.js';
import type { RecipeItems } from './items.js';
import { isLiked } from './sources.js';

export interface FactorsOptions {
  readonly numItems: number;
  readonly items: RecipeItems | undefined;
  /** Rows that were shown before. */
  readonly shown: ReadonlySet<number>;
  asOfMs(key: string): number;
}

/** Factors of each listener. AppErrors 'missing-part' and 'bad-usage' with the key at fault. */
export function openFactors(
  { rescore }: Recipe,
  { numItems, items, shown, asOfMs }: FactorsOptions,
): (history: Pairs) => Factor[] {
  const { popularityDiscount: gamma, freshness: fresh, familiarity: phi } = rescore;
  const last = rescore.shown === undefined ? [] : [shownBefore(shown, rescore.shown)];
  if (items === undefined) return () => last;
  const { power } = openWorkspace(0).kernels;
  const alike: Factor[] = [];
  if (gamma !== 0) alike.push(remembered(popularityDiscount(items.counts, numItems, gamma, power), numItems));
  if (fresh !== undefined) {
    const asOf = asOfMs('rescore.freshness');
    const released = items.column('released', 'rescore.freshness');
    const ageOf = (row: number): number | undefined => {
      const release = parseDate(released(row));
      return release === undefined ? undefined : ageAt(release, asOf);
    };
    alike.push(remembered(freshness(ageOf, fresh.boost, fresh.halfLife.ms, power), numItems));
  }
  if (phi === 0) return () => [...alike, ...last];
  const column = items.column('artist', 'rescore.familiarity');
  const artistOf = (row: number): string | undefined => textOf(column(row));
  return (history) => [...alike, familiarity(artistOf, playsByArtist(history, artistOf), phi), ...last];
}

/** The same factor, which asks for each row once: for those that are alike for all listeners. */
function remembered({ key, of, most }: Factor, numRows: number): Factor {
  const known = new Float64Array(numRows).fill(Number.NaN);
  return {
    key,
    most,
    of(row) {
      const factor = known[row];
      return factor === undefined || Number.isNaN(factor) ? (known[row] = of(row)) : factor;
    },
  };
}

/** Events of each artist that a listener likes something of. */
function playsByArtist(history: Pairs, artistOf: (row: number) => string | undefined): Map<string, number> {
  const plays = new Map<string, number>();
  history.item.forEach((row, p) => {
    const artist = artistOf(row);
    if (artist === undefined || !isLiked(history, p)) return;
    plays.set(artist, (plays.get(artist) ?? 0) + history.count[p]!);
  });
  return plays;
}

/** A cell as text: an artist may be called 311. */
export function textOf(value: string | number | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}
