/** Where recipes are: files by their path; by name one's own beside the root, then those that come with segue. */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AppError, errnoOf, machineError } from '../../errors.js';
import { fileWord, shellWord } from '../../shell-word.js';
import { nearestWord } from '../../edit-distance.js';

const ownName = 'segue-recipes';

const extensions = ['.yaml', '.yml', '.json'] as const;
/** What a recipe may be called; it is no path. */
export const recipeName = /^[a-z0-9][a-z0-9_-]{0,63}$/i;

export interface RecipeFile {
  readonly name: string;
  readonly path: string;
  readonly from: 'own' | 'segue';
}

/** recipes/ of the package, beside dist/. */
function shippedDirectory(): string {
  return fileURLToPath(new URL('../../../../recipes/', import.meta.url));
}

/** The path as it is best shown: from where the command runs, where the file is below. */
function shownPath(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}

/** Holds one's own recipes: beside the root, where the gates file is as well. */
export function ownRecipes(root: string): string {
  return shownPath(join(dirname(resolve(root)), ownName));
}

/** Every recipe that has a name, by name; an own one hides the one of that name that comes with segue. */
export function namedRecipes(root: string): RecipeFile[] {
  const own = recipesIn(ownRecipes(root), 'own');
  const names = new Set(own.map(({ name }) => name));
  const shipped = recipesIn(shippedDirectory(), 'segue').filter(({ name }) => !names.has(name));
  return [...own, ...shipped].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

/**
 * The file that `asked` names: a path where it has a separator or ends as such files do, else a name. AppErrors
 * 'bad-usage' for a name that nothing has, or two files have.
 */
export function findRecipe(root: string, asked: string): { readonly name: string; readonly path: string } {
  if (/[/\\]/.test(asked) || extensions.some((end) => asked.toLowerCase().endsWith(end))) {
    return { name: basename(asked).replace(/\.(yaml|yml|json)$/i, ''), path: asked };
  }
  const known = namedRecipes(root);
  const [found, second] = known.filter(({ name }) => name === asked);
  if (found !== undefined && second === undefined) return { name: asked, path: found.path };
  if (found !== undefined && second !== undefined) {
    throw new AppError('bad-usage', `two files are the recipe ${asked}: ${found.path} and ${second.path}`, {
      suggestions: [`name one: \`recipe\` ${fileWord(found.path)}`],
      details: { recipe: asked, files: [found.path, second.path] },
    });
  }
  const names = [...new Set(known.map(({ name }) => name))];
  const near = nearestWord(asked, names);
  throw new AppError('bad-usage', `no recipe is called ${JSON.stringify(asked.slice(0, 80))}`, {
    suggestions: [
      ...(near === undefined ? [`known are ${names.join(', ')}`] : [`did you mean ${shellWord(near)}?`]),
      `a file is named by its path: \`recipe\` ./${recipeName.test(asked) ? asked : 'mine'}.yaml`,
      'segue recipe list says what each is for',
    ],
    details: { recipe: asked, known: names, closest: near ?? null },
  });
}

function recipesIn(directory: string, from: RecipeFile['from']): RecipeFile[] {
  return filesIn(directory).flatMap((file) => {
    const end = extensions.find((one) => file.endsWith(one));
    const name = end === undefined ? '' : file.slice(0, -end.length);
    return recipeName.test(name) ? [{ name, path: shownPath(join(directory, file)), from }] : [];
  });
}

function filesIn(directory: string): string[] {
  try {
    if (statSync(directory, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return readdirSync(directory).sort();
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw machineError(error, `read ${directory}`);
  }
}
