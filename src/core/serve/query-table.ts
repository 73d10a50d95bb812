/** What the service can be asked of a snapshot: the routes with their parameters, the right that each needs, and who answers. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { catalogue as c } from '../options/catalogue.js';
import { flag, required, typedText, wholeNumber, or } from '../options/kinds.js';
import type { Operation } from '../options/operation.js';
import { option, optional } from '../options/option.js';
import * as operations from '../options/queries.js';
import type { WithFallback } from '../query/find-listeners.js';
import type { ListPart } from '../query/item-lists.js';
import { queries, type QueryName, type RouteWords } from '../query/queries.js';
import type { Reader } from '../query/reader.js';
import { recipeName } from '../query/recipes/find-recipe.js';
import { HttpError } from './problems.js';
import { askedBy, withoutFiles, type Given, type Shape } from './parameters.js';

export type { Given } from './parameters.js';

/** An answer, and the schema that it has: that of the command which gives the same. */
export interface Answered {
  readonly schema: string;
  readonly body: object;
}

export type Serves = Required<WithFallback> & ListPart & { readonly k?: number | undefined };

export interface QueryRoute extends RouteWords {
  readonly shape: Shape;
  /** What each of many may be asked; `shape` without it. */
  readonly shapeOfMany?: Shape;
  /** Whether a query takes `page` and `k`; else a page is the end of a longer answer. */
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

/** The same operation with the options that requests have. */
function requested<S extends object, R extends object>(
  { rules, refuses }: Operation<S>,
  options: R,
): Operation<R> {
  return { name: 'a request', options, rules, refuses };
}

/** A query that requests ask as everyone does: its files they cannot name, an answer is of so many, strangers are answered. */
function queryRoute(name: QueryName, words: RouteWords): QueryRoute {
  const operation: Operation<object> = queries[name].operation;
  const { options } = operation;
  const shape = {
    ...withoutFiles(options),
    ...('k' in options && options.k === c.k ? { k } : {}),
    ...('for' in options ? { strict } : {}),
  };
  const asked = askedBy(requested<object, object>(operation, shape));
  return {
    ...words,
    shape,
    async ask(reader, given, context, serves) {
      const { strict: isStrict, ...query } = asked(given) as { readonly strict?: boolean };
      const whole = {
        ...query,
        ...partOf(serves),
        ...(isStrict === false ? { fallback: serves.fallback } : {}),
      };
      const body = await reader.ask(name, whole, context);
      return { schema: words.answers[0]!, body };
    },
  };
}

function partOf({ from, mark, k: upTo }: Serves): ListPart & { readonly k?: number } {
  return { from, mark, ...(upTo === undefined ? {} : { k: upTo }) };
}

const byModel = requested(operations.recommendQuery, {
  ...withoutFiles(operations.recommendQuery.options, 'fallback'),
  k,
  strict,
});
const byRecipe = requested(operations.recipeQuery, {
  ...withoutFiles(operations.recipeQuery.options, 'fallback'),
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
function recommendRoute(words: Omit<RouteWords, 'right' | 'answers' | 'list'>, shape: Shape): QueryRoute {
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
        const { strict: isStrict, ...query } = askedOfModel(asked);
        const [body] = await reader.ask('recommend', { ...query, ...added(isStrict, serves.k) }, context);
        return { schema: 'recommend', body: body! };
      }
      const { strict: isStrict, ...query } = askedOfRecipe(asked);
      const { recipe, page = 1 } = query;
      if (page * (query.k ?? 1) > mostPaged)
        throw new AppError('bad-usage', `\`page\` ${page}: there are pages up to item ${mostPaged}`);
      requireRecipeName(recipe);
      const whole = { ...query, ...added(isStrict, serves.k) };
      const [body] = await reader.ask('recipe', whole, context).catch((error: unknown) => {
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

const askVector = askedBy(
  requested(operations.userVectorQuery, {
    user: required(c.user),
    ...withoutFiles(operations.userVectorQuery.options, 'users', 'like', 'dislike'),
  }),
);
const askItems = askedBy(
  requested(operations.itemsQuery, { ...withoutFiles(operations.itemsQuery.options, 'words'), k, q }),
);

export const queryRoutes: readonly QueryRoute[] = [
  ...Object.entries(queries).flatMap(([name, { route }]) =>
    route === undefined ? [] : [queryRoute(name as QueryName, route)],
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
  {
    path: '/listeners/:user/vector',
    operation: 'listenerVector',
    right: 'listeners',
    inPath: ['user'],
    summary: 'The vector of a listener',
    answers: ['user-vector'],
    shape: askVector.shape,
    async ask(reader: Reader, given: Given, context: TaskContext): Promise<Answered> {
      const { user, ...options } = askVector(given);
      const asked = { ...options, users: [user], like: [], dislike: [] };
      const [body] = await reader.ask('userVector', asked, context);
      return { schema: 'user-vector', body: body! };
    },
  },
  {
    path: '/items',
    operation: 'items',
    right: 'read',
    answers: ['items'],
    summary: 'The most played items, or those that match words as they are typed',
    list: 'items',
    hasParts: true,
    shape: askItems.shape,
    async ask(reader: Reader, given: Given, context: TaskContext, serves: Serves): Promise<Answered> {
      const { q: typed, ...query } = askItems(given);
      const whole = { ...query, words: wordsOf(typed), ...partOf(serves) };
      return { schema: 'items', body: await reader.ask('items', whole, context) };
    },
  },
];

function wordsOf(typed: string | undefined): string[] {
  return (typed ?? '').split(/\s+/).filter((word) => word !== '');
}
