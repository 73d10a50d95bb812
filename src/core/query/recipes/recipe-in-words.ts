/** What each part of a recipe does, in words: what `segue recipe check` explains. */
import { columnsOfPredicate } from '../filters/columns-of-predicate.js';
import { columnPartsOf } from './columns.js';
import type { Recipe, RecipeSource } from './recipe.js';

export interface RecipePart {
  /** Such as `sources[0]` or `filters.recent`. */
  readonly key: string;
  /** Of its key in the file; null where it is a default. */
  readonly line: number | null;
  /** What it does, in words. */
  readonly does: string;
  /** Columns of the catalogue that it reads. */
  readonly columns: readonly string[];
  /** What an answer does without such a column: `left-out` goes without the part, `refused` is an error. */
  readonly without: 'left-out' | 'refused';
}

/** The parts of a recipe in the order in which they act. */
export function recipeInWords(recipe: Recipe): RecipePart[] {
  const reading = new Map(columnPartsOf(recipe).map((part) => [part.key, part]));
  return wordsOf(recipe).flatMap(([key, does]): RecipePart[] => {
    if (does === undefined) return [];
    const part = reading.get(key);
    const { where } = recipe.filters;
    const ofCondition = key === 'filters.where' && where !== undefined ? columnsOfPredicate(where) : [];
    return [
      {
        key,
        line: recipe.places.detailsOf(key).line,
        does,
        columns: part === undefined ? ofCondition : [part.column],
        without: part?.canBeLeftOut === true ? 'left-out' : 'refused',
      },
    ];
  });
}

type Words = readonly [key: string, does: string | undefined];

function wordsOf({ sources, combine, filters, rescore, diversity, order, length, rows }: Recipe): Words[] {
  const isBlend = sources.length > 1;
  return [
    ...sources.map((source, at): Words => {
      const weight = isBlend ? `, weight ${source.weight}` : '';
      return [`sources[${at}]`, `${sourceInWords(source)}${weight}`];
    }),
    [
      'combine',
      said(isBlend ? combine : undefined, (by) =>
        by === 'ranks'
          ? 'by place in each source (reciprocal rank fusion)'
          : 'by score, as a part of the best score of each source',
      ),
    ],
    ...filtersInWords(filters),
    ...factorsInWords(rescore),
    ...diversityInWords(diversity),
    ['order', order === 'smooth' ? 'a walk: each item is the nearest to the one before it' : undefined],
    [
      'rows',
      said(
        rows,
        ({ count, fromAtLeast }) => `at most ${count}, each of ${fromAtLeast} items of the history or more`,
      ),
    ],
    ['length', `${length} ${length === 1 ? 'item' : 'items'}${rows === undefined ? '' : ' a row'}`],
  ];
}

function filtersInWords({ leaveOut, where, recent, exclude }: Recipe['filters']): Words[] {
  return [
    ['filters.leave-out', leaveOut === 'heard' ? 'no seen items' : 'seen items too'],
    ['filters.where', said(where, (condition) => `only items with ${condition}`)],
    ['filters.recent', said(recent, ({ text }) => `only what was released in the ${text} before as-of`)],
    ['filters.exclude', exclude.length === 0 ? undefined : `never ${exclude.join(', ')}`],
  ];
}

function factorsInWords({
  popularityDiscount: gamma,
  freshness,
  familiarity: phi,
}: Recipe['rescore']): Words[] {
  const isOn = (value: number): number | undefined => (value === 0 ? undefined : value);
  return [
    [
      'rescore.popularity-discount',
      said(
        isOn(gamma),
        () => `popular items ${gamma > 0 ? 'lose' : 'gain'}: × (events / mean events)^${-gamma}`,
      ),
    ],
    [
      'rescore.freshness',
      said(
        freshness,
        ({ boost, halfLife }) => `new items gain: × (1 + ${boost} · 2^(−age / ${halfLife.text}))`,
      ),
    ],
    [
      'rescore.familiarity',
      said(isOn(phi), () => {
        const factor = `1 ${phi > 0 ? '+' : '−'} ${Math.abs(phi)} · plays of the artist / of the most-played one`;
        return `artists that the listener plays ${phi > 0 ? 'gain' : 'lose'}: × (${factor})`;
      }),
    ],
  ];
}

function diversityInWords({ mmr, maxPerArtist, maxPerAlbum }: Recipe['diversity']): Words[] {
  return [
    [
      'diversity.mmr',
      said(mmr, (lambda) => {
        const rest = Number((1 - lambda).toFixed(6));
        return `${lambda} of its score and ${rest} of how unlike it is to those before it`;
      }),
    ],
    ['diversity.max-per-artist', said(maxPerArtist, (most) => `at most ${most} of an artist`)],
    ['diversity.max-per-album', said(maxPerAlbum, (most) => `at most ${most} of an album`)],
  ];
}

/** What a recipe says of a value, where it has one. */
function said<T>(value: T | undefined, words: (value: T) => string): string | undefined {
  return value === undefined ? undefined : words(value);
}

function sourceInWords(source: RecipeSource): string {
  const { take } = source;
  switch (source.source) {
    case 'user': {
      const aged =
        source.halfLife === undefined ? '' : `, an event counting half after ${source.halfLife.text}`;
      return `user: the best ${take} by the model's score for the listener${aged}`;
    }
    case 'seeds': {
      const named =
        source.items.length === 0 ? 'the seed items' : `${source.items.join(', ')} and seed items`;
      return `seeds: the ${take} nearest to ${nearInWords(source.near)} ${named}`;
    }
    case 'similar-to-history': {
      const picked = source.pick === 'recent' ? 'latest' : 'most played';
      return `similar-to-history: the ${take} nearest to ${nearInWords(source.near)} the ${source.items} ${picked} items`;
    }
    case 'popular':
      return source.within === undefined
        ? `popular: the ${take} with most events`
        : `popular: the ${take} with most listeners in the ${source.within.text} before as-of`;
  }
}

function nearInWords(near: 'all' | 'any'): string {
  return near === 'all' ? 'the middle of' : 'any of';
}
