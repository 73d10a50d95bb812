/** `segue recipe list` and `segue recipe show`: which recipes have a name, and what one of them says in full. */
import { AppError } from '../../errors.js';
import { yamlText, type PrintedMap } from '../../files/yaml-keys.js';
import { findRecipe, namedRecipes, ownRecipes } from './find-recipe.js';
import { recipeKind } from './keys.js';
import { readRecipe } from './read-recipe.js';
import type { Recipe } from './recipe.js';

export interface ListedRecipe {
  readonly name: string;
  /** A line that says what it is for. */
  readonly about: string;
  /** own: in segue-recipes/ beside the root; segue: it comes with segue. */
  readonly from: 'own' | 'segue';
  readonly path: string;
  /** What is wrong with it, where it cannot be read. */
  readonly problem?: string;
}

export interface RecipeList {
  readonly recipes: readonly ListedRecipe[];
  /** Where one's own are looked for: in the directory that holds the root. */
  readonly ownDirectory: string;
}

/** Every recipe that has a name, by name. One that cannot be read is listed with what is wrong. */
export async function listRecipes({ root }: { readonly root: string }): Promise<RecipeList> {
  const recipes: ListedRecipe[] = [];
  for (const { name, path, from } of namedRecipes(root)) {
    try {
      const { about } = await readRecipe(path, name);
      recipes.push({ name, about, from, path });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      recipes.push({ name, about: '', from, path, problem: error.message });
    }
  }
  return { recipes, ownDirectory: ownRecipes(root) };
}

export interface ResolvedRecipe {
  readonly name: string;
  readonly path: string;
  /** Every key with its value, defaults included, as docs/reference/recipes.md names them. */
  readonly resolved: PrintedMap;
  /** The same as YAML. */
  readonly text: string;
}

/** Reads and validates a recipe; no snapshot is needed. Errors as findRecipe and readRecipe. */
export async function resolveRecipe(options: {
  readonly root: string;
  readonly recipe: string;
}): Promise<ResolvedRecipe> {
  return (await readResolved(options.root, options.recipe)).resolved;
}

/** The same with the recipe itself. */
export async function readResolved(
  root: string,
  asked: string,
): Promise<{ readonly recipe: Recipe; readonly resolved: ResolvedRecipe }> {
  const { name, path } = findRecipe(root, asked);
  const recipe = await readRecipe(path, name);
  const resolved = recipeKind.print(recipe) ?? {};
  return { recipe, resolved: { name, path, resolved, text: await yamlText(resolved) } };
}
