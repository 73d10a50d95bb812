/** `segue recommend --recipe`: an answer made as a recipe says. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openRecommender } from '../query/open-recommender.js';
import { readNamedRecipe } from '../query/recipes/read-recipe.js';
import { readsOften, recipeAnswers } from '../query/recipes/recipe-answers.js';
import type { RecipeResult } from '../query/recipes/recipe-run.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { RecipeItem, RecipeResult, RecipeRow } from '../query/recipes/recipe-run.js';
export type { Ingredient, NamedItem, PassedOverItem } from '../query/recipes/ingredients.js';

export type RecommendByRecipeOptions = Asked<typeof operations.recommendByRecipe.options>;

/** One result a user, in the order given; a single one for a new user, or for nobody where the recipe needs no one. */
export async function recommendByRecipe(
  options: RecommendByRecipeOptions,
  context: TaskContext,
): Promise<RecipeResult[]> {
  const recipe = await readNamedRecipe(options.root, options.recipe);
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const inMemory = readsOften(recipe, options);
    return await recipeAnswers(
      opened.keep(openRecommender(snapshot, { inMemory })),
      recipe,
      options,
      context,
    );
  } finally {
    opened.close();
  }
}
