/**
 * What an open snapshot can be asked: of each query its options with their rules, and what answers it. The reader, the library,
 * the commands and the routes of the service are made of this table.
 */
import type { TaskContext } from '../contracts.js';
import type { Operation } from '../options/operation.js';
import type { Asked } from '../options/option.js';
import * as operations from '../options/queries.js';
import type { SearchWays } from '../search/search-thread.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { ListPart } from './item-lists.js';
import type { WithFallback } from './find-listeners.js';
import { OpenParts } from './open-parts.js';

/** What a service adds to what is asked: which part of a list, as of which entry of the ledger, and what answers strangers. */
export type PartOfService = ListPart & WithFallback;

/** The words of the route by which a service is asked. */
export interface RouteWords {
  /** After `/v1`, as routers write it: `:user`. */
  readonly path: string;
  readonly operation: string;
  readonly summary: string;
  /** What it tells about: items, or users. */
  readonly right: 'read' | 'listeners';
  /** Of the parameters those that stand in the path. */
  readonly inPath?: readonly string[];
  /** Schemas that its answer may have. */
  readonly answers: readonly string[];
  /** Where many such queries are asked at once, after `/v1`; undefined: nowhere. */
  readonly many?: string;
  /** The key of what an answer lists, of which it gives pages. */
  readonly list?: string;
  /** Any part of the list can be asked for: its pages go to its end, and it can be had as lines. */
  readonly hasParts?: true;
  /** Another address of the same. */
  readonly also?: string;
}

export interface Query<S, R> {
  readonly operation: Operation<S>;
  /** Absent where the service asks in another way, or not at all. */
  readonly route?: RouteWords | undefined;
  /**
   * Before a snapshot is opened for it: what can be refused without one.
   * @returns whether it reads so much that what is searched is better held in memory
   */
  prepare?(asked: Asked<S>, root: string): boolean | Promise<boolean>;
  answer(open: OpenParts, asked: Asked<S> & PartOfService, context: TaskContext): R | Promise<R>;
}

function query<S extends object, R>(
  operation: Operation<S>,
  answer: Query<S, R>['answer'],
  more: Pick<Query<S, R>, 'prepare' | 'route'> = {},
): Query<S, R> {
  return { operation, answer, ...more };
}

