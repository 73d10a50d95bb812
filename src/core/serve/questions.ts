/** What the service can be asked of a snapshot: the routes with their parameters, the right that each needs, and who answers. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import * as shapes from '../library/shapes.js';
import { flag, or, required, text, wholeNumber, type OptionShape } from '../options/kinds.js';
import { optionValues } from '../options/values.js';
import type { AudienceQuestion } from '../query/audience.js';
import type { WithFallback } from '../query/find-listeners.js';
import type { ItemsQuestion, ListPart } from '../query/item-lists.js';
import type { ListenerQuestion } from '../query/listener/listener.js';
import type { SimilarQuestion } from '../query/open-neighbours.js';
import type { RecommendQuestion } from '../query/open-recommender.js';
import type { Reader, UserVectorQuestion } from '../query/reader.js';
import { recipeName } from '../query/recipes/find-recipe.js';
import type { RecipeQuestion } from '../query/recipes/recipe-answers.js';
import type { UsersQuestion } from '../query/user-lists.js';
import type { Right } from './guard.js';
import { HttpError } from './problems.js';
import { optionsReader, type Renamed, type Shape } from './parameters.js';

/** What is asked, by the names that a request has for it. */
export type Given = Readonly<Record<string, unknown>>;

/** An answer, and the schema that it has: that of the command which gives the same. */
export interface Answered {
  readonly schema: string;
  readonly body: object;
}

interface RouteWords {
  /** After `/v1`, as routers write it: `:user`. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  readonly right: Right;
  /** Of the parameters those that stand in the path. */
  readonly inPath: readonly string[];
  /** Schemas that its answer may have. */
  readonly answers: readonly string[];
  /** Where many such questions are asked at once, after `/v1`; undefined: nowhere. */
  readonly many?: string;
  /** The key of what an answer lists, of which it gives pages. */
  readonly list?: string;
  /** Any part of the list can be asked for: its pages go to its end, and it can be had as lines. */
  readonly hasParts?: true;
  /** Another address of the same. */
  readonly also?: string;
}

export type Serves = Required<WithFallback> & ListPart & { readonly k?: number | undefined };

export interface QuestionRoute extends RouteWords {
  readonly shape: Shape;
  /** What each of many may be asked; `shape` without it. */
  readonly shapeOfMany?: Shape;
  readonly renamed: Renamed;
  /** Whether a question takes `page` and `k`; else a page is the end of a longer answer. */
  turnsPages?(given: Given): boolean;
  /** @param serves what the service adds to it */
  ask(reader: Reader, given: Given, context: TaskContext, serves: Serves): Promise<Answered>;
}

/** Of one answer: more results than anyone looks at take memory and time. */
const mostResults = 1000;
/** Of all pages of a list that is ranked anew for each. */
export const mostPaged = 10_000;
const k = or(wholeNumber({ min: 1, max: mostResults }), optionValues.k.default);
const itemsAsItem: Renamed = { items: 'item' };

function route<O>(
  words: RouteWords,
  shape: OptionShape<O>,
  renamed: Renamed,
  ask: (reader: Reader, options: O, context: TaskContext, serves: Serves) => Promise<object>,
): QuestionRoute {
  const optionsOf = optionsReader(shape, renamed);
  return {
    ...words,
    ...{ shape, renamed },
    async ask(reader, given, context, serves) {
      const { from, mark, k: upTo } = serves;
      const part = { from, mark, ...(upTo === undefined ? {} : { k: upTo }) };
      const body = await ask(reader, { ...optionsOf(given), ...part }, context, serves);
      return { schema: words.answers[0]!, body };
    },
  };
}

/** Without what names files of the machine that serves. */
function withoutFiles<S extends Partial<Record<FileOption, unknown>>>(shape: S): Omit<S, FileOption> {
  const { vector: _vector, only: _only, excludeFrom: _excludeFrom, ...rest } = shape;
  return rest;
}

type FileOption = 'vector' | 'only' | 'excludeFrom';

