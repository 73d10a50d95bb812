/** Recipe files: YAML or JSON to a Recipe, every mistake with its line and key. docs/reference/recipes.md has the keys. */
import { readYamlFile, type YamlNode } from '../../files/yaml-document.js';
import { readByKeys } from '../../files/yaml-keys.js';
import { findRecipe } from './find-recipe.js';
import { recipeKind } from './keys.js';
import { RecipePlaces, type Recipe } from './recipe.js';
import { wholeShare } from './slots.js';

/**
 * The recipe in the file at `path`. AppError 'bad-input-file' with every mistake: its line, its key, what was got and
 * wanted; machine errors. @param name what it was asked for by
 */
export async function readRecipe(path: string, name: string): Promise<Recipe> {
  return recipeFrom(await readYamlFile(path), path, name);
}

/** The recipe that a name or a path means. Errors as findRecipe, and those. */
export async function readNamedRecipe(root: string, asked: string): Promise<Recipe> {
  const { name, path } = findRecipe(root, asked);
  return readRecipe(path, name);
}

/** The same from what a file holds. */
export function recipeFrom(content: YamlNode | undefined, path: string, name: string): Recipe {
  const seeAlso = 'docs/reference/recipes.md has every key with an example';
  const { value, lines } = readByKeys(recipeKind, content, path, seeAlso, (recipe, file) => {
    const add = (key: string, message: string): void => file.add(file.lines.get(key) ?? 1, key, message);
    const { promote, explore, rows, sources } = recipe;
    const shares = [promote, explore].flatMap((of) => of?.share ?? []);
    if (shares.reduce((sum, { parts }) => sum + parts, 0) > wholeShare) {
      const both = shares.map(({ text }) => text).join(' and ');
      add('explore.share', `with the share of promote it is more than all: ${both}`);
    }
    const readsHistory = sources.some(({ source }) => source === 'user' || source === 'similar-to-history');
    if (rows !== undefined && sources.length > 0 && !readsHistory) {
      add(
        'rows',
        'rows are of parts of a history, and no source reads one: wanted the source user or similar-to-history',
      );
    }
  });
  return { name, ...value, about: value.about.trim(), places: new RecipePlaces(path, lines) };
}
