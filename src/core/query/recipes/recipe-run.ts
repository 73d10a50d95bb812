/** An answer made as a recipe says, over what recommends an open snapshot. docs/reference/recipes.md is what it follows, step by step. */
import type {
  ItemRecord,
  Pairs,
  Rank,
  WithRank,
  RankedItem,
  SnapshotId,
  Some,
  TaskContext,
  Text,
} from '../../contracts.js';
import { opening } from '../../closers.js';
import { AppError } from '../../errors.js';
import { parseAsOf } from '../../models/folding/decay.js';
import { trainedKind } from '../../snapshot/layout.js';
import { catalogue as declared } from '../../options/catalogue.js';
import type { Asked } from '../../options/option.js';
import type { recipeQuery } from '../../options/queries.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { Catalogue } from '../../store/catalogue.js';
import { distinctRows } from '../exclusions.js';
import { findItemRows } from '../find-items.js';
import type { Listener, UnknownUser } from '../find-listeners.js';
import type { SelectionOptions } from '../filters/selection.js';
import { openItemDirections, type ItemDirections } from '../item-directions.js';
import type { Recommender } from '../open-recommender.js';
import { capsOf } from './caps.js';
import { withoutMissing, type ColumnPart } from './parts.js';
import type { Cap, Chosen, PassedOver } from './diversify.js';
import { drawOrder } from './draw.js';
import { openFactors, textOf } from './factors.js';
import { fillSlots } from './fill-slots.js';
import { selectForRecipe, type RecipeSelection } from './filters.js';
import { ingredientsOf, whyPassedOver, type Ingredient, type PassedOverItem } from './ingredients.js';
import { readRecipeItems } from './items.js';
import { comparesItems } from './needs.js';
import type { Recipe } from './recipe.js';
import type { Factor } from './rescore.js';
import { tasteRows } from './rows.js';
import { smoothOrder } from './smooth-order.js';
import { openSources, type OpenSource } from './sources.js';
import { cosine } from './taste-groups.js';

export type RecipeItem = WithRank & {
  /** Of a start page: which row it is in, 1 … */
  readonly row?: Rank;
  /** Where it is not there by score: what its slot is for. */
  readonly slot?: 'promoted' | 'explored';
} & ItemRecord & {
    readonly score: number;
    /**
     * With `explain`.
     * @minItems 2
     */
    readonly ingredients?: readonly Ingredient[];
  };

export interface RecipeRow {
  readonly title: Text;
  /** Items of the history that the row is made from, those listened to most first. */
  readonly madeFrom: Some<ItemRecord>;
}

export interface RecipeResult {
  readonly snapshot: SnapshotId;
  /** null for a new user, or nobody. */
  readonly user: string | null;
  readonly recipe: Text;
  /** The moment that ages count from, where the recipe has any; ISO 8601 UTC. */
  readonly asOf: string | null;
  /** Where one was asked for: which of the pages it is. */
  readonly page?: Rank;
  /** Keys of the recipe that were left out, since the catalogue lacks the column that they read; absent where none was. */
  readonly leftOut?: Some<ColumnPart>;
  /** Only where nobody knows the user, and `fallback` answers. */
  readonly unknownUser?: UnknownUser;
  /** Ranked from 1; of a later page, from where the one before ended; of a start page row after row, each from 1. */
  readonly recommendations: readonly RecipeItem[];
  /** Of a start page: its rows, in order. */
  readonly rows?: readonly RecipeRow[];
  /** With `explain`: what scored better than something that is shown, and why it is not. */
  readonly passedOver?: readonly PassedOverItem[];
}

/** Listening that a row of a start page names, at most. */
const itemsOfTitle = 5;
/** Items of all pages up to one that may be asked for. */
const mostPaged = declared.k.range.max;

/** What a query adds to a recipe, whoever asks. The filters given here hold beside those of the recipe. */
export interface RecipeRunOptions extends Pick<
  Asked<typeof recipeQuery.options>,
  'seedItems' | 'includeHeard' | 'k' | 'page' | 'shown' | 'asOf' | keyof SelectionOptions
> {
  /** Several histories will be asked about: keep what is searched in memory. */
  readonly inMemory: boolean;
}

