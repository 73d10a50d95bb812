/** `segue recommend --recipe`: an answer made as a recipe says; which recipes there are, and what one says in full. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { AppError } from '../errors.js';
import { openRecommender } from '../query/open-recommender.js';
import {
  listRecipes,
  resolveRecipe,
  type RecipeList,
  type ResolvedRecipe,
} from '../query/recipes/list-recipes.js';
import { noRecipe } from '../query/recipes/needs.js';
import { readNamedRecipe } from '../query/recipes/read-recipe.js';
import { readsOften, recipeAnswers } from '../query/recipes/recipe-answers.js';
import type { RecipeResult } from '../query/recipes/recipe-run.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { RecipeItem, RecipeResult, RecipeRow } from '../query/recipes/recipe-run.js';
export type { Ingredient, NamedItem, PassedOverItem } from '../query/recipes/ingredients.js';
export type { RecipeList } from '../query/recipes/list-recipes.js';

export type RecommendByRecipeOptions = Asked<typeof operations.recommendByRecipe.options>;

export interface FromRecipesOptions extends Omit<RecommendByRecipeOptions, 'recipe'> {
  readonly recipe: string | undefined;
  /** Only which recipes there are. */
  readonly list: boolean;
  /** Only what the recipe says in full. */
  readonly dryRun: boolean;
  /** Refused: a recipe has no single ranking to ask about. */
  readonly whyNot: readonly string[];
}

export type FromRecipes = RecipeResult | RecipeList | ResolvedRecipe;

/** What `segue recommend` answers where recipes are asked about: which there are, what one says, or its answers. */
export async function fromRecipes(
  { recipe, list, dryRun, whyNot, ...options }: FromRecipesOptions,
  context: TaskContext,
): Promise<FromRecipes[]> {
  if (list) return [await listRecipes(options)];
  if (recipe === undefined) throw noRecipe(dryRun ? '`dryRun`' : '`asOf`');
  if (whyNot.length > 0) {
    throw new AppError(
      'bad-usage',
      "`whyNot` asks about the model's own ranking, and a recipe makes another",
      {
        suggestions: ['leave `recipe` out', '`explain` says what a recipe passed over, and why'],
      },
    );
  }
  if (dryRun) return [await resolveRecipe({ ...options, recipe })];
  return recommendByRecipe({ ...options, recipe }, context);
}

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