const { users: _users, fallback: _fallback, ...listening } = withoutFiles(shapes.recommendQuestion);
const { seedItems, shown, page, asOf } = shapes.recipeQuestion;
const ofRecipe = { seedItems, shown, page, asOf };
/** A recipe has a length of its own, where no other is asked for. */
const recommending = {
  ...{ ...listening, k: wholeNumber({ min: 1, max: mostResults }), recipe: text },
  ...ofRecipe,
  strict: flag,
} satisfies OptionShape<RecommendAsked>;

/** As on the command line: with a recipe what it says, else what the model scores highest. */
async function recommend(
  reader: Reader,
  users: readonly string[],
  {
    recipe,
    seedItems: seeds,
    shown: before,
    page: number,
    asOf: moment,
    ...asked
  }: RecommendAsked & WithFallback & ListPart,
  context: TaskContext,
): Promise<Answered> {
  if (recipe === undefined) {
    const given = { 'seed-item': seeds[0], shown: before, page: number, 'as-of': moment };
    const [refused] = Object.entries(given).find(([, value]) => value !== undefined) ?? [];
    if (refused !== undefined)
      throw new AppError('bad-usage', `\`${refused}\` is for a recipe`, { suggestions: ['`recipe` NAME'] });
    const question = { ...asked, users, k: asked.k ?? optionValues.k.default };
    const [body] = await reader.recommend(question, context);
    return { schema: 'recommend', body: body! };
  }
  const last = (number ?? 1) * (asked.k ?? 1);
  if (last > mostPaged)
    throw new AppError('bad-usage', `\`page\` ${number!}: there are pages up to item ${mostPaged}`);
  // A name of the service's own folder, or of segue's: whatever might be a path is none.
  if (!recipeName.test(recipe))
    throw new AppError('bad-usage', `\`recipe\` ${JSON.stringify(recipe)}: wanted the name of a recipe`);
  const { kind, maxPerArtist, reasons, whyNot, explain = false, ...rest } = asked;
  const refused = Object.entries({ kind, 'max-per-artist': maxPerArtist, reasons, 'why-not': whyNot }).find(
    ([, value]) => value !== undefined,
  )?.[0];
  if (refused !== undefined)
    throw new AppError('bad-usage', `\`${refused}\` means nothing with a recipe, which says it itself`);
  const question = {
    ...{ ...rest, users, recipe, seedItems: seeds, shown: before },
    ...{ page: number, asOf: moment, explain },
  };
  const [body] = await reader.recipe(question, context).catch((error: unknown) => {
    // Where recipes are, and what is wrong with one, is for whoever runs the service.
    if (error instanceof AppError && (error.code === 'bad-input-file' || error.details['recipe'] === recipe))
      throw new HttpError(
        404,
        'recipe-not-found',
        `no recipe that can be read is called ${JSON.stringify(recipe)}`,
      );
    throw error;
  });
  return { schema: 'recommend-recipe', body: body! };
}

interface Strictness {
  /** An unknown user is a problem, as on the command line. */
  readonly strict?: boolean | undefined;
}

interface RecommendAsked
  extends
    Strictness,
    Omit<RecommendQuestion, 'users' | 'k' | 'fallback' | FileOption>,
    Pick<RecipeQuestion, 'k' | keyof typeof ofRecipe> {
  readonly recipe?: string | undefined;
}

const recommendWords = {
  right: 'listeners',
  answers: ['recommend', 'recommend-recipe'],
  list: 'recommendations',
} as const;

const seedsAsItem: Renamed = { seedItems: 'seed-item' };

function recommendRoute(words: RouteWords, shape: Shape): QuestionRoute {
  const optionsOf = optionsReader<RecommendAsked>(recommending, seedsAsItem);
  return {
    ...words,
    ...{ shape, shapeOfMany: { user: text, ...recommending }, renamed: seedsAsItem },
    // The next page of a recipe goes on from what is on those before.
    turnsPages: ({ recipe }) => recipe !== undefined,
    ask(reader, { user, ...given }, context, { fallback, mark, k: upTo }) {
      const { strict, ...options } = optionsOf(given);
      const asked = { ...options, ...(upTo === undefined ? {} : { k: upTo }) };
      const users = typeof user === 'string' ? [user] : [];
      return recommend(reader, users, { ...asked, mark, ...(strict === true ? {} : { fallback }) }, context);
    },
  };
}

