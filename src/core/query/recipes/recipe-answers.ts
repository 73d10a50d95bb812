/** What a recipe recommends, of an open snapshot. */
import type { TaskContext } from '../../contracts.js';
import { emptyHistory } from '../../histories/opinions.js';
import { listenersNamed, type Listener, type ListenerNames } from '../find-listeners.js';
import type { Recommender } from '../open-recommender.js';
import { requireLiked, requireNobody } from './needs.js';
import type { Recipe } from './recipe.js';
import { answerFor, openRecipeRun, type RecipeResult, type RecipeRunOptions } from './recipe-run.js';

export interface RecipeQuestion extends ListenerNames, Omit<RecipeRunOptions, 'inMemory'> {
  /** A name, or the path of a file. */
  readonly recipe: string;
  /** Say of every item which ingredients put it there. */
  readonly explain: boolean;
}

/** Whether answering reads items so often that they are better held in memory. */
export function readsOften(recipe: Recipe, { users }: Pick<RecipeQuestion, 'users'>): boolean {
  return users.length > 1 || recipe.rows !== undefined;
}

/** One result a user, in the order given; a single one for a new user, or for nobody where the recipe needs no one. */
export async function recipeAnswers(
  recommender: Recommender,
  asked: Recipe,
  question: RecipeQuestion,
  context: TaskContext,
): Promise<RecipeResult[]> {
  const { users, like, dislike, explain } = question;
  const options = { ...question, inMemory: readsOften(asked, question) };
  const run = await openRecipeRun(recommender, asked, options, context);
  const { recipe } = run;
  try {
    const isNobody = users.length + like.length + dislike.length === 0;
    if (isNobody) requireNobody(recipe);
    const listeners: Listener[] = isNobody
      ? [{ user: null, history: emptyHistory(recommender.numItems) }]
      : await listenersNamed(recommender, question, recommender.numItems);
    for (const { user, history } of listeners) requireLiked(recipe, user, history);
    return listeners.map((listener) => answerFor(run, listener, explain).result);
  } finally {
    run.close();
  }
}
