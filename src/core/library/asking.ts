/** The library's functions that ask a snapshot: one that is opened for a question, or a reader that stays open for many. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { checkOptions, text } from '../options/kinds.js';
import { askedOf } from '../options/operation.js';
import type { Asked, Given } from '../options/option.js';
import type { Followable, Follower } from '../publishing/follow-current.js';
import {
  queries,
  queryOf,
  type Answer,
  type AskedQuery,
  type OptionsOf,
  type QueryName,
} from '../query/queries.js';
import type { Reader as QueryReader } from '../query/reader.js';
import type {
  AudienceResult,
  ListItemsResult,
  ListUsersResult,
  ListenerFacts,
  RecipeResult,
  RecommendResult,
  ShownItem,
  SimilarResult,
} from '../tasks/ask.js';
import type { UserVectorResult, UserVectorsResult } from '../tasks/user-vector.js';
import {
  askedByProgram,
  askingFunction,
  contextOf,
  libraryFunction,
  type CallContext,
  type EitherResult,
} from './library-function.js';
import * as operations from '../options/operations.js';

export type SimilarOptions = Given<typeof operations.similar.options>;

/**
 * What is nearest to items, artists or albums, or to what several make together, by cosine.
 *
 * ```ts
 * import { similar } from '@segue-music/segue';
 *
 * const { neighbours } = await similar({ items: ['Come As You Are', 'Plush'], minus: ['Hotel California'], k: 5 });
 * console.log(neighbours.map(({ name, similarity }) => `${similarity.toFixed(3)} ${name}`));
 * ```
 */
export const similar = askingFunction(operations.similar, 'similar');

export type SimilarAllOptions = Given<typeof operations.similarAll.options>;

/**
 * Every item with its neighbours, in a file or as a stream of bytes; undefined where the bytes went to `write`.
 *
 * ```ts
 * import { similarAll } from '@segue-music/segue';
 *
 * const written = await similarAll({ out: 'near.arrow', k: 5 });
 * console.log(written?.items);
 * ```
 */
export const similarAll = libraryFunction(operations.similarAll, async () => {
  const task = await import('../tasks/similar-all.js');
  return (options: Asked<typeof operations.similarAll.options>, context: TaskContext) =>
    task.similarAll({ ...options, all: true }, context);
});

export type RecommendOptions = Given<typeof operations.recommend.options>;

/**
 * The items of largest score for users, or for a new user: one result a user, in the order given.
 *
 * ```ts
 * import { recommend } from '@segue-music/segue';
 *
 * const [newcomer] = await recommend({ like: ['Hotel California'], dislike: ['Enter Sandman'], k: 3 });
 * const [known] = await recommend({ users: ['KGLK/2014-06-16'], where: 'released >= 1975', explain: true });
 * console.log(newcomer?.recommendations, known?.recommendations);
 * ```
 */
export const recommend = askingFunction(operations.recommend, 'recommend');

export type RecommendAllOptions = Given<typeof operations.recommendAll.options>;

/**
 * Recommendations for every user, or for those of `users` and `usersFrom`, in a file or as a stream of bytes; undefined
 * where the bytes went to `write`.
 *
 * ```ts
 * import { recommendAll } from '@segue-music/segue';
 *
 * const written = await recommendAll({ out: 'everyone.parquet', k: 20 });
 * console.log(written?.users);
 * ```
 */
export const recommendAll = libraryFunction(operations.recommendAll, async () => {
  const task = await import('../tasks/recommend-all.js');
  return (options: Asked<typeof operations.recommendAll.options>, context: TaskContext) => {
    const all = options.all || (options.users.length === 0 && options.usersFrom === undefined);
    return task.recommendAll({ ...options, all }, context);
  };
});

export type RecommendByRecipeOptions = Given<typeof operations.recommendByRecipe.options>;

