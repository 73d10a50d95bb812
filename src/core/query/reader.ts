/**
 * One snapshot that is open for every question: what a question needs is opened when the first one needs it, and answers
 * all that follow. The options are those of the commands, and so are the answers, to the bit.
 */
import { setImmediate } from 'node:timers/promises';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { abortError } from '../errors.js';
import { sharesMemory } from '../numeric/shared-arrays.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { trainedKind } from '../snapshot/layout.js';
import {
  openAnswers,
  type Answer,
  type Answers,
  type QuestionName,
  type Questions,
  type UserVectorQuestion,
} from './answers.js';
import type { AudienceQuestion, AudienceResult } from './audience.js';
import type { ItemsQuestion, ListItemsResult, ListPart, ShownItem } from './item-lists.js';
import type { ListenerFacts, ListenerQuestion } from './listener/listener.js';
import type { SimilarQuestion, SimilarResult } from './open-neighbours.js';
import type { RecommendQuestion, RecommendResult } from './open-recommender.js';
import type { RecipeQuestion } from './recipes/recipe-answers.js';
import type { RecipeResult } from './recipes/recipe-run.js';
import type { ListUsersResult, UsersQuestion } from './user-lists.js';
import type { UserVectorResult } from './user-vectors.js';

export type { UserVectorQuestion };

export interface ReaderOptions {
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  /**
   * Hold vectors and index in memory (by default: about 5 · items · dim bytes, where the vectors are at most 1 GiB, and, without
   * workers, up to 256 MiB of rows that were read), or read what an answer needs from the snapshot's files.
   */
  readonly inMemory?: boolean;
  /**
   * Worker threads that answer, so that the event loop stays free: each has one question at a time, and all hold vectors and
   * index in one memory. 0, as by default: the calling thread answers, as it does where the runtime has no SharedArrayBuffer.
   * An abort ends a question between two windows of its search, one by a timeout (`AbortSignal.timeout`) also within them, after
   * 25 ms; on the calling thread only before the search.
   */
  readonly workers?: number;
}

/**
 * Calls may overlap: none changes another's answer, and the event loop turns between two of them. Each may have a context
 * of its own, else it is the reader's. Whatever is wrong with a question rejects its promise as the command of the same
 * name does.
 */
export interface Reader {
  /** What is open. */
  readonly snapshot: Pick<OpenSnapshot, 'id' | 'basis' | 'path' | 'manifest'>;
  similar(question: SimilarQuestion, context?: TaskContext): Promise<SimilarResult>;
  /** One result a user, in the order given; a single one for a new user. */
  recommend(question: RecommendQuestion, context?: TaskContext): Promise<RecommendResult[]>;
  /** One result a user, in the order given; a single one for a new user, or for nobody where the recipe needs no one. */
  recipe(question: RecipeQuestion, context?: TaskContext): Promise<RecipeResult[]>;
  /** One result a user, in the order given; a single one for a new user. */
  userVector(question: UserVectorQuestion, context?: TaskContext): Promise<UserVectorResult[]>;
  /** What is known of a user. */
  listener(question: ListenerQuestion, context?: TaskContext): Promise<ListenerFacts>;
  /** Whom an item, artist or album suits best. */
  audience(question: AudienceQuestion, context?: TaskContext): Promise<AudienceResult>;
  /** What an id or name means, among a kind (items by default). AppErrors 'item-not-found', 'item-ambiguous', 'missing-part'. */
  item(name: string, kind?: string): Promise<ItemRecord>;
  /** The most played items, artists or albums, or those that match words. */
  items(question: ItemsQuestion & ListPart, context?: TaskContext): Promise<ListItemsResult>;
  /** What is known of an item, artist or album. */
  showItem(name: string, context?: TaskContext): Promise<ShownItem>;
  /** The users with the most events, or those of them whose ids begin with a text. */
  users(question: UsersQuestion & ListPart, context?: TaskContext): Promise<ListUsersResult>;
  /** Refuses further calls; settles when those that are going on have their answers and everything is closed. */
  close(): Promise<void>;
}

/**
 * Opens what `reference` names (without one `current`, or `latest` while nothing is published) and keeps it, whatever is
 * published meanwhile, until it is closed. To follow what is published, let `followCurrent` open it:
 *
 * ```ts
 * const songs = await followCurrent({ root }, (snapshot, context) => openReader(root, snapshot, context), context);
 * const answer = await songs.use((reader) =>
 *   reader.similar({ items: ['Plush'], minus: [], k: 10, kind: 'item', exact: false }),
 * );
 * await songs.close();
 * ```
 *
 * Throws what opening a snapshot for reading throws.
 */
