/** What the service can be asked of a snapshot: the routes with their parameters, the right that each needs, and who answers. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { catalogue as c } from '../options/catalogue.js';
import { flag, required, typedText, wholeNumber, or } from '../options/kinds.js';
import type { Operation } from '../options/operation.js';
import { option, optional, type Asked } from '../options/option.js';
import * as queries from '../options/queries.js';
import type { WithFallback } from '../query/find-listeners.js';
import type { ListPart } from '../query/item-lists.js';
import type { Reader } from '../query/reader.js';
import { recipeName } from '../query/recipes/find-recipe.js';
import type { Right } from './guard.js';
import { HttpError } from './problems.js';
import { askedBy, withoutFiles, type Given, type Shape } from './parameters.js';

export type { Given } from './parameters.js';

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
  readonly inPath?: readonly string[];
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
  /** Whether a question takes `page` and `k`; else a page is the end of a longer answer. */
  turnsPages?(given: Given): boolean;
  /** @param serves what the service adds to it */
  ask(reader: Reader, given: Given, context: TaskContext, serves: Serves): Promise<Answered>;
}

/** Of one answer: more results than anyone looks at take memory and time. */
const mostResults = { min: 1, max: 1000 };
/** Of all pages of a list that is ranked anew for each. */
export const mostPaged = 10_000;

const k = { ...c.k, ...or(wholeNumber(mostResults), c.k.fallback()) };
const strict = option(or(flag, false), {
  about: 'refuse a user whom nobody knows with 404, instead of an answer by the fallback',
  group: 'QUERY',
});
const q = option(typedText, {
  about: 'words of the name, artist or album; the last may be a beginning',
  group: 'QUERY',
  example: 'stone tem',
});

/** @param of with the options that requests have */
function route<S extends object>(
  words: RouteWords,
  of: Operation<S>,
  ask: (
    reader: Reader,
    options: Asked<S> & ListPart,
    context: TaskContext,
    serves: Serves,
  ) => Promise<object>,
): QuestionRoute {
  const asked = askedBy(of);
  return {
    ...words,
    shape: of.options as unknown as Shape,
    async ask(reader, given, context, serves) {
      const { from, mark, k: upTo } = serves;
      const part = { from, mark, ...(upTo === undefined ? {} : { k: upTo }) };
      const body = await ask(reader, { ...asked(given), ...part }, context, serves);
      return { schema: words.answers[0]!, body };
    },
  };
}

/** The same operation with the options that requests have. */
function requested<S extends object, R extends object>(
  { rules, refuses }: Operation<S>,
  options: R,
): Operation<R> {
  return { name: 'a request', options, rules, refuses };
}

const byModel = requested(queries.recommendQuery, {
  ...withoutFiles(queries.recommendQuery.options, 'fallback'),
  k,
  strict,
});
const byRecipe = requested(queries.recipeQuery, {
  ...withoutFiles(queries.recipeQuery.options, 'fallback'),
  // A recipe has a length of its own, where no other is asked for.
  k: optional(k),
  strict,
});
const { users: _, ...ofBoth } = { ...byRecipe.options, ...byModel.options, recipe: c.recipe, k: optional(k) };

/** A name of the service's own folder, or of segue's: whatever might be a path is none. */
function requireRecipeName(recipe: string): void {
  if (!recipeName.test(recipe))
    throw new AppError('bad-usage', `\`recipe\` ${JSON.stringify(recipe)}: wanted the name of a recipe`);
}

/** As on the command line: with a recipe what it says, else what the model scores highest. */
function recommendRoute(words: Omit<RouteWords, 'right' | 'answers' | 'list'>, shape: Shape): QuestionRoute {
  const askedOfModel = askedBy(byModel);
  const askedOfRecipe = askedBy(byRecipe);
  return {
    ...words,
    right: 'listeners',
    answers: ['recommend', 'recommend-recipe'],
    list: 'recommendations',
    shape,
    shapeOfMany: { user: c.user, ...ofBoth },
    // The next page of a recipe goes on from what is on those before.
    turnsPages: ({ recipe }) => recipe !== undefined,
    async ask(reader, { user, ...given }, context, serves) {
      const asked = { ...given, ...(typeof user === 'string' ? { users: [user] } : {}) };
      const added = (isStrict: boolean, most: number | undefined) => ({
        mark: serves.mark,
        ...(isStrict ? {} : { fallback: serves.fallback }),
        ...(most === undefined ? {} : { k: most }),
      });
      if (given['recipe'] === undefined) {
        const { strict: isStrict, ...question } = askedOfModel(asked);
        const [body] = await reader.recommend({ ...question, ...added(isStrict, serves.k) }, context);
        return { schema: 'recommend', body: body! };
      }
      const { strict: isStrict, ...question } = askedOfRecipe(asked);
      const { recipe, page = 1 } = question;
      if (page * (question.k ?? 1) > mostPaged)
        throw new AppError('bad-usage', `\`page\` ${page}: there are pages up to item ${mostPaged}`);
      requireRecipeName(recipe);
      const whole = { ...question, ...added(isStrict, serves.k) };
      const [body] = await reader.recipe(whole, context).catch((error: unknown) => {
        // Where recipes are, and what is wrong with one, is for whoever runs the service.
        if (
          error instanceof AppError &&
          (error.code === 'bad-input-file' || error.details['recipe'] === recipe)
        )
          throw new HttpError(
            404,
            'recipe-not-found',
            `no recipe that can be read is called ${JSON.stringify(recipe)}`,
          );
        throw error;
      });
      return { schema: 'recommend-recipe', body: body! };
    },
  };
}

