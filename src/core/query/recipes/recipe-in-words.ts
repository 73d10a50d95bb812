/** What each part of a recipe does, in words: what `segue recipe check` explains. */
import { columnsOfPredicate } from '../filters/columns-of-predicate.js';
import { columnPartsOf } from './columns.js';
import type { Recipe, RecipeSource, SlotShare } from './recipe.js';
import { slotKinds, type SlotKind } from './slots.js';

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
    const { filters, promote, explore } = recipe;
    const conditions: Readonly<Record<string, string | undefined>> = {
      'filters.where': filters.where,
      promote: promote?.where,
      explore: explore?.where,
    };
    const where = conditions[key];
    const ofCondition = where === undefined ? [] : columnsOfPredicate(where);
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

function wordsOf(recipe: Recipe): Words[] {
  const { sources, combine, filters, rescore, diversity, order, length, rows } = recipe;
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
    ['filters.min-score', said(filters.minScore, (least) => `nothing that scores less than ${least} now`)],
    ...diversityInWords(diversity),
    ...slotsInWords(recipe),
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
  shown,
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
    ['rescore.shown', said(shown, (factor) => `what was shown before: × ${factor}`)],
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

function slotsInWords({ promote, explore }: Recipe): Words[] {
  const kinds = slotKinds(promote?.share.parts ?? 0, explore?.share.parts ?? 0);
  const of = Array.from({ length: slotsSaid }, () => kinds.next().value);
  const slots = (kind: SlotKind): string => {
    const first = of.flatMap((one, at) => (one === kind ? [at + 1] : [])).slice(0, firstSaid);
    return first.length === 0 ? '' : ` (${first.join(', ')} …)`;
  };
  return [
    [
      'promote',
      said(promote, ({ share, where, items }) => {
        const which = [...(where === undefined ? [] : [`items with ${where}`]), ...items].join(', ');
        return `${percent(share)} of the slots${slots('promoted')} for the best of ${which}`;
      }),
    ],
    [
      'explore',
      said(explore, ({ share, where, maxEvents, from, seed, every }) => {
        const which = [
          ...(maxEvents === undefined ? [] : [`of ${maxEvents} events at most`]),
          ...(where === undefined ? [] : [`with ${where}`]),
        ].join(' and ');
        const drawn = `drawn from the best ${from} items${which && ` ${which}`}, by the seed ${seed} and the user`;
        const anew = every === undefined ? '' : `, anew every ${every.text}`;
        return `${percent(share)} of the slots${slots('explored')} are ${drawn}${anew}`;
      }),
    ],
    [
      'explore.recent',
      said(explore?.recent, ({ text }) => `only what was released in the ${text} before as-of is explored`),
    ],
  ];
}

/** The first slots of a share that are named, of the first so many. */
const firstSaid = 3;
const slotsSaid = 1000;

function percent({ parts }: SlotShare): string {
  return `${parts / 100} %`;
}

/** What a recipe says of a value, where it has one. */
function said<T>(value: T | undefined, words: (value: T) => string): string | undefined {
  return value === undefined ? undefined : words(value);
}

function sourceInWords(source: RecipeSource): string {
  const least = said(source.minScore, (score) => `, none that scores less than ${score} there`) ?? '';
  const played =
    'minEvents' in source && source.minEvents > 0 ? `, of ${source.minEvents} events or more` : '';
  return `${whatItFinds(source)}${played}${least}`;
}

function whatItFinds(source: RecipeSource): string {
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
