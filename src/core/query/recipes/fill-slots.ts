/** The slots of an answer filled one after the other: candidate generation, blending, re-scoring and the choice, for one history. */
import type { Pairs } from '../../contracts.js';
import { hasRow, type RowSet } from '../../search/row-set.js';
import { blend, mostUnfound, type Found, type SourceFindings } from './blend.js';
import { Choice, type Chosen, type Diversity, type Offered, type PassedOver } from './diversify.js';
import type { Recipe } from './recipe.js';
import { rescore, type Factor } from './rescore.js';
import { slotKinds, type SlotKind } from './slots.js';
import type { OpenSource } from './sources.js';

/** How many times as many candidates are taken where a slot could not be filled. */
const moreAtOnce = 4;

export interface SlotsOptions extends Diversity {
  readonly sources: readonly OpenSource[];
  readonly recipe: Recipe;
  readonly factors: readonly Factor[];
  readonly numItems: number;
  /** Rows that may not be found, distinct and ascending. */
  readonly leaveOut: Uint32Array;
  /** The only rows that may be found, those of them that are promoted, and those that are drawn from. */
  readonly among: RowSet | undefined;
  readonly promoted: RowSet | undefined;
  readonly explored: RowSet | undefined;
  /** Rows in the order in which they are drawn. */
  draw(rows: readonly number[]): readonly number[];
}

/**
 * The first `length` slots; fewer only where nothing more may be had by score. A slot for which no promoted item is left, or none
 * to draw, is filled by score. Which item a slot has does not depend on `length`.
 */
export function fillSlots(
  history: Pairs,
  length: number,
  options: SlotsOptions,
): { readonly chosen: readonly Chosen[]; readonly passedOver: readonly PassedOver[] } {
  const { promote, explore } = options.recipe;
  const choice = new Choice(options);
  const pool = new Pool(history, options);
  choice.offer(pool.offered());
  const take = (slot: SlotKind): Chosen | undefined => {
    for (;;) {
      const chosen = choice.take(slot);
      if (chosen !== undefined || !pool.canWiden(slot)) return chosen;
      pool.widen(slot);
      choice.offer(pool.offered());
    }
  };
  for (const slot of slotKinds(promote?.share.parts ?? 0, explore?.share.parts ?? 0)) {
    if (choice.chosen.length === length) break;
    const chosen = take(slot) ?? (slot === 'score' ? undefined : take('score'));
    if (chosen === undefined) break;
  }
  return { chosen: choice.chosen, passedOver: choice.passedOver() };
}

/** What each source found for one kind of slot. */
interface Search {
  /** How many times what the recipe says. */
  readonly times: number;
  readonly found: readonly Found[][];
  /** By source: whether it stopped at what was wanted. */
  readonly hasMore: readonly boolean[];
}

/** The candidates for each kind of slot, as many as were needed so far. */
class Pool {
  readonly #history: Pairs;
  readonly #options: SlotsOptions;
  readonly #searches: Record<SlotKind, Search>;
  /** Whether items of the last draw were left out of it. */
  #isDrawCut = false;

  constructor(history: Pairs, options: SlotsOptions) {
    this.#history = history;
    this.#options = options;
    this.#searches = {
      score: this.#search('score', 1),
      promoted: this.#search('promoted', 1),
      explored: this.#search('explored', 1),
    };
  }

  widen(slot: SlotKind): void {
    this.#searches[slot] = this.#search(slot, this.#searches[slot].times * moreAtOnce);
  }

  /** Whether there are candidates that were not offered yet, and may have such a slot. */
  canWiden(slot: SlotKind): boolean {
    const { hasMore } = this.#searches[slot];
    if (slot === 'explored' && this.#isDrawCut) return true;
    if (!hasMore.includes(true)) return false;
    const { recipe, factors } = this.#options;
    const { minScore } = recipe.filters;
    if (slot !== 'score' || minScore === undefined) return true;
    const most = mostUnfound(this.#findings('score'), hasMore, recipe.combine);
    return factors.reduce((product, factor) => product * factor.most, most) >= minScore;
  }

  /** By score descending. */
  offered(): Offered[] {
    const { recipe, factors, promoted, explored } = this.#options;
    const findings = this.#findings('score', 'promoted', 'explored');
    const scored = rescore(blend(findings, recipe.combine), factors);
    const { minScore = -Infinity } = recipe.filters;
    if (promoted === undefined && explored === undefined && minScore === -Infinity)
      return scored.map((candidate) => ({ candidate, isRanked: true, isPromoted: false, draw: undefined }));
    const ranked = new Set(this.#searches.score.found.flat().map(({ row }) => row));
    const draws = this.#drawn(scored.map(({ row }) => row));
    const isIn = (set: RowSet | undefined, row: number): boolean => set !== undefined && hasRow(set, row);
    return scored.flatMap((candidate): Offered[] => {
      const { row, score } = candidate;
      const isEnough = score >= minScore;
      const isRanked = isEnough && ranked.has(row);
      const isPromoted = isEnough && isIn(promoted, row);
      const draw = draws.get(row);
      return isRanked || isPromoted || draw !== undefined ? [{ candidate, isRanked, isPromoted, draw }] : [];
    });
  }

  /** The place in the draw of those that are drawn from: of the best so many that may be. @param rows by score descending */
  #drawn(rows: readonly number[]): ReadonlyMap<number, number> {
    const { explored, recipe, draw } = this.#options;
    if (explored === undefined || recipe.explore === undefined) return new Map();
    const most = recipe.explore.from * this.#searches.explored.times;
    const all = rows.filter((row) => hasRow(explored, row));
    this.#isDrawCut = all.length > most;
    return new Map(draw(all.slice(0, most)).map((row, at) => [row, at + 1]));
  }

  /** Of every source what it found for all of these kinds: what it found by score, then what only the others have, by score. */
  #findings(...slots: readonly SlotKind[]): SourceFindings[] {
    return this.#options.sources.map(({ weight }, source) => {
      const [first = [], ...others] = slots.map((slot) => this.#searches[slot].found[source] ?? []);
      const extra = others.flat();
      if (extra.length === 0) return { weight, found: first };
      const known = new Set(first.map(({ row }) => row));
      const rest = new Map(extra.filter(({ row }) => !known.has(row)).map((found) => [found.row, found]));
      return { weight, found: [...first, ...[...rest.values()].sort((a, b) => b.score - a.score)] };
    });
  }

  #search(slot: SlotKind, times: number): Search {
    const { sources, recipe, numItems, leaveOut, among, promoted, explored } = this.#options;
    const set = { score: among, promoted, explored }[slot];
    if (slot !== 'score' && set === undefined) return { times, found: [], hasMore: [] };
    const most = Math.min(numItems, slot === 'score' ? numItems : (set?.count ?? 0));
    const results = sources.map(({ take, find }) => {
      const first = slot === 'explored' ? (recipe.explore?.from ?? take) : take;
      const wanted = Math.min(first * times, most);
      const found = wanted === 0 ? [] : find(this.#history, { take: wanted, leaveOut, among: set });
      return { found, hasMore: found.length === wanted && wanted < most };
    });
    return {
      times,
      found: results.map(({ found }) => found),
      hasMore: results.map(({ hasMore }) => hasMore),
    };
  }
}