/** A recipe with everything open that it asks for. */
export interface RecipeRun {
  readonly recommender: Recommender;
  /** Without what is left out. */
  readonly recipe: Recipe;
  readonly leftOut: readonly ColumnPart[];
  readonly length: number;
  /** undefined where none was asked for: the first. */
  readonly page: number | undefined;
  readonly sources: readonly OpenSource[];
  readonly factorsFor: (history: Pairs) => Factor[];
  /** Rows in the order in which they are drawn for a user. */
  readonly draw: (rows: readonly number[], user: string | null) => number[];
  readonly shownRows: ReadonlySet<number>;
  readonly caps: readonly Cap[];
  readonly directions: ItemDirections | undefined;
  /** Rows of the items that sources start from; nobody gets them. */
  readonly seedRows: readonly number[];
  readonly selection: RecipeSelection;
  /** Whether seen items may be found. */
  readonly includeHeard: boolean;
  readonly artistOf: (row: number) => string | undefined;
  readonly asOf: string | null;
  close(): void;
}

/**
 * Close it before the recommender. Factors and caps that read a column that the catalogue lacks are left out, with a
 * warning. AppErrors with the key at fault.
 */
export async function openRecipeRun(
  recommender: Recommender,
  asked: Recipe,
  options: RecipeRunOptions,
  context: TaskContext,
): Promise<RecipeRun> {
  const { snapshot, numItems } = recommender;
  const catalogue = recommender.catalogue();
  const moment = momentOf(snapshot, asked, options.asOf);
  const length = options.k ?? asked.length;
  requirePage(asked, options.page, length);
  const shownRows = shownRowsOf(catalogue, asked, options.shown ?? [], numItems);
  const seeds = seedsOf(catalogue, asked, options.seedItems, numItems);
  const compares = comparesItems(snapshot, asked);
  const items = await readRecipeItems(snapshot, asked);
  const { recipe, leftOut } = withoutMissing(asked, items?.columns ?? []);
  const filtered = { numItems, catalogue, items, asOfMs: moment.ms };
  const selection = await selectForRecipe(snapshot, recipe, filtered, options, context);
  return opening(async (opened) => {
    const forSources = { inMemory: options.inMemory, seeds, items, asOfMs: moment.ms, ...context };
    const artist = items?.has('artist') === true ? items.column('artist', 'rows') : undefined;
    const run = {
      recommender,
      recipe,
      leftOut,
      sources: await openSources(recommender, recipe, opened, forSources),
      seedRows: [...seeds.values()].flat(),
      ...{ length, page: options.page, shownRows },
      factorsFor: openFactors(recipe, { numItems, items, shown: shownRows, asOfMs: moment.ms }),
      draw: openDraw(catalogue, recipe, moment.ms),
      caps: capsOf(recipe, items),
      directions: compares ? opened.keep(openItemDirections(snapshot)) : undefined,
      selection,
      includeHeard: options.includeHeard || recipe.filters.leaveOut === 'nothing',
      artistOf: (row: number) => textOf(artist?.(row)),
      asOf: moment.text(),
      close: () => opened.close(),
    };
    sayWhatIsLeftOut(run, context);
    return run;
  });
}

function sayWhatIsLeftOut({ recipe, leftOut }: RecipeRun, { onProgress }: TaskContext): void {
  if (leftOut.length === 0) return;
  const parts = leftOut.map(({ key, column }) => `${key} (no column ${column})`).join(', ');
  const wanted = [...new Set(leftOut.map(({ column }) => `${column}=NAME`))].join(',');
  const message = `the recipe ${recipe.name} runs without ${parts}: to have the columns, train with \`items\` FILE, and \`itemColumns\` ${wanted} where they have other names`;
  onProgress({ kind: 'warning', message });
}

/** Rows of the items that each source `seeds` starts from, by its place in the recipe. */
function seedsOf(
  catalogue: Catalogue,
  recipe: Recipe,
  seedItems: readonly string[],
  numItems: number,
): ReadonlyMap<number, readonly number[]> {
  const seeds = new Map<number, readonly number[]>();
  recipe.sources.forEach((source, at) => {
    if (source.source !== 'seeds') return;
    const named = recipe.places.naming(`sources[${at}].items`, () =>
      findItemRows(catalogue, source.items, numItems),
    );
    const rows = [...new Set([...named, ...findItemRows(catalogue, seedItems, numItems)])];
    if (rows.length === 0) {
      throw recipe.places.error(`sources[${at}]`, 'bad-usage', 'it has no items to start from', {
        suggestions: [
          '`seedItem` "Hotel California", as often as needed',
          'or name them in the recipe: items: […]',
        ],
      });
    }
    seeds.set(at, rows);
  });
  if (seedItems.length > 0 && seeds.size === 0) {
    throw new AppError('bad-usage', `\`seedItem\`: the recipe ${recipe.name} has no source seeds`, {
      suggestions: ['`recipe` radio has one', 'for what someone likes: `like` ITEM'],
    });
  }
  return seeds;
}

