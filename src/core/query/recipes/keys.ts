/**
 * The keys of a recipe: a row says what a key may be, what it is where it is not said, what it does, and what it needs of a
 * snapshot. Types, reading, printing, explanations, checks, the schema for editors and the tables of docs/reference/recipes.md come from it.
 */
import * as yaml from '../../files/yaml-keys.js';
import {
  anyText,
  decimal,
  itemsNamed,
  listOf,
  mapOf,
  scalar,
  wholeNumber,
  words,
} from '../../files/yaml-keys.js';
import type { Key, Kind, MapKind, MapOf } from '../../files/yaml-keys.js';
import { parseAge } from '../../models/folding/decay.js';
import { catalogue } from '../../options/catalogue.js';
import { parsePredicate } from '../../expressions/parse.js';
import { shareParts, type SlotKind } from './slots.js';

const { k, minEvents, maxPerArtist } = catalogue;

/** What is around a key in its recipe, for its words. */
export interface Around {
  /** Whether there are several sources. */
  readonly isBlend: boolean;
  readonly hasRows: boolean;
  /** The first slots of a kind, such as ` (5, 15, 25 …)`. */
  slots(kind: SlotKind): string;
}

/**
 * `items`: the table of items. `neighbours`: items are compared. `likes`: what someone likes, by a history or their vector.
 * `history`: the history itself.
 */
export type Need = 'items' | 'neighbours' | 'likes' | 'history';

/** What a value of a key does, and what for. */
interface Uses<T> {
  /** In words; undefined where nothing needs to be said. Words of a source's keys are the end of its own. */
  does?(value: T, around: Around): string | undefined;
  readonly needs?: readonly Need[];
  /** The column of the catalogue that it reads: an answer goes without it (`orNot`) where that is not there, or is refused. */
  readonly column?: string;
  readonly orNot?: boolean;
  /** Its default changes nothing. */
  readonly isOff?: boolean;
  /** When it acts, by the steps of docs/reference/recipes.md; by default with the map that it is in. */
  readonly step?: number;
}
export type Row<T = unknown, Always extends boolean = boolean> = Key<T, Always> & Uses<T>;

function optional<T>(kind: Kind<T>, text: string, uses: Uses<T> = {}): Row<T, false> {
  return { ...yaml.optional(kind, text), ...uses };
}
function withDefault<T>(kind: Kind<T>, value: NoInfer<T>, text: string, uses: Uses<T> = {}): Row<T, true> {
  return { ...yaml.withDefault(kind, value, text), ...uses };
}
function section<K extends yaml.Keys>(kind: MapKind<K>, text: string, step: number): Row<MapOf<K>, true> {
  return withDefault(kind, yaml.emptyOf(kind), text, { step });
}

/** A time such as 90d, as it was written and in ms. */
export interface Age {
  readonly text: string;
  readonly ms: number;
}
const time = scalar<Age>(
  'a time such as 12h, 90d, 8w or 2y',
  { type: 'string', pattern: '^(?=.*[1-9])\\d+(\\.\\d+)?[hdwy]$' },
  (text) => withText(text, 'ms', parseAge(text)),
  ({ text }) => text,
);

/** Of the slots of an answer, as it was written and in ten-thousandths. */
export interface SlotShare {
  readonly text: string;
  readonly parts: number;
}
const shareForm = '^(?=.*[1-9])0*((100(\\.0+)?|\\d{1,2}(\\.\\d{1,2}0*)?) ?%|1(\\.0+)?|0(\\.\\d{1,4}0*)?)$';
const slotShare = scalar<SlotShare>(
  'a share of the slots such as 10% or 0.1, of 0.01% to 100%',
  { type: ['number', 'string'], minimum: 0.0001, maximum: 1, pattern: shareForm },
  (text) => withText(text, 'parts', shareParts(text)),
  ({ text }) => text,
);
const share: Row<SlotShare, true> = { kind: slotShare, text: 'Of the slots.', isAlways: true };