export const questions: readonly QuestionRoute[] = [
  route(
    {
      path: '/similar',
      operation: 'similar',
      right: 'read',
      answers: ['similar'],
      many: '/similar',
      list: 'neighbours',
      summary: 'The items nearest to an item, artist or album, or to several together',
    },
    requested(queries.similarQuery, { ...withoutFiles(queries.similarQuery.options), k, strict }),
    (reader, { strict: isStrict, ...question }, context, { fallback }) =>
      reader.similar({ ...question, ...(isStrict ? {} : { fallback }) }, context),
  ),
  recommendRoute(
    {
      path: '/recommend/:user',
      operation: 'recommendToUser',
      inPath: ['user'],
      summary: 'What a user might like next, by the model or by a recipe',
    },
    { user: required(c.user), ...ofBoth },
  ),
  recommendRoute(
    {
      path: '/recommend',
      operation: 'recommend',
      many: '/recommend',
      summary: 'What someone new might like, by what they like and dislike, or what a recipe gives everyone',
    },
    ofBoth,
  ),
  route(
    {
      path: '/listeners/:user',
      operation: 'listener',
      right: 'listeners',
      inPath: ['user'],
      summary: 'What is known of a listener',
      answers: ['user-vector-explain'],
      many: '/listeners',
    },
    queries.listenerQuery,
    (reader, question, context) => reader.listener(question, context),
  ),
  route(
    {
      path: '/listeners/:user/vector',
      operation: 'listenerVector',
      right: 'listeners',
      inPath: ['user'],
      summary: 'The vector of a listener',
      answers: ['user-vector'],
    },
    requested(queries.userVectorQuery, {
      user: required(c.user),
      ...withoutFiles(queries.userVectorQuery.options, 'users', 'like', 'dislike'),
    }),
    async (reader, { user, ...question }, context) => {
      const [vector] = await reader.userVector(
        { ...question, users: [user], like: [], dislike: [] },
        context,
      );
      return vector!;
    },
  ),
  route(
    {
      path: '/audience',
      operation: 'audience',
      right: 'listeners',
      answers: ['audience'],
      summary: 'The listeners whom an item, artist or album suits best',
      many: '/audience',
      list: 'listeners',
    },
    requested(queries.audienceQuery, { ...queries.audienceQuery.options, k }),
    (reader, question, context) => reader.audience(question, context),
  ),
  route(
    {
      path: '/listeners',
      operation: 'listeners',
      right: 'listeners',
      answers: ['users'],
      summary: 'The listeners with the most events, or those whose ids begin with a prefix',
      list: 'users',
      hasParts: true,
      also: '/users',
    },
    requested(queries.usersQuery, { ...queries.usersQuery.options, k }),
    (reader, question, context) => reader.users(question, context),
  ),
  route(
    {
      path: '/items',
      operation: 'items',
      right: 'read',
      answers: ['items'],
      summary: 'The most played items, or those that match words as they are typed',
      list: 'items',
      hasParts: true,
    },
    requested(queries.itemsQuery, { ...withoutFiles(queries.itemsQuery.options, 'words'), k, q }),
    (reader, { q: typed, ...question }, context) =>
      reader.items({ ...question, words: wordsOf(typed) }, context),
  ),
  route(
    {
      path: '/items/:item',
      operation: 'item',
      right: 'read',
      inPath: ['item'],
      answers: ['items-show'],
      many: '/items',
      summary: 'What is known of an item, artist or album, by id or name',
    },
    requested(queries.showItem, { item: queries.showItem.options.item }),
    (reader, { item }, context) => reader.showItem(item, context),
  ),
];

function wordsOf(typed: string | undefined): string[] {
  return (typed ?? '').split(/\s+/).filter((word) => word !== '');
}
