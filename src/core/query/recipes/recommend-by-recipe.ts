/** `segue recommend --recipe`: an answer made as a recipe says. docs/recipes.md is what it follows, step by step. */
import type { ItemRecord, Pairs, RankedItem, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { blend } from './blend.js';
import { diversify, type Cap, type Chosen, type PassedOver } from './diversify.js';
import { findRecipe } from './find-recipe.js';
import { readRecipe } from './read-recipe.js';
import { detailsOf, placeIn, type Recipe } from './recipe.js';
import { rescore, type Factor } from './rescore.js';
import { smoothOrder } from './smooth-order.js';
import { cosine } from './taste-groups.js';
import { findItemRows } from '../find-items.js';
import { findListeners, type Listener, type ListenerNames } from '../find-listeners.js';
import { openItemDirections, type ItemDirections } from '../item-directions.js';
import { snapshotFile, trainedKind } from '../../snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { openCatalogue, type Catalogue } from '../../store/catalogue.js';
import { parseAsOf } from '../../models/folding/decay.js';
import { emptyHistory } from '../../histories/opinions.js';
import { listRecipes, resolveRecipe, type RecipeList, type ResolvedRecipe } from './list-recipes.js';
import { capsOf } from './caps.js';
import { openFactors, textOf } from './factors.js';
import { selectForRecipe, type RecipeSelection } from './filters.js';
import { ingredientsOf, whyPassedOver, type Ingredient, type PassedOverItem } from './ingredients.js';
import { readRecipeItems } from './items.js';
import {
  comparesItems,
  forKey,
  noRecipe,
  readsItems,
  requireComparable,
  requireLiked,
  requireNobody,
  requireSeeds,
} from './needs.js';
import { tasteRows } from './rows.js';
import { openSources, type OpenSource } from './sources.js';
import type { SelectionOptions } from '../filters/selection.js';
import { distinctRows, exclusionsOf } from '../exclusions.js';

/** The filters given here hold beside those of the recipe. */
export interface RecommendByRecipeOptions extends ListenerNames, SelectionOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** A name, or the path of a file. */
  readonly recipe: string;
  /** Items for the sources `seeds`, beside those that the recipe names. */
  readonly seedItems: readonly string[];
  /** Keep what they have heard, whatever the recipe says. */
  readonly includeHeard: boolean;
  /** Items of an answer (of each row of a start page); undefined: as the recipe says. */
  readonly k?: number | undefined;
  /** The moment that ages count from, ISO 8601; by default the time of the latest event. */
  readonly asOf?: string | undefined;
  /** Say of every item which ingredients put it there. */
  readonly explain: boolean;
}

export type RecipeItem = ItemRecord & {
  readonly rank: number;
  readonly score: number;
  /** Of a start page: which row it is in, 1 … */
  readonly row?: number;
  /** With `explain`. */
  readonly ingredients?: readonly Ingredient[];
};

export interface RecipeRow {
  readonly title: string;
  /** Items of the history that the row is made from, those listened to most first. */
  readonly madeFrom: readonly ItemRecord[];
}

export interface RecipeResult {
  readonly snapshot: string;
  /** null for someone new, or nobody. */
  readonly user: string | null;
  readonly recipe: string;
  /** The moment that ages count from, where the recipe has any; ISO 8601 UTC. */
  readonly asOf: string | null;
  /** Of a start page row after row, each ranked from 1. */
  readonly recommendations: readonly RecipeItem[];
  /** Of a start page: its rows, in order. */
  readonly rows?: readonly RecipeRow[];
  /** With `explain`: what scored better than something that is shown, and why it is not. */
  readonly passedOver?: readonly PassedOverItem[];
}

/** Listening that a row of a start page names, at most. */
const itemsOfTitle = 5;
/** How many times as many candidates are taken where an answer is short. */
const moreAtOnce = 4;

type Keep = <T extends { close(): void }>(part: T) => T;

