/** The sources of a recipe over a snapshot's searches: a history in, the items that each finds out. */
import type { Pairs, TaskContext } from '../../contracts.js';
import type { Closers } from '../../closers.js';
import type { NeighbourSearch } from '../../search/neighbour-search.js';
import { hasRow, type RowSet } from '../../search/row-set.js';
import { ownMemory } from '../../search/search-thread.js';
import { banned, preferred } from '../../numeric/pairs.js';
import type { Found } from './blend.js';
import type { Age } from './keys.js';
import type { Recipe, RecipeSource } from './recipe.js';
import { openItemSearch } from '../open-item-search.js';
import { bothOf, toldOfFew } from '../filters/enough-events.js';
import type { Scorer } from '../scoring/scorer.js';
import type { Recommender } from '../open-recommender.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { scorerOf } from '../../snapshot/scorer.js';
import { recentListeners, type RecipeItems } from './items.js';

export interface SearchLimits {
  readonly take: number;
  /** Rows, distinct and ascending. */
  readonly leaveOut: Uint32Array;
  readonly among: RowSet | undefined;
}

export interface OpenSource {
  readonly weight: number;
  readonly take: number;
  /** The best `take` items for a history, the best first: fewer only where fewer are left, or score what the recipe wants. */
  find(history: Pairs, limits: SearchLimits): Found[];
}

export interface SourcesOptions {
  /** Several histories will be asked about. */
  readonly inMemory: boolean;
  /** Rows of the items that are near by, for each source `seeds` by its place in the recipe. */
  readonly seeds: ReadonlyMap<number, readonly number[]>;
  readonly items: RecipeItems | undefined;
  /** The moment that ages count from. AppError 'bad-usage', which names `key`, where none is known. */
  asOfMs(key: string): number;
  readonly onProgress: TaskContext['onProgress'];
}

/**
 * AppErrors 'missing-part' and 'bad-usage' with the key of the source that cannot be had of this snapshot.
 * @param opened keeps what has to be closed
 */
export async function openSources(
  recommender: Recommender,
  recipe: Recipe,
  opened: Closers,
  options: SourcesOptions,
): Promise<OpenSource[]> {
  const { sources } = recipe;
  const near = sources.some(({ source }) => source === 'seeds' || source === 'similar-to-history');
  const search = near ? opened.keep(await nearSearch(recommender, recipe, options)) : undefined;
  return sources.map((source, at) => {
    const { weight, take, minScore } = source;
    const find = finderOf(recommender, recipe, source, at, search, options);
    if (minScore === undefined) return { weight, take, find };
    return {
      ...{ weight, take },
      find: (history, limits) => find(history, limits).filter(({ score }) => score >= minScore),
    };
  });
}

async function nearSearch(
  { snapshot, numItems, ways }: Recommender,
  { sources }: Recipe,
  { inMemory }: SourcesOptions,
): Promise<NeighbourSearch> {
  const isAlone = sources.every(
    (source) => source.source !== 'similar-to-history' && !('near' in source && source.near === 'any'),
  );
  const { search } = await openItemSearch(snapshot, {
    maxK: numItems,
    exact: false,
    inMemory: inMemory || !isAlone,
    // It is closed with the run: nothing that threads share.
    thread: ways.thread && { ...ways.thread, memory: ownMemory },
  });
  return search;
}

function finderOf(
  recommender: Recommender,
  recipe: Recipe,
  source: RecipeSource,
  at: number,
  search: NeighbourSearch | undefined,
  options: SourcesOptions,
): OpenSource['find'] {
  const key = `sources[${at}]`;
  const { snapshot, numItems } = recommender;
  switch (source.source) {
    case 'user': {
      const decay = decayOf(snapshot, recipe, `${key}.half-life`, source.halfLife, options);
      const model = recommender.kind().scorer;
      const scorer: Scorer = decay === undefined ? model : model.aged(decay);
      return (history, { take, leaveOut, among }) => scorer.best(history, take, leaveOut, among);
    }
    case 'seeds':
    case 'similar-to-history': {
      const enough = recommender.kept.enough(recommender.kind().files, source);
      const numFew = numItems - (enough?.count ?? numItems);
      const remedy = `min-events: 0 in ${key} keeps them`;
      toldOfFew(numFew, `of ${numItems} items near others`, source, options, remedy);
      return (history, { among, ...limits }) => {
        const rows =
          source.source === 'seeds'
            ? (options.seeds.get(at) ?? [])
            : pickedItems(history, source.items, source.pick);
        return nearItems(search!, rows, source.near, { ...limits, among: bothOf(among, enough) });
      };
    }
    case 'popular': {
      const { items } = options;
      const counts =
        source.within === undefined
          ? items!.counts.subarray(0, numItems)
          : recentListeners(snapshot, numItems, source.within.ms, options.asOfMs(`${key}.within`));
      const ranked = rowsByCount(counts);
      return (_, { take, leaveOut, among }) => {
        const out = new Set(leaveOut);
        const found: Found[] = [];
        for (const row of ranked) {
          if (found.length === take) break;
          if (out.has(row) || (among !== undefined && !hasRow(among, row))) continue;
          found.push({ row, score: counts[row]! });
        }
        return found;
      };
    }
  }
}