/**
 * An answer made as a recipe says: a name that `listRecipes` lists, or a file.
 *
 * ```ts
 * import { recommendByRecipe } from '@segue-music/segue';
 *
 * const [radio] = await recommendByRecipe({ recipe: 'radio', seedItems: ['Come As You Are'] });
 * console.log(radio);
 * ```
 */
export const recommendByRecipe = askingFunction(operations.recommendByRecipe, 'recipe');

export type ListRecipesOptions = Given<typeof operations.listRecipes.options>;

/**
 * Every recipe that has a name, by name.
 *
 * ```ts
 * import { listRecipes } from '@segue-music/segue';
 *
 * const { recipes } = await listRecipes();
 * console.log(recipes.map(({ name }) => name));
 * ```
 */
export const listRecipes = libraryFunction(
  operations.listRecipes,
  async () => (await import('../query/recipes/list-recipes.js')).listRecipes,
);

export type ResolveRecipeOptions = Given<typeof operations.resolveRecipe.options>;

/**
 * What a recipe says in full, defaults included; no snapshot is needed.
 *
 * ```ts
 * import { resolveRecipe } from '@segue-music/segue';
 *
 * const { text } = await resolveRecipe({ recipe: 'discover' });
 * console.log(text);
 * ```
 */
export const resolveRecipe = libraryFunction(
  operations.resolveRecipe,
  async () => (await import('../query/recipes/list-recipes.js')).resolveRecipe,
);

export type CheckRecipeOptions = Given<typeof operations.checkRecipe.options>;

/**
 * What each part of a recipe does, and whether a snapshot has the columns that it reads; without a snapshot in the root
 * only the first.
 *
 * ```ts
 * import { checkRecipe } from '@segue-music/segue';
 *
 * const { parts } = await checkRecipe({ recipe: 'discover' });
 * console.log(parts.map(({ key, does, then }) => `${key}: ${does} (${then})`));
 * ```
 */
export const checkRecipe = libraryFunction(
  operations.checkRecipe,
  async () => (await import('../tasks/recipe/check.js')).checkRecipe,
);

export type UserVectorOptions = Given<typeof operations.userVector.options>;

/**
 * A user's vector, folded from a history: one result a user; with `all` everyone's, into a new snapshot.
 *
 * ```ts
 * import { userVector } from '@segue-music/segue';
 *
 * const [newcomer] = await userVector({ like: ['Hotel California'] });
 * console.log(newcomer?.vector.length);
 * ```
 */
export const userVector = libraryFunction(
  operations.userVector,
  async () => (await import('../tasks/user-vector.js')).userVector,
) as EitherResult<UserVectorOptions, 'all', UserVectorResult[], UserVectorsResult>;

export type ListenerOptions = Given<typeof operations.listener.options>;

/**
 * What is known of a user: which items, artists and albums make their recommendations, which items and users are near, how
 * mainstream and how broad they listen, what is recent, what moved since the snapshot that was published before, and what
 * is banned.
 *
 * ```ts
 * import { listener } from '@segue-music/segue';
 *
 * const { contributions, taste } = await listener({ user: 'KGLK/2014-06-16' });
 * console.log(contributions?.artists?.map(({ name, share }) => `${name} ${share.toFixed(2)}`), taste?.mainstream);
 * ```
 */
export const listener = askingFunction(operations.listener, 'listener');

export type AudienceOptions = Given<typeof operations.audience.options>;

/**
 * The users whom an item, artist or album suits best, by the score that `recommend` gives it.
 *
 * ```ts
 * import { audience } from '@segue-music/segue';
 *
 * const { listeners } = await audience({ item: 'artist:Nirvana', k: 3 });
 * console.log(listeners.map(({ id, score }) => `${score.toFixed(3)} ${id}`));
 * ```
 */
export const audience = askingFunction(operations.audience, 'audience');

export type ExportVectorsOptions = Given<typeof operations.exportVectors.options>;