export async function openReader(
  root: string,
  reference: string | undefined,
  context: TaskContext,
  { as, inMemory = true, workers = 0 }: ReaderOptions = {},
): Promise<Reader> {
  const snapshot = await openForReading(root, reference, context, as);
  try {
    if (workers === 0 || !sharesMemory()) {
      return new SnapshotReader(
        snapshot,
        new AnswersInTurns(openAnswers(root, snapshot, { inMemory })),
        context,
      );
    }
    const { AnsweringThreads } = await import('./answering-threads.js');
    const { id, path, manifest } = snapshot;
    const threads = new AnsweringThreads({ root, snapshot: { id, path, manifest }, inMemory, workers });
    return new SnapshotReader(snapshot, threads, context);
  } catch (error) {
    snapshot.close();
    throw error;
  }
}

/** However many ask at once, the event loop turns between two searches, so that other work of the program goes on. */
class AnswersInTurns implements Answers {
  readonly #answers: Answers;
  /** Whether a call began in this turn of the event loop. */
  #turnTaken = false;

  constructor(answers: Answers) {
    this.#answers = answers;
  }

  async ask<Name extends QuestionName>(
    name: Name,
    question: Questions[Name],
    context: TaskContext,
  ): Promise<Answer<Name>> {
    while (this.#turnTaken) await setImmediate();
    this.#turnTaken = true;
    void setImmediate().then(() => (this.#turnTaken = false));
    // It may have been aborted while it waited for its turn.
    if (context.signal.aborted) throw abortError(context.signal);
    return this.#answers.ask(name, question, context);
  }

  close(): void | Promise<void> {
    return this.#answers.close();
  }
}

class SnapshotReader implements Reader {
  readonly snapshot: OpenSnapshot;
  readonly #answers: Answers;
  readonly #context: TaskContext;
  /** Calls that are going on. */
  #calls = 0;
  #whenUnused: (() => void) | undefined;
  #closing: Promise<void> | undefined;

  constructor(snapshot: OpenSnapshot, answers: Answers, context: TaskContext) {
    this.snapshot = snapshot;
    this.#answers = answers;
    this.#context = context;
  }

  similar(question: SimilarQuestion, context?: TaskContext): Promise<SimilarResult> {
    return this.#ask('similar', question, context);
  }

  recommend(question: RecommendQuestion, context?: TaskContext): Promise<RecommendResult[]> {
    return this.#ask('recommend', question, context);
  }

  recipe(question: RecipeQuestion, context?: TaskContext): Promise<RecipeResult[]> {
    return this.#ask('recipe', question, context);
  }

  userVector(question: UserVectorQuestion, context?: TaskContext): Promise<UserVectorResult[]> {
    return this.#ask('userVector', question, context);
  }

  listener(question: ListenerQuestion, context?: TaskContext): Promise<ListenerFacts> {
    return this.#ask('listener', question, context);
  }

  audience(question: AudienceQuestion, context?: TaskContext): Promise<AudienceResult> {
    return this.#ask('audience', question, context);
  }

  item(name: string, kind: string = trainedKind): Promise<ItemRecord> {
    return this.#ask('item', { name, kind });
  }

  items(question: ItemsQuestion & ListPart, context?: TaskContext): Promise<ListItemsResult> {
    return this.#ask('items', question, context);
  }

  showItem(name: string, context?: TaskContext): Promise<ShownItem> {
    return this.#ask('itemFacts', { name }, context);
  }

  users(question: UsersQuestion & ListPart, context?: TaskContext): Promise<ListUsersResult> {
    return this.#ask('users', question, context);
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeWhenUnused();
    return this.#closing;
  }

  async #closeWhenUnused(): Promise<void> {
    if (this.#calls > 0) {
      await new Promise<void>((resolve) => {
        this.#whenUnused = resolve;
      });
    }
    try {
      await this.#answers.close();
    } finally {
      this.snapshot.close();
    }
  }

  async #ask<Name extends QuestionName>(
    name: Name,
    question: Questions[Name],
    context = this.#context,
  ): Promise<Answer<Name>> {
    if (this.#closing !== undefined) throw new Error('this reader was closed');
    if (context.signal.aborted) throw abortError(context.signal);
    this.#calls += 1;
    try {
      return await this.#answers.ask(name, question, context);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#whenUnused?.();
    }
  }
}
