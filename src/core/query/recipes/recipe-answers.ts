/** What a recipe recommends, of an open snapshot. */
import type { TaskContext } from '../../contracts.js';
import type { Asked } from '../../options/option.js';
import type { recipeQuery } from '../../options/queries.js';
import { emptyHistory, hasLikes } from '../../histories/opinions.js';
import { listenersNamed, markedUnknown, type Listener } from '../find-listeners.js';
import { trainedKind } from '../../snapshot/layout.js';
import {
  asksWhy,
  popularRecipe,
  type Recommender,
  type RecommendQuestion,
  type RecommendResult,
} from '../open-recommender.js';
import { keyWithoutLikes, requireLiked, requireNobody } from './needs.js';
import { readNamedRecipe } from './read-recipe.js';
import type { Recipe } from './recipe.js';
import { answerFor, openRecipeRun, type RecipeResult } from './recipe-run.js';

export type RecipeQuestion = Asked<typeof recipeQuery.options>;

export { readNamedRecipe };

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
    const isUnread = ({ history, closest }: Listener): boolean =>
      closest !== undefined && keyWithoutLikes(recipe, history) !== undefined;
    for (const each of listeners) if (!isUnread(each)) requireLiked(recipe, each.user, each.history);
    const results: RecipeResult[] = [];
    for (const listener of listeners) {
      const result = isUnread(listener)
        ? await fallbackAnswer(recommender, question.fallback!, question, context)
        : answerFor(run, listener, explain).result;
      results.push(markedUnknown(result, listener, result.recipe, context));
    }
    return results;
  } finally {
    run.close();
  }
}

/** By the model's score; a user whom nobody knows has the recipe of the query, where that is not what the model gives them. */
export function recommendOrFallback(
  recommender: Recommender,
  question: RecommendQuestion,
  context: TaskContext,
): Promise<RecommendResult[]> {
  return recommender.recommend(question, context, async ({ user, history }) => {
    const { fallback = popularRecipe, kind, maxPerArtist } = question;
    const isForModel = kind !== trainedKind || maxPerArtist !== undefined || asksWhy(question);
    if (fallback === popularRecipe || isForModel || hasLikes(history)) return undefined;
    const { snapshot, recommendations } = await fallbackAnswer(recommender, fallback, question, context);
    return { snapshot, user, recommendations: recommendations.map(({ row: _, slot: __, ...item }) => item) };
  });
}

/** What a recipe gives whoever has no history, where one of theirs was asked about. AppError 'bad-usage' where it reads one. */
async function fallbackAnswer(
  recommender: Recommender,
  name: string,
  question: RecipeQuestion | RecommendQuestion,
  context: TaskContext,
): Promise<RecipeResult> {
  const recipe = await readNamedRecipe(recommender.snapshot.root, name);
  const nobody = { users: [], like: [], dislike: [], seedItems: [], shown: [] };
  const asked = { ...question, ...nobody, recipe: name };
  const [answer] = await recipeAnswers(recommender, recipe, asked, context);
  return answer!;
}