function withText<N extends string>(
  text: string,
  name: N,
  value: number | undefined,
): ({ readonly text: string } & Record<N, number>) | undefined {
  return value === undefined ? undefined : ({ text, [name]: value } as { text: string } & Record<N, number>);
}

const condition = scalar(
  "a condition such as 'released >= 1975'",
  { type: 'string', pattern: '\\S' },
  (text) => (parsePredicate(text, 'the condition'), text),
  (text) => text,
);
/** Whether the value of a key is a condition, which names its columns itself. */
export const isCondition = ({ kind }: Pick<Row, 'kind'>): boolean => kind === condition;

const cap = wholeNumber(maxPerArtist.range.min, maxPerArtist.range.max);
const fewEvents = withDefault(
  wholeNumber(minEvents.range.min, minEvents.range.max),
  minEvents.fallback(),
  'What has fewer events is not found; 0: anything.',
  { does: (least) => (least > 0 ? `, of ${least} events or more` : undefined) },
);
const near = words('all', 'any');
const nearText =
  '`all`: near the sum of their unit vectors. `any`: near any one of them, the nearest counts.';
const nearTo = { all: 'the middle of', any: 'any of' };

export const everySource = {
  take: withDefault(wholeNumber(1, 10_000), 500, 'This many of its best items become candidates.'),
  weight: withDefault(decimal(0.001, 1000), 1, 'Its weight relative to the other sources.', {
    does: (weight, { isBlend }) => (isBlend ? `, weight ${weight}` : undefined),
  }),
  'min-score': optional(
    decimal(-1000, 1_000_000_000),
    'It finds nothing of a lower score, in its own numbers: a product, a cosine or a count.',
    { does: (least) => `, none that scores less than ${least} there` },
  ),
};

interface SourceKind<K> {
  readonly keys: K;
  readonly text: string;
  does(source: MapOf<typeof everySource> & MapOf<K>): string;
  readonly needs: readonly Need[];
}
const source = <K>(kind: SourceKind<K>): SourceKind<K> => kind;

/** By name. */
export const sourceKinds = {
  user: source({
    keys: {
      'half-life': optional(time, 'Listening counts half after every such time before `--as-of`.', {
        does: ({ text }) => `, an event counting half after ${text}`,
      }),
    },
    text: "the model's score for the listener",
    does: ({ take }) => `user: the best ${take} by the model's score for the listener`,
    needs: ['likes'],
  }),
  seeds: source({
    keys: {
      items: withDefault(itemsNamed, [], 'What it starts from, beside the items of `--seed-item`.'),
      near: withDefault(near, 'all', nearText),
      'min-events': fewEvents,
    },
    text: 'items near those named here and by `--seed-item`, which are not in the answer; the score is the cosine',
    does: ({ take, near: of, items }) => {
      const seeds = items.length === 0 ? 'the seed items' : `${items.join(', ')} and seed items`;
      return `seeds: the ${take} nearest to ${nearTo[of]} ${seeds}`;
    },
    needs: ['neighbours'],
  }),
  'similar-to-history': source({
    keys: {
      items: withDefault(wholeNumber(1, 1000), 20, "So many of the listener's own items are looked near."),
      pick: withDefault(
        words('recent', 'most-played'),
        'most-played',
        'Which of them; ties by row, the more popular first.',
      ),
      near: withDefault(near, 'any', nearText),
      'min-events': fewEvents,
    },
    text: "items near some of the listener's own",
    does: ({ take, near: of, items, pick }) =>
      `similar-to-history: the ${take} nearest to ${nearTo[of]} the ${items} ${pick === 'recent' ? 'latest' : 'most played'} items`,
    needs: ['neighbours', 'likes', 'history'],
  }),
  popular: source({
    keys: {
      within: optional(
        time,
        'Counts the listeners whose latest event of an item was within it, before `--as-of`.',
      ),
    },
    text: 'by number of events',
    does: ({ take, within }) =>
      `popular: the ${take} with most ${within === undefined ? 'events' : `listeners in the ${within.text} before as-of`}`,
    needs: [],
  }),
};