export interface FromRecipesOptions extends Omit<RecommendByRecipeOptions, 'recipe'> {
  readonly recipe: string | undefined;
  /** Only which recipes there are. */
  readonly list: boolean;
  /** Only what the recipe says in full. */
  readonly dryRun: boolean;
  /** Refused: a recipe has no single ranking to ask about. */
  readonly whyNot: readonly string[];
}

export type FromRecipes = RecipeResult | RecipeList | ResolvedRecipe;

/** What `segue recommend` answers where recipes are asked about: which there are, what one says, or its answers. */
export async function fromRecipes(
  { recipe, list, dryRun, whyNot, ...options }: FromRecipesOptions,
  context: TaskContext,
): Promise<FromRecipes[]> {
  if (list) return [await listRecipes(options)];
  if (recipe === undefined) throw noRecipe(dryRun ? '--dry-run' : '--as-of');
  if (whyNot.length > 0) {
    throw new AppError(
      'bad-usage',
      "--why-not asks about the model's own ranking, and a recipe makes another",
      {
        suggestions: ['leave --recipe out', '--explain says what a recipe passed over, and why'],
      },
    );
  }
  if (dryRun) return [await resolveRecipe({ ...options, recipe })];
  return recommendByRecipe({ ...options, recipe }, context);
}

/** The recipe that a name or a path means. Errors as findRecipe and readRecipe. */
export async function readNamedRecipe(root: string, asked: string): Promise<Recipe> {
  const { name, path } = findRecipe(root, asked);
  return readRecipe(path, name);
}

/** One result a user, in the order given; a single one for someone new, or for nobody where the recipe needs no one. */
export async function recommendByRecipe(
  options: RecommendByRecipeOptions,
  context: TaskContext,
): Promise<RecipeResult[]> {
  const recipe = await readNamedRecipe(options.root, options.recipe);
  const snapshot = await openForReading(options.root, options.snapshot, context);
  const opened: { close(): void }[] = [];
  const keep: Keep = (part) => {
    opened.push(part);
    return part;
  };
  try {
    const { users, like, dislike } = options;
    const forThem = { ...options, inMemory: users.length > 1 };
    const kitchen = await openKitchen(snapshot, recipe, forThem, keep, context);
    const isNobody = users.length + like.length + dislike.length === 0;
    if (isNobody) requireNobody(recipe);
    const listeners: Listener[] = isNobody
      ? [{ user: null, history: emptyHistory(kitchen.numItems) }]
      : findListeners(snapshot, options, kitchen.numItems);
    for (const { user, history } of listeners) requireLiked(recipe, user, history);
    return listeners.map((listener) => cookFor(kitchen, listener, options).result);
  } finally {
    for (const part of opened.reverse()) part.close();
    snapshot.close();
  }
}

/** What a question adds to a recipe, whoever asks. */
export interface KitchenOptions
  extends SelectionOptions, Pick<RecommendByRecipeOptions, 'seedItems' | 'asOf' | 'k' | 'includeHeard'> {
  /** Several people will be cooked for. */
  readonly inMemory: boolean;
}

/** A recipe with everything at hand that it asks for. */
export interface Kitchen {
  readonly snapshot: OpenSnapshot;
  readonly recipe: Recipe;
  readonly length: number;
  readonly numItems: number;
  readonly catalogue: Catalogue;
  readonly sources: readonly OpenSource[];
  readonly factorsFor: (history: Pairs) => Factor[];
  readonly caps: readonly Cap[];
  readonly directions: ItemDirections | undefined;
  /** Rows of the items that sources start from; nobody gets them. */
  readonly seedRows: readonly number[];
  readonly selection: RecipeSelection;
  readonly artistOf: (row: number) => string | undefined;
  readonly asOf: string | null;
}