const similar = { ...withoutFiles(shapes.similarQuestion), k, strict: flag };
const audience = { ...shapes.audienceQuestion, k };
const { words: _words, ...listing } = { ...shapes.itemsQuestion, k };

export const questions: readonly QuestionRoute[] = [
  route<Omit<SimilarQuestion, FileOption> & Strictness>(
    {
      ...{ path: '/similar', operation: 'similar', right: 'read', inPath: [], answers: ['similar'] },
      ...{ many: '/similar', list: 'neighbours' },
      summary: 'The items nearest to an item, artist or album, or to several together',
    },
    similar,
    itemsAsItem,
    (reader, { strict, ...question }, context, { fallback }) =>
      reader.similar({ ...question, ...(strict === true ? {} : { fallback }) }, context),
  ),
  recommendRoute(
    {
      ...{ path: '/recommend/:user', operation: 'recommendToUser', inPath: ['user'], ...recommendWords },
      summary: 'What a user might like next, by the model or by a recipe',
    },
    { user: required(text), ...recommending },
  ),
  recommendRoute(
    {
      ...{ path: '/recommend', operation: 'recommend', inPath: [], many: '/recommend', ...recommendWords },
      summary: 'What someone new might like, by what they like and dislike, or what a recipe gives everyone',
    },
    recommending,
  ),
  route<ListenerQuestion>(
    {
      ...{ path: '/listeners/:user', operation: 'listener', right: 'listeners', inPath: ['user'] },
      ...{ summary: 'What is known of a listener', answers: ['user-vector-explain'], many: '/listeners' },
    },
    shapes.listenerQuestion,
    {},
    (reader, question, context) => reader.listener(question, context),
  ),
  route<Pick<UserVectorQuestion, 'halfLife' | 'asOf'> & { readonly user: string }>(
    {
      ...{
        path: '/listeners/:user/vector',
        operation: 'listenerVector',
        right: 'listeners',
        inPath: ['user'],
      },
      ...{ summary: 'The vector of a listener', answers: ['user-vector'] },
    },
    { user: required(text), halfLife: text, asOf: text },
    {},
    async (reader, { user, ...aging }, context) => {
      const question = { users: [user], like: [], dislike: [], ...aging };
      const [vector] = await reader.userVector(question, context);
      return vector!;
    },
  ),
  route<AudienceQuestion>(
    {
      ...{ path: '/audience', operation: 'audience', right: 'listeners', inPath: [], answers: ['audience'] },
      ...{ summary: 'The listeners whom an item, artist or album suits best', many: '/audience' },
      list: 'listeners',
    },
    audience,
    {},
    (reader, question, context) => reader.audience(question, context),
  ),
  route<UsersQuestion>(
    {
      ...{ path: '/listeners', operation: 'listeners', right: 'listeners', inPath: [], answers: ['users'] },
      ...{
        summary: 'The listeners with the most events, or those whose ids begin with a prefix',
        list: 'users',
        ...{ hasParts: true, also: '/users' },
      },
    },
    { prefix: shapes.listUsers.prefix, k },
    {},
    (reader, question, context) => reader.users(question, context),
  ),
  route<Omit<ItemsQuestion, 'words'> & { readonly q?: string | undefined }>(
    {
      ...{ path: '/items', operation: 'items', right: 'read', inPath: [], answers: ['items'] },
      ...{
        summary: 'The most played items, or those that match words as they are typed',
        list: 'items',
        hasParts: true,
      },
    },
    { ...listing, q: text },
    {},
    (reader, { q, ...question }, context) => reader.items({ ...question, words: wordsOf(q) }, context),
  ),
  route<{ readonly item: string }>(
    {
      ...{
        path: '/items/:item',
        operation: 'item',
        right: 'read',
        inPath: ['item'],
        answers: ['items-show'],
      },
      many: '/items',
      summary: 'What is known of an item, artist or album, by id or name',
    },
    { item: required(text) },
    {},
    (reader, { item }, context) => reader.showItem(item, context),
  ),
];

function wordsOf(q: string | undefined): string[] {
  return (q ?? '').split(/\s+/).filter((word) => word !== '');
}