export const queries = {
  /** What is nearest to items, artists, albums or a vector, by cosine. */
  similar: query(
    operations.similarQuery,
    async (open, asked, context) => (await open.neighbours()).similar(asked, context),
    {
      async prepare(asked) {
        const { requireItemsOrVector } = await import('./similar-query.js');
        requireItemsOrVector(asked);
        return false;
      },
      route: {
        path: '/similar',
        operation: 'similar',
        right: 'read',
        answers: ['similar'],
        many: '/similar',
        list: 'neighbours',
        summary: 'The items nearest to an item, artist or album, or to several together',
      },
    },
  ),

  /** One result a user, in the order given; a single one for a new user. */
  recommend: query(
    operations.recommendQuery,
    async (open, asked, context) => {
      const recommender = await open.recommender();
      if (asked.fallback === undefined) return recommender.recommend(asked, context);
      const { recommendOrFallback } = await import('./recipes/recipe-answers.js');
      return recommendOrFallback(recommender, asked, context);
    },
    { prepare: ({ users }) => users.length > 1 },
  ),

  /** One result a user, in the order given; a single one for a new user, or for nobody where the recipe needs no one. */
  recipe: query(
    operations.recipeQuery,
    async (open, asked, context) => {
      const { readNamedRecipe, recipeAnswers } = await import('./recipes/recipe-answers.js');
      const recipe = await readNamedRecipe(open.root, asked.recipe);
      return recipeAnswers(await open.recommender(), recipe, asked, context);
    },
    {
      async prepare(asked, root) {
        const { readNamedRecipe, readsOften } = await import('./recipes/recipe-answers.js');
        return readsOften(await readNamedRecipe(root, asked.recipe), asked);
      },
    },
  ),

  /** One result a user, in the order given; a single one for a new user. */
  userVector: query(operations.userVectorQuery, async (open, asked) => {
    const [vectors, recommender] = [await open.userVectors(), await open.recommender()];
    const [{ askedDecay }, { listenersNamed }] = await Promise.all([
      import('./user-vectors.js'),
      import('./find-listeners.js'),
    ]);
    const decay = askedDecay(asked, open.snapshot, undefined, vectors.decay);
    return vectors.of(await listenersNamed(recommender, asked, vectors.numItems), decay);
  }),

  /** What is known of a user: what makes their recommendations, what they are near to, and how that changes. */
  listener: query(
    operations.listenerQuery,
    async (open, asked, context) => (await open.listeners()).of(asked, context),
    {
      route: {
        path: '/listeners/:user',
        operation: 'listener',
        right: 'listeners',
        inPath: ['user'],
        summary: 'What is known of a listener',
        answers: ['user-vector-explain'],
        many: '/listeners',
      },
    },
  ),

  /** The users whom an item, artist or album suits best. */
  audience: query(
    operations.audienceQuery,
    async (open, asked, context) => (await open.audiences()).of(asked, context),
    {
      route: {
        path: '/audience',
        operation: 'audience',
        right: 'listeners',
        answers: ['audience'],
        summary: 'The listeners whom an item, artist or album suits best',
        many: '/audience',
        list: 'listeners',
      },
    },
  ),

  /** What an id or name means, among a kind. AppErrors 'item-not-found', 'item-ambiguous', 'missing-part'. */
  item: query(operations.itemQuery, async (open, { item, kind }) =>
    (await open.itemLists()).find(item, kind),
  ),

  /** The most played items, artists or albums, or those that match words. */
  items: query(operations.itemsQuery, async (open, asked) => (await open.itemLists()).list(asked)),

  /** What is known of an item, artist or album. */
  showItem: query(operations.showItemQuery, async (open, { item }) => (await open.itemLists()).show(item), {
    route: {
      path: '/items/:item',
      operation: 'item',
      right: 'read',
      inPath: ['item'],
      answers: ['items-show'],
      many: '/items',
      summary: 'What is known of an item, artist or album, by id or name',
    },
  }),

  /** The users with the most events, or those whose ids begin so. */
  users: query(operations.usersQuery, async (open, asked) => (await open.userLists()).list(asked), {
    route: {
      path: '/listeners',
      operation: 'listeners',
      right: 'listeners',
      answers: ['users'],
      summary: 'The listeners with the most events, or those whose ids begin with a prefix',
      list: 'users',
      hasParts: true,
      also: '/users',
    },
  }),
};

export type Queries = typeof queries;
export type QueryName = keyof Queries;
type Parts<Name extends QueryName> =
  Queries[Name] extends Query<infer S extends object, infer R> ? [S, R] : never;
/** The options of a query. */
export type OptionsOf<Name extends QueryName> = Parts<Name>[0];
/** What is asked, checked and complete. */
export type AskedQuery<Name extends QueryName> = Asked<OptionsOf<Name>> & PartOfService;
export type Answer<Name extends QueryName> = Parts<Name>[1];

/** A query by its name, which TypeScript cannot look up by a type. */
export function queryOf<Name extends QueryName>(name: Name): Query<OptionsOf<Name>, Answer<Name>> {
  return queries[name] as unknown as Query<OptionsOf<Name>, Answer<Name>>;
}

/** Whoever answers what an open snapshot is asked. Calls may overlap. */
export interface Answers {
  ask<Name extends QueryName>(
    name: Name,
    question: AskedQuery<Name>,
    context: TaskContext,
  ): Promise<Answer<Name>>;
  /** Once no call is going on. */
  close(): void | Promise<void>;
}

/** The snapshot stays the caller's to close. @param root where recipes are looked for by name */
export function openAnswers(root: string, snapshot: OpenSnapshot, ways: SearchWays): Answers {
  const open = new OpenParts(root, snapshot, ways);
  return {
    ask: async (name, question, context) => queryOf(name).answer(open, question, context),
    close: () => open.close(),
  };
}