/** AppErrors with the key at fault. @param keep registers what is to be closed, before the snapshot */
export async function openKitchen(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  options: KitchenOptions,
  keep: Keep,
  context: TaskContext,
): Promise<Kitchen> {
  const numItems = snapshot.manifest.inputs.interactions.items;
  requireComparable(snapshot, recipe);
  const catalogue = keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
  const moment = momentOf(snapshot, recipe, options.asOf);
  const seeds = new Map(
    recipe.sources.flatMap((source, at): [number, number[]][] => {
      if (source.source !== 'seeds') return [];
      const named = forKey(recipe, `sources[${at}].items`, () =>
        findItemRows(catalogue, source.items, numItems),
      );
      const rows = [...new Set([...named, ...findItemRows(catalogue, options.seedItems, numItems)])];
      requireSeeds(recipe, at, rows.length);
      return [[at, rows]];
    }),
  );
  if (options.seedItems.length > 0 && seeds.size === 0) {
    throw new AppError('bad-usage', `--seed-item: the recipe ${recipe.name} has no source seeds`, {
      suggestions: ['--recipe radio has one', 'for what someone likes: --like ITEM'],
    });
  }
  const items = readsItems(recipe) ? await readRecipeItems(snapshot, recipe) : undefined;
  const filtered = { numItems, catalogue, items, asOfMs: moment.ms };
  const selection = await selectForRecipe(snapshot, recipe, filtered, options, context);
  const inMemory = options.inMemory || recipe.rows !== undefined;
  const forSources = { numItems, inMemory, seeds, items, asOfMs: moment.ms, keep };
  const sources = await openSources(snapshot, recipe, forSources);
  const seedRows = [...seeds.values()].flat();
  const artist = items?.has('artist') === true ? items.column('artist', 'rows') : undefined;
  return {
    snapshot,
    recipe,
    numItems,
    catalogue,
    sources,
    seedRows,
    length: options.k ?? recipe.length,
    factorsFor: openFactors(recipe, { numItems, items, asOfMs: moment.ms }),
    caps: capsOf(recipe, items),
    directions: comparesItems(recipe) ? keep(openItemDirections(snapshot)) : undefined,
    selection,
    artistOf: (row) => textOf(artist?.(row)),
    asOf: moment.text(),
  };
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
      throw new AppError(
        'bad-usage',
        `${placeIn(recipe, key)}: it counts back from a moment, and no event of snapshot ${id} has a time`,
        {
          suggestions: ['say the moment: --as-of 2014-06-20'],
          details: { ...detailsOf(recipe, key), snapshot: id },
        },
      );
    },
    text: () => (isUsed && known !== undefined ? new Date(known).toISOString() : null),
  };
}

/** What is made of one history. */
interface Dish {
  /** In the order of the answer, with the place that each had before it was ordered. */
  readonly items: readonly (Chosen & {
    readonly place: number;
    readonly toPrevious: number | null | undefined;
  })[];
  readonly passedOver: readonly PassedOver[];
}

/** An answer, and the rows of its items. */
export interface Cooked {
  readonly result: RecipeResult;
  readonly found: readonly RankedItem[];
}