/**
 * Writes vectors to a file that other programs read.
 *
 * ```ts
 * import { exportVectors } from '@segue-music/segue';
 *
 * const { rows } = await exportVectors({ out: 'items.arrow' });
 * console.log(rows);
 * ```
 */
export const exportVectors = libraryFunction(
  operations.exportVectors,
  async () => (await import('../tasks/export.js')).exportVectors,
);

export type FollowOptions = Given<typeof operations.followCurrent.options>;

/**
 * Opens what is current (or `latest` while nothing is published) by `open`, and whatever is published after it. `open` is
 * given the id of a snapshot that is verified and held by a lease until what it returned is closed again; it may take
 * its time, and may fail. The follower keeps no process alive.
 *
 * Throws what opening a snapshot for reading throws, and what `open` throws the first time.
 *
 * ```ts
 * import { followCurrent, openReader } from '@segue-music/segue';
 *
 * const songs = await followCurrent({}, (snapshot, context) => openReader('.segue', snapshot, context));
 * const near = await songs.use((reader) => reader.similar({ items: ['Plush'] }));
 * const mine = await songs.use((reader) => reader.recommend({ users: ['KGLK/2014-06-16'] }));
 * console.log(near.neighbours, mine[0]?.recommendations);
 * await songs.close();
 * ```
 */
export async function followCurrent<T extends Followable>(
  options: FollowOptions,
  open: (snapshot: string, context: TaskContext) => Promise<T>,
  context?: CallContext,
): Promise<Follower<T>> {
  const checked = askedOf(operations.followCurrent, options);
  const side = contextOf(context, 'followCurrent');
  const following = await import('../publishing/follow-current.js');
  return following.followCurrent(checked, open, side);
}

export type BrowseOptions = Given<typeof operations.openNeighbourSource.options>;

/**
 * One snapshot to walk through: search by name, neighbours of rows. Close its source.
 *
 * ```ts
 * import { openNeighbourSource } from '@segue-music/segue';
 *
 * const { source } = await openNeighbourSource();
 * const [found] = source.search('come as', 1);
 * if (found !== undefined) console.log(source.neighbours(found.row, 3));
 * source.close();
 * ```
 */
export const openNeighbourSource = libraryFunction(
  operations.openNeighbourSource,
  async () => (await import('../tasks/browse.js')).openNeighbourSource,
);

/** What `Reader.similar` is asked. */
export type SimilarQuestion = Given<OptionsOf<'similar'>>;
/** What `Reader.recommend` is asked. */
export type RecommendQuestion = Given<OptionsOf<'recommend'>>;
/** What `Reader.recipe` is asked. */
export type RecipeQuestion = Given<OptionsOf<'recipe'>>;
/** What `Reader.userVector` is asked. */
export type UserVectorQuestion = Given<OptionsOf<'userVector'>>;
/** What `Reader.listener` is asked of a user. */
export type ListenerQuestion = Omit<Given<OptionsOf<'listener'>>, 'user'>;
/** What `Reader.audience` is asked. */
export type AudienceQuestion = Given<OptionsOf<'audience'>>;
/** What `Reader.items` is asked. */
export type ItemsQuestion = Given<OptionsOf<'items'>>;
/** What `Reader.users` is asked. */
export type UsersQuestion = Given<OptionsOf<'users'>>;
export type ReaderOptions = Given<typeof operations.openReader.options>;

/**
 * One snapshot, open for every question. Calls may overlap: none changes another's answer. Each may have a context of its
 * own, else it is the reader's. Whatever is wrong with a question rejects its promise as the function of the same name does.
 */