const filters = mapOf({
  'leave-out': withDefault(
    words('heard', 'nothing'),
    'heard',
    "Whether the listener's seen items stay out.",
    {
      does: (out) => (out === 'heard' ? 'no seen items' : 'seen items too'),
    },
  ),
  where: optional(condition, 'Only items for which it holds.', {
    does: (where) => `only items with ${where}`,
  }),
  recent: optional(time, 'Only items released within it, before `--as-of`.', {
    does: ({ text }) => `only what was released in the ${text} before as-of`,
    column: 'released',
  }),
  exclude: withDefault(itemsNamed, [], 'Not these.', { does: (out) => `never ${out.join(', ')}` }),
  'min-score': optional(decimal(0, 1000), 'Nothing that scores less, after re-scoring.', {
    does: (least) => `nothing that scores less than ${least} now`,
    step: 4,
  }),
});

const gain = (value: number): string => (value > 0 ? 'gain' : 'lose');
const freshness = mapOf({
  boost: withDefault(decimal(0, 100), 1, 'What an item gains that is released at `--as-of`.'),
  'half-life': { kind: time, text: 'Half of that is gone after every such time.', isAlways: true as const },
});
const rescore = mapOf({
  'popularity-discount': withDefault(decimal(-2, 2), 0, 'γ: (events / mean events of an item)^−γ.', {
    does: (gamma) => `popular items ${gain(-gamma)}: × (events / mean events)^${-gamma}`,
    ...{ isOff: true, needs: ['items'] },
  }),
  freshness: optional(freshness, '1 + boost · 2^(−age / half-life), 1 where no release is known.', {
    does: ({ boost, halfLife }) => `new items gain: × (1 + ${boost} · 2^(−age / ${halfLife.text}))`,
    ...{ column: 'released', orNot: true },
  }),
  familiarity: withDefault(
    decimal(-1, 10),
    0,
    "φ: 1 + φ · (the listener's plays of the item's artist / of their most-played artist).",
    {
      does: (phi) => {
        const factor = `1 ${phi > 0 ? '+' : '−'} ${Math.abs(phi)} · plays of the artist / of the most-played one`;
        return `artists that the listener plays ${gain(phi)}: × (${factor})`;
      },
      ...{ isOff: true, column: 'artist', orNot: true, needs: ['likes'] },
    },
  ),
  shown: optional(decimal(0, 1), 'What an item of `--shown` counts, 1 for all others.', {
    does: (factor) => `what was shown before: × ${factor}`,
  }),
});

const diversity = mapOf({
  mmr: optional(decimal(0, 1), 'λ of maximal marginal relevance: 1 is by score alone; 0.7 is a good start.', {
    does: (lambda) =>
      `${lambda} of its score and ${Number((1 - lambda).toFixed(6))} of how unlike it is to those before it`,
    needs: ['neighbours'],
  }),
  'max-per-artist': optional(cap, 'Items of one artist, at most; items that name none are not counted.', {
    does: (most) => `at most ${most} of an artist`,
    ...{ column: 'artist', orNot: true },
  }),
  'max-per-album': optional(cap, 'The same for albums, which are told apart by title and artist.', {
    does: (most) => `at most ${most} of an album`,
    ...{ column: 'album', orNot: true },
  }),
});

const promote = mapOf(
  {
    share,
    where: optional(condition, 'Items for which it holds are promoted.'),
    items: withDefault(itemsNamed, [], 'These are promoted too. One of both is needed.'),
  },
  [
    {
      holds: yaml.says('where', 'items'),
      message: 'which items are promoted is not said: wanted where or items',
    },
  ],
);

