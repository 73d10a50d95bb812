/**
 * One snapshot that is open for every question: what a question needs is opened when the first one needs it, and answers
 * all that follow. The options are those of the commands, and so are the answers, to the bit.
 */
import { setImmediate } from 'node:timers/promises';
import { Closers } from '../closers.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { requireKind } from '../snapshot/kinds.js';
import { trainedKind } from '../snapshot/layout.js';
import { listenersNamed, type ListenerNames, type NameSources } from './find-listeners.js';
import { findEntity, recordOf } from './find-entities.js';
import { openNeighbours, type SimilarQuestion, type SimilarResult } from './open-neighbours.js';
import { openUsers, type OpenUsers } from './open-users.js';
import { openRecommender, type RecommendQuestion, type RecommendResult } from './open-recommender.js';
import type { RecipeQuestion } from './recipes/recipe-answers.js';
import type { RecipeResult } from './recipes/recipe-run.js';
import {
  askedDecay,
  openUserVectors,
  type AgingOptions,
  type OpenUserVectors,
  type UserVectorResult,
} from './user-vectors.js';

export interface ReaderOptions {
  /**
   * Hold vectors and index in memory (by default: about 5 · items · dim bytes, where the vectors are at most 1 GiB, and up
   * to 256 MiB of rows that were read), or read what an answer needs from the snapshot's files.
   */
  readonly inMemory?: boolean;
}

export interface UserVectorQuestion extends ListenerNames, AgingOptions {}

/**
 * Calls may overlap: none changes another's answer, and the event loop turns between two of them. Each may have a context of its own, else it is the reader's. Whatever
 * is wrong with a question rejects its promise as the command of the same name does.
 */
export interface Reader {
  /** What is open. */
  readonly snapshot: Pick<OpenSnapshot, 'id' | 'basis' | 'path' | 'manifest'>;
  similar(question: SimilarQuestion, context?: TaskContext): Promise<SimilarResult>;
  /** One result a user, in the order given; a single one for someone new. */
  recommend(question: RecommendQuestion, context?: TaskContext): Promise<RecommendResult[]>;
  /** `recommend`, with what of a user's own items made each score. */
  explain(question: RecommendQuestion, context?: TaskContext): Promise<RecommendResult[]>;
  /** `recommend`, with why these items are not there, or where they are. */
  whyNot(
    items: readonly string[],
    question: RecommendQuestion,
    context?: TaskContext,
  ): Promise<RecommendResult[]>;
  /** One result a user, in the order given; a single one for someone new, or for nobody where the recipe needs no one. */
  recipe(question: RecipeQuestion, context?: TaskContext): Promise<RecipeResult[]>;
  /** One result a user, in the order given; a single one for someone new. */
  userVector(question: UserVectorQuestion): Promise<UserVectorResult[]>;
  /** What an id or name means, among a kind (items by default). AppErrors 'item-not-found', 'item-ambiguous', 'missing-part'. */
  item(name: string, kind?: string): Promise<ItemRecord>;
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
  { inMemory = true }: ReaderOptions = {},
): Promise<Reader> {
  return new SnapshotReader(root, await openForReading(root, reference, context), inMemory, context);
}

class SnapshotReader implements Reader {
  readonly snapshot: OpenSnapshot;
  readonly #root: string;
  readonly #context: TaskContext;
  readonly #opened = new Closers();
  readonly #neighbours;
  readonly #recommender;
  readonly #names: NameSources;
  #users: OpenUsers | undefined;
  #vectors: OpenUserVectors | undefined;
  /** Calls that are going on. */
  #calls = 0;
  #whenUnused: (() => void) | undefined;
  #closing: Promise<void> | undefined;
  /** Whether a call began in this turn of the event loop. */
  #turnTaken = false;

  constructor(root: string, snapshot: OpenSnapshot, inMemory: boolean, context: TaskContext) {
    this.#root = root;
    this.#context = context;
    this.snapshot = this.#opened.keep(snapshot);
    this.#neighbours = this.#opened.keep(openNeighbours(snapshot, { inMemory, indexInMemory: inMemory }));
    this.#recommender = this.#opened.keep(openRecommender(snapshot, { inMemory }));
    const numItems = snapshot.manifest.inputs.interactions.items;
    this.#names = {
      catalogue: () => this.#neighbours.catalogue,
      users: () => (this.#users ??= this.#opened.keep(openUsers(snapshot, numItems))),
    };
  }

  similar(question: SimilarQuestion, context = this.#context): Promise<SimilarResult> {
    return this.#answer(() => this.#neighbours.similar(question, context));
  }

  recommend(question: RecommendQuestion, context = this.#context): Promise<RecommendResult[]> {
    return this.#answer(() => this.#recommender.recommend(question, context));
  }

  explain(question: RecommendQuestion, context?: TaskContext): Promise<RecommendResult[]> {
    return this.recommend({ ...question, explain: true }, context);
  }

  whyNot(
    items: readonly string[],
    question: RecommendQuestion,
    context?: TaskContext,
  ): Promise<RecommendResult[]> {
    return this.recommend({ ...question, whyNot: items }, context);
  }

  recipe(question: RecipeQuestion, context = this.#context): Promise<RecipeResult[]> {
    return this.#answer(async () => {
      const [{ readNamedRecipe }, { recipeAnswers }] = await Promise.all([
        import('./recipes/read-recipe.js'),
        import('./recipes/recipe-answers.js'),
      ]);
      const recipe = await readNamedRecipe(this.#root, question.recipe);
      return recipeAnswers(this.#recommender, recipe, question, context);
    });
  }

  userVector(question: UserVectorQuestion): Promise<UserVectorResult[]> {
    return this.#answer(() => {
      this.#vectors ??= this.#opened.keep(openUserVectors(this.snapshot));
      const { numItems, decay } = this.#vectors;
      const asked = askedDecay(question, this.snapshot, undefined, decay);
      return this.#vectors.of(listenersNamed(this.#names, question, numItems), asked);
    });
  }

  item(name: string, kind: string = trainedKind): Promise<ItemRecord> {
    return this.#answer(() => {
      const { catalogue } = this.#neighbours;
      return recordOf(
        catalogue,
        findEntity(this.snapshot, catalogue, name, requireKind(this.snapshot, kind).name),
      );
    });
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
    this.#opened.close();
  }

  /** However many ask at once, the event loop turns between two searches, so that other work of the program goes on. */
  async #turnOfItsOwn(): Promise<void> {
    while (this.#turnTaken) await setImmediate();
    this.#turnTaken = true;
    void setImmediate().then(() => (this.#turnTaken = false));
  }

  async #answer<T>(ask: () => T | Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw new Error('this reader was closed');
    this.#calls += 1;
    try {
      await this.#turnOfItsOwn();
      return await ask();
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#whenUnused?.();
    }
  }
}