/** AppError 'bad-usage' for a page that a recipe has not, or that is too far on. */
function requirePage(recipe: Recipe, page: number | undefined, length: number): void {
  if (page === undefined) return;
  if (recipe.rows !== undefined) {
    throw recipe.places.error(
      'rows',
      'bad-usage',
      'a start page has no further pages, so `page` means nothing',
      {
        suggestions: ['leave `page` out', 'a recipe without rows has as many pages as there are items'],
      },
    );
  }
  if (page * length <= mostPaged) return;
  throw new AppError(
    'bad-usage',
    `\`page\` ${page} of ${length} items each: wanted ${mostPaged} items at most`,
    {
      suggestions: [`\`page\` ${Math.floor(mostPaged / length)}, or fewer items a page`],
    },
  );
}

/** AppError 'bad-usage' where items are said to have been shown, and the recipe does not say what that counts. */
function shownRowsOf(
  catalogue: Catalogue,
  recipe: Recipe,
  shown: readonly string[],
  numItems: number,
): ReadonlySet<number> {
  if (shown.length > 0 && recipe.rescore.shown === undefined) {
    throw new AppError('bad-usage', `\`shown\`: the recipe ${recipe.name} does not say what that counts`, {
      suggestions: ['say it in the recipe: rescore: {shown: 0.5}', 'to leave items out: `exclude` ITEM'],
    });
  }
  return new Set(findItemRows(catalogue, shown, numItems));
}

/** Rows in the order in which a recipe that explores draws them for a user. */
function openDraw(
  catalogue: Catalogue,
  { explore }: Recipe,
  asOfMs: (key: string) => number,
): RecipeRun['draw'] {
  if (explore === undefined) return (rows) => [...rows];
  const { seed, every } = explore;
  const period = every === undefined ? null : Math.floor(asOfMs('explore.every') / every.ms);
  return (rows, user) =>
    drawOrder(rows, (row) => catalogue.record(trainedKind, row).id, { seed, period, user });
}

/** The moment that ages count from; said in the answer where something asked for it. */
function momentOf(
  { id, manifest }: OpenSnapshot,
  recipe: Recipe,
  asOf: string | undefined,
): { ms(key: string): number; text(): string | null } {
  const { lastAt } = manifest.inputs.interactions;
  const given = asOf === undefined ? undefined : parseAsOf(asOf);
  let isUsed = false;
  const known = given ?? (lastAt === null ? undefined : Date.parse(lastAt));
  return {
    ms(key) {
      isUsed = true;
      if (known !== undefined) return known;
      throw recipe.places.error(
        key,
        'bad-usage',
        `it counts back from a moment, and no event of snapshot ${id} has a time`,
        { suggestions: ['say the moment: `asOf` 2014-06-20'], details: { snapshot: id } },
      );
    },
    text: () => (isUsed && known !== undefined ? new Date(known).toISOString() : null),
  };
}

/** What was found for one history. */
interface Ranked {
  /** In the order of the answer, with the place that each had before it was ordered. */
  readonly items: readonly (Chosen & {
    readonly place: number;
    readonly toPrevious: number | null | undefined;
  })[];
  readonly passedOver: readonly PassedOver[];
}

/** An answer, and the rows of its items. */
export interface RecipeAnswer {
  readonly result: RecipeResult;
  readonly found: readonly RankedItem[];
}