/** The answer for a listener. */
export function cookFor(
  kitchen: Kitchen,
  { user, history }: Listener,
  options: Pick<RecommendByRecipeOptions, 'includeHeard' | 'explain'>,
): Cooked {
  const { catalogue, recipe, snapshot, asOf, directions } = kitchen;
  const includeHeard = options.includeHeard || recipe.filters.leaveOut === 'nothing';
  const excluded = distinctRows([...kitchen.seedRows, ...kitchen.selection.leaveOut]);
  const unwanted = [...exclusionsOf(undefined).of(history, { includeHeard, excluded }).all];
  const record = (row: number): ItemRecord => catalogue.record(trainedKind, row);
  const shown = ({ items, passedOver }: Dish, row?: number): [RecipeItem[], PassedOverItem[]] => [
    items.map((item, at) => {
      const { candidate, place, toPrevious } = item;
      const found = {
        rank: at + 1,
        ...record(candidate.row),
        ...(row === undefined ? {} : { row }),
        score: candidate.score,
      };
      if (!options.explain) return found;
      return Object.assign(found, { ingredients: ingredientsOf(item, place, toPrevious, recipe, record) });
    }),
    options.explain ? passedOver.map((item) => whyPassedOver(item, row, record)) : [],
  ];
  const head = { snapshot: snapshot.id, user, recipe: recipe.name, asOf };
  if (recipe.rows === undefined || directions === undefined) {
    const dish = cook(kitchen, history, unwanted);
    const [recommendations, passedOver] = shown(dish);
    const result = { ...head, recommendations, ...(options.explain ? { passedOver } : {}) };
    return { result, found: rankedIn(dish) };
  }
  const found: RankedItem[] = [];
  const recommendations: RecipeItem[] = [];
  const passedOver: PassedOverItem[] = [];
  const rows: RecipeRow[] = [];
  const nameOf = (row: number): string => kitchen.artistOf(row) ?? record(row).name;
  for (const { part, items, title } of tasteRows(history, recipe.rows, directions, nameOf)) {
    const dish = cook(kitchen, part, unwanted);
    if (dish.items.length === 0) continue;
    unwanted.push(...dish.items.map(({ candidate }) => candidate.row));
    const [of, over] = shown(dish, rows.length + 1);
    recommendations.push(...of);
    found.push(...rankedIn(dish));
    passedOver.push(...over);
    rows.push({ title, madeFrom: items.slice(0, itemsOfTitle).map(record) });
  }
  return { result: { ...head, recommendations, rows, ...(options.explain ? { passedOver } : {}) }, found };
}

/** The answer for somebody of whom nothing is known that the recipe asks for. */
export function nothingFor({ snapshot, recipe, asOf }: Kitchen, user: string): Cooked {
  const head = { snapshot: snapshot.id, user, recipe: recipe.name, asOf, recommendations: [] };
  return { result: recipe.rows === undefined ? head : { ...head, rows: [] }, found: [] };
}

function rankedIn({ items }: Dish): RankedItem[] {
  return items.map(({ candidate: { row, score } }) => ({ row, score }));
}

/** Candidates, scores, diversity and order, for one history. */
function cook(kitchen: Kitchen, history: Pairs, leaveOut: readonly number[]): Dish {
  const { sources, recipe, length, caps, numItems, seedRows, selection } = kitchen;
  const factors = kitchen.factorsFor(history);
  const similarity = (a: number, b: number): number => likeness(kitchen, a, b);
  const { mmr } = recipe.diversity;
  let cooked: ReturnType<typeof diversify>;
  for (let times = 1; ; times *= moreAtOnce) {
    const findings = sources.map(({ weight, take, find }) => {
      const wanted = Math.min(take * times, numItems);
      const found = find(history, { take: wanted, leaveOut, among: selection.among });
      return { weight, found, hasMore: found.length === wanted && wanted < numItems };
    });
    const scored = rescore(blend(findings, recipe.combine), factors);
    cooked = diversify(scored, length, { mmr, similarity, caps });
    if (cooked.chosen.length === length || !findings.some(({ hasMore }) => hasMore)) break;
  }
  const { chosen, passedOver } = cooked;
  selection.explainShortage(chosen.length, length);
  const placed = chosen.map((item, at) => ({ ...item, place: at + 1, toPrevious: undefined }));
  if (recipe.order === 'score') return { items: placed, passedOver };
  const byRow = new Map(placed.map((item) => [item.candidate.row, item]));
  const toSeeds = (row: number): number => seedRows.reduce((sum, seed) => sum + similarity(seed, row), 0);
  const walk = smoothOrder([...byRow.keys()], similarity, seedRows.length > 0 ? toSeeds : undefined);
  const items = walk.map((row, at) => ({
    ...byRow.get(row)!,
    toPrevious: at === 0 ? null : similarity(walk[at - 1]!, row),
  }));
  return { items, passedOver };
}

/** The cosine between two items; 0 for one without direction. */
function likeness({ directions }: Kitchen, a: number, b: number): number {
  const [x, y] = [directions?.of(a), directions?.of(b)];
  return x === undefined || y === undefined ? 0 : cosine(x, y);
}