const explore = mapOf(
  {
    share,
    'max-events': optional(wholeNumber(0, 9_999_999), 'Items of so many events in the snapshot, at most.', {
      needs: ['items'],
    }),
    recent: optional(time, 'Items released within it, as `filters.recent` reads it.', {
      does: ({ text }) => `only what was released in the ${text} before as-of is explored`,
      column: 'released',
    }),
    where: optional(
      condition,
      'Items for which it holds. One of these three is needed; all that are given have to hold.',
    ),
    from: withDefault(wholeNumber(1, 10_000), 100, 'Draws from so many: those of the best score among them.'),
    seed: withDefault(wholeNumber(0, 9_999_999), 0, 'Another one draws other items.'),
    every: optional(
      time,
      'Draws anew after every such time, counted by `--as-of`; without it a draw is for good.',
    ),
  },
  [
    {
      holds: yaml.says('max-events', 'recent', 'where'),
      message: 'which items are explored is not said: wanted max-events, recent or where',
    },
  ],
);

const rows = mapOf(
  {
    count: withDefault(
      wholeNumber(1, 50),
      4,
      'Rows, at most: fewer where the history does not hold so many tastes.',
    ),
    'from-at-least': withDefault(
      wholeNumber(1, 1000),
      3,
      'Items of the history that a row is made from; a smaller group joins the nearest.',
    ),
  },
  [],
  'count',
);

const percent = ({ parts }: SlotShare): string => `${parts / 100} %`;

export const recipeKind = mapOf({
  about: withDefault(
    anyText('a line that says what it is for'),
    '',
    'What the recipe is for; `recipe list` shows it.',
  ),
  sources: {
    kind: listOf(
      yaml.variantsOf('source', 'Where the items come from.', everySource, sourceKinds),
      1,
      20,
      true,
    ),
    text: 'Where candidates come from: a name, or a map.',
    isAlways: true as const,
    missing: 'where items come from is not said',
  },
  combine: withDefault(
    words('scores', 'ranks'),
    'scores',
    'How the scores of several sources are made comparable.',
    {
      does: (by, { isBlend }) => {
        if (!isBlend) return undefined;
        return by === 'ranks'
          ? 'by place in each source (reciprocal rank fusion)'
          : 'by score, as a part of the best score of each source';
      },
    },
  ),
  filters: section(filters, 'Which items may be in the answer.', 1),
  rescore: section(rescore, 'What raises and lowers scores: the factors that they are multiplied by.', 3),
  diversity: section(diversity, 'How different the items have to be.', 4),
  promote: optional(promote, 'A share of the slots for some of the items.', {
    does: ({ share: of, where, items }, { slots }) => {
      const which = [...(where === undefined ? [] : [`items with ${where}`]), ...items].join(', ');
      return `${percent(of)} of the slots${slots('promoted')} for the best of ${which}`;
    },
    step: 4,
  }),
  explore: optional(explore, 'A share of the slots for items that are drawn, such as new ones.', {
    does: ({ share: of, where, maxEvents, from, seed, every }, { slots }) => {
      const which = [
        ...(maxEvents === undefined ? [] : [`of ${maxEvents} events at most`]),
        ...(where === undefined ? [] : [`with ${where}`]),
      ].join(' and ');
      const drawn = `drawn from the best ${from} items${which && ` ${which}`}, by the seed ${seed} and the user`;
      const anew = every === undefined ? '' : `, anew every ${every.text}`;
      return `${percent(of)} of the slots${slots('explored')} are ${drawn}${anew}`;
    },
    step: 4,
  }),
  order: withDefault(words('score', 'smooth'), 'score', 'As they were chosen, or each near the one before.', {
    does: () => 'a walk: each item is the nearest to the one before it',
    ...{ isOff: true, needs: ['neighbours'], step: 5 },
  }),
  length: withDefault(
    wholeNumber(1, 1000),
    k.fallback(),
    'Items of the answer, or of each row of a start page; `-k` overrides it.',
    {
      does: (length, { hasRows }) => `${length} ${length === 1 ? 'item' : 'items'}${hasRows ? ' a row' : ''}`,
      step: 6,
    },
  ),
  rows: optional(rows, 'Makes a start page: rows, each from another part of the history.', {
    does: ({ count, fromAtLeast }) => `at most ${count}, each of ${fromAtLeast} items of the history or more`,
    ...{ needs: ['neighbours', 'likes', 'history', 'items'], step: 5 },
  }),
});
