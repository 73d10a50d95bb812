/** The reader as the library gives it: questions name only what they ask for, and are checked. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { checkOptions, text } from '../options/kinds.js';
import { askedOf } from '../options/operation.js';
import * as operations from '../options/operations.js';
import type { Given } from '../options/option.js';
import type { AudienceResult } from '../query/audience.js';
import type { ListItemsResult, ShownItem } from '../query/item-lists.js';
import type { ListenerFacts } from '../query/listener/listener.js';
import type { SimilarResult } from '../query/open-neighbours.js';
import type { RecommendResult } from '../query/open-recommender.js';
import {
  queries,
  queryOf,
  type Answer,
  type OptionsOf,
  type QueryName,
  type Question,
} from '../query/queries.js';
import type { Reader as QueryReader } from '../query/reader.js';
import type { RecipeResult } from '../query/recipes/recipe-run.js';
import type { ListUsersResult } from '../query/user-lists.js';
import type { UserVectorResult } from '../query/user-vectors.js';
import { contextOf, type CallContext } from './library-function.js';

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
      const asked = askedOf(queryOf(name).operation, given) as Question<Name>;
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