export interface Reader {
  /** What is open. */
  readonly snapshot: QueryReader['snapshot'];
  /** What is nearest to items, artists, albums or a vector, by cosine. */
  similar(question: SimilarQuestion, context?: CallContext): Promise<SimilarResult>;
  /** One result a user, in the order given; a single one for a new user. */
  recommend(question: RecommendQuestion, context?: CallContext): Promise<RecommendResult[]>;
  /** `recommend`, with what of a user's own items made each score. */
  explain(question: RecommendQuestion, context?: CallContext): Promise<RecommendResult[]>;
  /** `recommend`, with why these items are not there, or where they are. */
  whyNot(
    items: readonly string[],
    question: RecommendQuestion,
    context?: CallContext,
  ): Promise<RecommendResult[]>;
  /** One result a user, in the order given; a single one for a new user, or for nobody where the recipe needs no one. */
  recipe(question: RecipeQuestion, context?: CallContext): Promise<RecipeResult[]>;
  /** One result a user, in the order given; a single one for a new user. */
  userVector(question: UserVectorQuestion, context?: CallContext): Promise<UserVectorResult[]>;
  /** What is known of a user: what makes their recommendations, what they are near to, and how that changes. */
  listener(user: string, question?: ListenerQuestion, context?: CallContext): Promise<ListenerFacts>;
  /** The users whom an item, artist or album suits best. */
  audience(question: AudienceQuestion, context?: CallContext): Promise<AudienceResult>;
  /** What an id or name means, among a kind (items by default). AppErrors 'item-not-found', 'item-ambiguous', 'missing-part'. */
  item(name: string, kind?: string): Promise<ItemRecord>;
  /** The most played items, artists or albums, or those that match words. */
  items(question?: ItemsQuestion, context?: CallContext): Promise<ListItemsResult>;
  /** What is known of an item, artist or album. */
  showItem(item: string): Promise<ShownItem>;
  /** The users with the most events, or those whose ids begin so. */
  users(question?: UsersQuestion, context?: CallContext): Promise<ListUsersResult>;
  /** Refuses further calls; settles when those that are going on have their answers and everything is closed. */
  close(): Promise<void>;
}

/**
 * Opens what `reference` names (without one `current`, or `latest` while nothing is published) and keeps it, whatever is
 * published meanwhile, until it is closed. To follow what is published, let `followCurrent` open it.
 *
 * Throws what opening a snapshot for reading throws.
 */
export async function openReader(
  root: string = operations.onRoot.root.fallback(),
  reference?: string,
  context?: CallContext,
  options?: ReaderOptions,
): Promise<Reader> {
  const named = checkOptions<Named>({ root: text, reference: text }, { root, reference }, 'openReader');
  const checked = askedOf(operations.openReader, options);
  const side = contextOf(context, 'openReader');
  const { openReader: open } = await import('../query/reader.js');
  return checkedReader(await open(named.root ?? root, named.reference, side, checked));
}

interface Named {
  readonly root: string | undefined;
  readonly reference: string | undefined;
}

function checkedReader(reader: QueryReader): Reader {
  const asks =
    <Name extends QueryName>(name: Name) =>
    async (given?: Given<OptionsOf<Name>>, context?: CallContext): Promise<Answer<Name>> => {
      const asked = askedByProgram(queryOf(name).operation, given) as AskedQuery<Name>;
      return reader.ask(name, asked, own(context, name));
    };
  const { recommend, listener, item, showItem, ...others } = Object.fromEntries(
    Object.keys(queries).map((name) => [name, asks(name as QueryName)]),
  ) as { readonly [Name in QueryName]: ReturnType<typeof asks<Name>> };
  return {
    snapshot: reader.snapshot,
    ...others,
    recommend,
    explain: (question, context) => recommend({ ...question, explain: true }, context),
    whyNot: (items, question, context) => recommend({ ...question, whyNot: items }, context),
    listener: (user, question, context) => listener({ ...question, user }, context),
    item: (name, kind) => item({ item: name, kind }),
    showItem: (name) => showItem({ item: name }),
    close: () => reader.close(),
  };
}

/** undefined leaves a call with the reader's own. */
function own(context: CallContext | undefined, of: string): TaskContext | undefined {
  return context === undefined ? undefined : contextOf(context, of);
}
