/** What is asked of an open snapshot, and answers on the calling thread: whatever a question needs is opened once. */
import { Closers } from '../closers.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import type { SearchWays } from '../search/search-thread.js';
import { requireKind } from '../snapshot/kinds.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { AudienceQuestion, AudienceResult, Audiences } from './audience.js';
import { listenersNamed, type ListenerNames } from './find-listeners.js';
import { findEntity, recordOf } from './find-entities.js';
import {
  openItemLists,
  type ItemsQuestion,
  type ListItemsResult,
  type ListPart,
  type ShownItem,
} from './item-lists.js';
import type { ListenerFacts, ListenerQuestion, Listeners } from './listener/listener.js';
import { openNeighbours, type SimilarQuestion, type SimilarResult } from './open-neighbours.js';
import { openRecommender, type RecommendQuestion, type RecommendResult } from './open-recommender.js';
import type { RecipeQuestion } from './recipes/recipe-answers.js';
import type { RecipeResult } from './recipes/recipe-run.js';
import type { ListUsersResult, UserLists, UsersQuestion } from './user-lists.js';
import {
  askedDecay,
  openUserVectors,
  type AgingOptions,
  type OpenUserVectors,
  type UserVectorResult,
} from './user-vectors.js';

export interface UserVectorQuestion extends ListenerNames, AgingOptions {}

/** What is asked, by the name of the question. */
export interface Questions {
  readonly similar: SimilarQuestion;
  readonly recommend: RecommendQuestion;
  readonly recipe: RecipeQuestion;
  readonly userVector: UserVectorQuestion;
  readonly listener: ListenerQuestion;
  readonly audience: AudienceQuestion;
  readonly item: { readonly name: string; readonly kind: string };
  readonly items: ItemsQuestion & ListPart;
  readonly itemFacts: { readonly name: string };
  readonly users: UsersQuestion & ListPart;
}

interface AnswerTypes {
  readonly similar: SimilarResult;
  readonly recommend: RecommendResult[];
  readonly recipe: RecipeResult[];
  readonly userVector: UserVectorResult[];
  readonly listener: ListenerFacts;
  readonly audience: AudienceResult;
  readonly item: ItemRecord;
  readonly items: ListItemsResult;
  readonly itemFacts: ShownItem;
  readonly users: ListUsersResult;
}

export type QuestionName = keyof Questions;
export type Answer<Name extends QuestionName> = AnswerTypes[Name];

/** Whoever answers; calls may overlap. */
export interface Answers {
  ask<Name extends QuestionName>(
    name: Name,
    question: Questions[Name],
    context: TaskContext,
  ): Promise<Answer<Name>>;
  /** Once no call is going on. */
  close(): void | Promise<void>;
}

type Answerers = {
  readonly [Name in QuestionName]: (
    question: Questions[Name],
    context: TaskContext,
  ) => Answer<Name> | Promise<Answer<Name>>;
};

/** The snapshot stays the caller's to close. @param root where recipes are looked for by name */
export function openAnswers(root: string, snapshot: OpenSnapshot, ways: SearchWays): Answers {
  const opened = new Closers();
  const neighbours = opened.keep(openNeighbours(snapshot, { ...ways, indexInMemory: ways.inMemory }));
  const recommender = opened.keep(openRecommender(snapshot, ways));
  let vectors: OpenUserVectors | undefined;
  let listeners: Listeners | undefined;
  let audiences: Audiences | undefined;
  let users: UserLists | undefined;
  const lists = opened.lazy(() => openItemLists(snapshot, ways.thread?.checkAbort));

  const answerers: Answerers = {
    similar: (question, context) => neighbours.similar(question, context),
    async recommend(question, context) {
      if (question.fallback === undefined) return recommender.recommend(question, context);
      const { recommendOrFallback } = await import('./recipes/recipe-answers.js');
      return recommendOrFallback(recommender, question, context);
    },
    async recipe(question, context) {
      const [{ readNamedRecipe }, { recipeAnswers }] = await Promise.all([
        import('./recipes/read-recipe.js'),
        import('./recipes/recipe-answers.js'),
      ]);
      const recipe = await readNamedRecipe(root, question.recipe);
      return recipeAnswers(recommender, recipe, question, context);
    },
    async userVector(question) {
      vectors ??= opened.keep(openUserVectors(snapshot));
      const asked = askedDecay(question, snapshot, undefined, vectors.decay);
      return vectors.of(await listenersNamed(recommender, question, vectors.numItems), asked);
    },
    async listener(question, context) {
      const { openListeners } = await import('./listener/listener.js');
      listeners ??= opened.keep(openListeners(root, recommender, neighbours));
      return listeners.of(question, context);
    },
    async audience(question, context) {
      const { openAudiences } = await import('./audience.js');
      audiences ??= opened.keep(openAudiences(recommender));
      return audiences.of(question, context);
    },
    item({ name, kind }) {
      const catalogue = recommender.catalogue();
      return recordOf(catalogue, findEntity(snapshot, catalogue, name, requireKind(snapshot, kind).name));
    },
    items: (question) => lists().list(question),
    itemFacts: ({ name }) => lists().show(name),
    async users(question) {
      const { openUserLists } = await import('./user-lists.js');
      users ??= openUserLists(snapshot, (asked) => recommender.users(asked));
      return users.list(question);
    },
  };
  return {
    ask: async (name, question, context) => answerers[name](question, context),
    close: () => opened.close(),
  };
}
