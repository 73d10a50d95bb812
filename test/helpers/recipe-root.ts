import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readNpy } from '#dist/core/files/npy.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { recommendByRecipe, type RecipeResult, type RecommendByRecipeOptions } from '#dist/core/library.js';
import { prepare } from './prepared.js';
import { listening } from './snapshots.js';
import { classicRock, makeFolder, type Folder } from './trained-root.js';

export type CookOptions = Partial<RecommendByRecipeOptions> & { readonly model?: string };

/** All the bundled plays, trained by every model, of which als is published; and what its files say. */
export interface RecipeRoot {
  readonly folder: Folder;
  readonly root: string;
  /** Ids by model. */
  readonly snapshots: ReadonlyMap<string, string>;
  /** Items that each station played. */
  readonly heard: ReadonlyMap<string, ReadonlySet<string>>;
  /** Of items with vectors, by row. */
  readonly ids: readonly string[];
  readonly plays: ReadonlyMap<string, number>;
  readonly artists: ReadonlyMap<string, string>;
  cosine(a: string, b: string): number;
  /** In this process: a recipe by its text, or by name; for `station` where nobody is named. */
  cook(recipe: string, options?: CookOptions): Promise<RecipeResult>;
}

export const station = 'KGLK/2014-06-16';

/** The folder is the caller's to remove. */
export async function openRecipeRoot(): Promise<RecipeRoot> {
  const folder = makeFolder();
  const root = join(folder.path, 'root');
  const train = ['train', classicRock.plays, '--items', classicRock.items];
  const made = await prepare(folder, [
    [...train, '--factors', '16', '--epochs', '4'],
    ['publish'],
    [...train, '--model', 'ease'],
    [...train, '--model', 'item2vec', '--factors', '16', '--epochs', '1'],
    [...train, '--model', 'popularity'],
  ]);
  const trained = made.filter((_, step) => step !== 1).map(([said]) => String(said!['snapshot']));
  const models = ['als', 'ease', 'item2vec', 'popularity'];
  const snapshots = new Map(models.map((model, at) => [model, trained[at]!]));
  const heard = new Map<string, Set<string>>();
  for (const line of gunzipSync(readFileSync(classicRock.plays)).toString('utf8').split('\n')) {
    const [user = '', item = ''] = line.split(',');
    heard.set(user, (heard.get(user) ?? new Set()).add(item));
  }
  const files = join(root, 'snapshots', trained[0]!, 'model');
  const { ids, counts, columns } = await readItemTable(join(files, 'item.arrow'));
  const { data, shape } = readNpy(join(files, 'item.npy'), { dtype: '<f4', shape: [undefined, undefined] });
  const [numRows = 0, dim = 0] = shape;
  const all = Array.from({ length: numRows }, (_, row) => ids.at(row));
  const rowOf = new Map(all.map((id, row) => [id, row]));
  const artist = columns.find(({ name }) => name === 'artist')!.values;
  return {
    ...{ folder, root, snapshots, heard, ids: all },
    plays: new Map(all.map((id, row) => [id, counts[row]!])),
    artists: new Map(all.map((id, row) => [id, String(artist[row])])),
    cosine(a, b) {
      const [x, y] = [a, b].map((id) => data.subarray(rowOf.get(id)! * dim, (rowOf.get(id)! + 1) * dim));
      const dot = (v: Float32Array, w: Float32Array): number =>
        v.reduce((sum, value, f) => sum + value * w[f]!, 0);
      return dot(x!, y!) / Math.sqrt(dot(x!, x!) * dot(y!, y!));
    },
    async cook(recipe, { model = 'als', ...options } = {}) {
      const isText = recipe.includes('\n');
      const named = isText ? join(folder.path, 'mine.yaml') : recipe;
      if (isText) writeFileSync(named, recipe);
      const nothing = { explain: false };
      const [result] = await recommendByRecipe(
        { root, snapshot: snapshots.get(model), users: [station], ...nothing, ...options, recipe: named },
        listening(),
      );
      return result!;
    },
  };
}

export const idsOf = ({ recommendations }: Pick<RecipeResult, 'recommendations'>): string[] =>
  recommendations.map(({ id }) => id);