/** Rows with a count above 0, the largest first; ties by row. Events fall with the row already, so they need no sorting. */
function rowsByCount(counts: Uint32Array): Uint32Array {
  const rows = Uint32Array.from(counts.keys()).filter((row) => counts[row]! > 0);
  const isSorted = rows.every((row, at) => at === 0 || counts[row]! <= counts[rows[at - 1]!]!);
  return isSorted ? rows : rows.sort((a, b) => counts[b]! - counts[a]! || a - b);
}

function decayOf(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  key: string,
  halfLife: Age | undefined,
  { asOfMs }: SourcesOptions,
): { halfLifeMs: number; asOfMs: number } | undefined {
  if (halfLife === undefined) return undefined;
  if (scorerOf(snapshot) === 'constant') {
    throw recipe.places.error(
      key,
      'missing-part',
      `the model ${snapshot.manifest.model.name} does not weigh listening, so none of it ages`,
      { suggestions: ['leave half-life out'], details: { snapshot: snapshot.id } },
    );
  }
  return { halfLifeMs: halfLife.ms, asOfMs: asOfMs(key) };
}

/** Whether a pair says that its listener likes the item: it was played or liked, and neither disliked nor banned. */
export function isLiked({ flags, count }: Pairs, p: number): boolean {
  const of = flags[p] ?? 0;
  return (of & preferred) !== 0 && (of & banned) === 0 && (count[p] ?? 0) > 0;
}

/** Rows of at most `count` items that the listener likes: the latest, or those with most events; ties by row. */
function pickedItems(history: Pairs, count: number, pick: 'recent' | 'most-played'): number[] {
  const { item, count: events, lastAt } = history;
  const liked = Array.from(item, (_, p) => p).filter((p) => isLiked(history, p));
  const order = (a: number, b: number): number =>
    pick === 'recent'
      ? lastAt[a] === lastAt[b]
        ? 0
        : lastAt[a]! > lastAt[b]!
          ? -1
          : 1
      : events[b]! - events[a]!;
  return liked
    .sort((a, b) => order(a, b) || a - b)
    .slice(0, count)
    .map((p) => item[p]!);
}

/** Items near the middle of `rows`, or near any of them with the nearest one said. Rows without direction have none near. */
function nearItems(
  search: NeighbourSearch,
  rows: readonly number[],
  near: 'all' | 'any',
  { take, leaveOut, among }: SearchLimits,
): Found[] {
  if (near === 'all') {
    const middle = middleOf(search, rows);
    return middle === undefined ? [] : search.best(middle, take, leaveOut, among);
  }
  const best = new Map<number, Found>();
  for (const from of rows) {
    for (const { row, score } of search.best(search.vectorOf(from), take, [...leaveOut, from], among)) {
      if (score > (best.get(row)?.score ?? -Infinity)) best.set(row, { row, score, near: from });
    }
  }
  return [...best.values()].sort((a, b) => b.score - a.score || a.row - b.row).slice(0, take);
}

/** The direction of the sum of unit vectors; of one item its own, to the bit. */
function middleOf(search: NeighbourSearch, rows: readonly number[]): Float32Array | undefined {
  const vectors = rows.map((row) => search.vectorOf(row)).filter(([first]) => !Number.isNaN(first));
  if (vectors.length <= 1) return vectors[0];
  const sum = new Float64Array(search.dim);
  for (const vector of vectors) vector.forEach((x, f) => (sum[f]! += x));
  const length = Math.sqrt(sum.reduce((squares, x) => squares + x * x, 0));
  return length > 0 ? Float32Array.from(sum, (x) => x / length) : undefined;
}