/** The answer for a listener. @param explain say of every item which ingredients put it there */
export function answerFor(run: RecipeRun, { user, history }: Listener, explain: boolean): RecipeAnswer {
  const { recommender, recipe, directions } = run;
  const catalogue = recommender.catalogue();
  const record = (row: number): ItemRecord => catalogue.record(trainedKind, row);
  const found: RankedItem[] = [];
  const recommendations: RecipeItem[] = [];
  const passedOver: PassedOverItem[] = [];
  /** @param row of a start page, the number of the row */
  const add = (ranked: Ranked, row?: number): void => {
    ranked.items.forEach((item, at) => {
      const { candidate, slot, place, toPrevious } = item;
      found.push({ row: candidate.row, score: candidate.score });
      const shown = {
        rank: itemsBefore(run) + at + 1,
        ...record(candidate.row),
        ...(row === undefined ? {} : { row }),
        ...(slot === 'score' ? {} : { slot }),
        score: candidate.score,
      };
      const ingredients = explain ? ingredientsOf(item, place, toPrevious, recipe, record) : undefined;
      recommendations.push(ingredients === undefined ? shown : Object.assign(shown, { ingredients }));
    });
    if (explain) passedOver.push(...ranked.passedOver.map((item) => whyPassedOver(item, row, record)));
  };
  const excluded = [...run.seedRows, ...run.selection.leaveOut];
  /** Of a part of the history, the whole of which says what was seen. */
  const rank = (part: Pairs): Ranked => {
    const rules = { includeHeard: run.includeHeard, excluded: distinctRows(excluded) };
    return rankedFor(run, user, part, recommender.kind().exclusions.of(history, rules).all);
  };
  const head = { ...headOf(run, user), recommendations };
  const over = explain ? { passedOver } : {};
  if (recipe.rows === undefined || directions === undefined) {
    add(rank(history));
    return { result: { ...head, ...over }, found };
  }
  const rows: RecipeRow[] = [];
  const nameOf = (row: number): string => run.artistOf(row) ?? record(row).name;
  for (const { part, items, title } of tasteRows(history, recipe.rows, directions, nameOf)) {
    const ranked = rank(part);
    if (ranked.items.length === 0) continue;
    // Nothing stands in two rows.
    excluded.push(...ranked.items.map(({ candidate }) => candidate.row));
    add(ranked, rows.length + 1);
    rows.push({ title, madeFrom: items.slice(0, itemsOfTitle).map(record) });
  }
  return { result: { ...head, rows, ...over }, found };
}

/** The answer for a user without a history that the recipe asks for. */
export function noAnswerFor(run: RecipeRun, user: string): RecipeAnswer {
  const head = { ...headOf(run, user), recommendations: [] };
  return { result: run.recipe.rows === undefined ? head : { ...head, rows: [] }, found: [] };
}

function headOf(
  { recommender, recipe, asOf, page, leftOut }: RecipeRun,
  user: string | null,
): Omit<RecipeResult, 'recommendations'> {
  const paged = page === undefined ? {} : { page };
  const head = { snapshot: recommender.snapshot.id, user, recipe: recipe.name, asOf, ...paged };
  return leftOut.length === 0 ? head : { ...head, leftOut };
}

/** The slots of the pages up to the one that is asked for, and the order of each page, for one history. */
function rankedFor(run: RecipeRun, user: string | null, history: Pairs, leaveOut: Uint32Array): Ranked {
  const { recommender, recipe, length, seedRows, selection } = run;
  const before = itemsBefore(run);
  const similarity = (a: number, b: number): number => cosineOf(run, a, b);
  const { chosen, passedOver } = fillSlots(history, before + length, {
    ...{ recipe, similarity, leaveOut, numItems: recommender.numItems, sources: run.sources },
    ...{ mmr: recipe.diversity.mmr, caps: run.caps, factors: run.factorsFor(history) },
    ...{ among: selection.among, promoted: selection.promoted, explored: selection.explored },
    draw: (rows) => run.draw(rows, user),
  });
  const placed = chosen.map((item, at) => ({ ...item, place: at + 1, toPrevious: undefined }));
  selection.warnTooFew(Math.max(0, placed.length - before), length);
  if (recipe.order === 'score') return { items: placed.slice(before), passedOver };
  const byRow = new Map(placed.map((item) => [item.candidate.row, item]));
  const toSeeds = (row: number): number => seedRows.reduce((sum, seed) => sum + similarity(seed, row), 0);
  let start = seedRows.length > 0 ? toSeeds : undefined;
  let walk: number[] = [];
  // Every page is a walk of its own, which goes on where the one before ended.
  for (let from = 0; from < placed.length; from += length) {
    const rows = placed.slice(from, from + length).map(({ candidate }) => candidate.row);
    walk = [...walk, ...smoothOrder(rows, similarity, start)];
    const last = walk.at(-1)!;
    start = (row) => similarity(last, row);
  }
  const items = walk.slice(before).map((row, at) => {
    const previous = walk[before + at - 1];
    return { ...byRow.get(row)!, toPrevious: previous === undefined ? null : similarity(previous, row) };
  });
  return { items, passedOver };
}

/** Items of the pages before the one that is asked for. */
function itemsBefore({ page = 1, length }: Pick<RecipeRun, 'page' | 'length'>): number {
  return (page - 1) * length;
}

/** Between two items; 0 for one without direction. */
function cosineOf({ directions }: RecipeRun, a: number, b: number): number {
  const [x, y] = [directions?.of(a), directions?.of(b)];
  return x === undefined || y === undefined ? 0 : cosine(x, y);
}
