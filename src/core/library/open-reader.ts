/** The reader as the library gives it: questions name only what they ask for, and are checked. */
import type { ItemRecord, TaskContext } from '../contracts.js';
import { checkOptions, required, text } from '../options/kinds.js';
import { askedOf } from '../options/operation.js';
import * as operations from '../options/operations.js';
import type { Given } from '../options/option.js';
import type { AudienceResult } from '../query/audience.js';
import type { ListItemsResult, ShownItem } from '../query/item-lists.js';
import type { ListenerFacts } from '../query/listener/listener.js';
import type { SimilarResult } from '../query/open-neighbours.js';
import type { RecommendResult } from '../query/open-recommender.js';
import type { Reader as QueryReader } from '../query/reader.js';
import type { RecipeResult } from '../query/recipes/recipe-run.js';
import type { UserVectorResult } from '../query/user-vectors.js';
import { contextOf, type CallContext } from './library-function.js';

/** What `Reader.similar` is asked. */
export type SimilarQuestion = Given<typeof operations.similarQuery.options>;
/** What `Reader.recommend` is asked. */
export type RecommendQuestion = Given<typeof operations.recommendQuery.options>;
/** What `Reader.recipe` is asked. */
export type RecipeQuestion = Given<typeof operations.recipeQuery.options>;
/** What `Reader.userVector` is asked. */
export type UserVectorQuestion = Given<typeof operations.userVectorQuery.options>;
/** What `Reader.listener` is asked of a user. */
export type ListenerQuestion = Omit<Given<typeof operations.listenerQuery.options>, 'user'>;
/** What `Reader.audience` is asked. */
export type AudienceQuestion = Given<typeof operations.audienceQuery.options>;
/** What `Reader.items` is asked. */
export type ItemsQuestion = Given<typeof operations.itemsQuery.options>;
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
  userVector(question: UserVectorQuestion): Promise<UserVectorResult[]>;
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
  return new CheckedReader(await open(named.root ?? root, named.reference, side, checked));
}

interface Named {
  readonly root: string | undefined;
  readonly reference: string | undefined;
}

class CheckedReader implements Reader {
  readonly snapshot: QueryReader['snapshot'];
  readonly #reader: QueryReader;

  constructor(reader: QueryReader) {
    this.#reader = reader;
    this.snapshot = reader.snapshot;
  }

  async similar(question: SimilarQuestion, context?: CallContext): Promise<SimilarResult> {
    const asked = askedOf(operations.similarQuery, question);
    return this.#reader.similar(asked, own(context, 'similar'));
  }

  async recommend(question: RecommendQuestion, context?: CallContext): Promise<RecommendResult[]> {
    const asked = askedOf(operations.recommendQuery, question);
    return this.#reader.recommend(asked, own(context, 'recommend'));
  }

  explain(question: RecommendQuestion, context?: CallContext): Promise<RecommendResult[]> {
    return this.recommend({ ...question, explain: true }, context);
  }

  whyNot(
    items: readonly string[],
    question: RecommendQuestion,
    context?: CallContext,
  ): Promise<RecommendResult[]> {
    return this.recommend({ ...question, whyNot: items }, context);
  }

  async recipe(question: RecipeQuestion, context?: CallContext): Promise<RecipeResult[]> {
    const asked = askedOf(operations.recipeQuery, question);
    return this.#reader.recipe(asked, own(context, 'recipe'));
  }

  async userVector(question: UserVectorQuestion): Promise<UserVectorResult[]> {
    const asked = askedOf(operations.userVectorQuery, question);
    return this.#reader.userVector(asked);
  }

  async listener(user: string, question?: ListenerQuestion, context?: CallContext): Promise<ListenerFacts> {
    const given = { ...question, user };
    const asked = askedOf(operations.listenerQuery, given);
    return this.#reader.listener(asked, own(context, 'listener'));
  }

  async audience(question: AudienceQuestion, context?: CallContext): Promise<AudienceResult> {
    const asked = askedOf(operations.audienceQuery, question);
    return this.#reader.audience(asked, own(context, 'audience'));
  }

  async item(name: string, kind?: string): Promise<ItemRecord> {
    checkOptions<object>({ name: required(text), kind: text }, { name, kind }, 'item');
    return this.#reader.item(name, kind);
  }

  async items(question?: ItemsQuestion, context?: CallContext): Promise<ListItemsResult> {
    const asked = askedOf(operations.itemsQuery, question);
    return this.#reader.items(asked, own(context, 'items'));
  }

  async showItem(item: string): Promise<ShownItem> {
    checkOptions<object>({ item: required(text) }, { item }, 'showItem');
    return this.#reader.showItem(item);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}

/** undefined leaves a call with the reader's own. */
function own(context: CallContext | undefined, of: string): TaskContext | undefined {
  return context === undefined ? undefined : contextOf(context, of);
}
