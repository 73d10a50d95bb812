/** What a recipe asks of the items: how often each was played, and what the catalogue says of it. */
import { isTime } from '../../numeric/pairs.js';
import { keyNeeding } from './parts.js';
import type { Recipe } from './recipe.js';
import { snapshotFile } from '../../snapshot/layout.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { readStoredHistories } from '../../snapshot/users/stored-histories.js';

export interface RecipeItems {
  /** [≥ numItems] events by row. */
  readonly counts: Uint32Array;
  /** What the catalogue says of items, but `count`. */
  readonly columns: readonly string[];
  has(column: string): boolean;
  /** A column of the catalogue by row. AppError 'missing-part', which names `key`, where there is none. */
  column(name: string, key: string): (row: number) => string | number | undefined;
}

/** Reads the table of items where the recipe asks for anything of it; columns when they are asked for. Errors as readArrowFile. */
export async function readRecipeItems(
  snapshot: OpenSnapshot,
  recipe: Recipe,
): Promise<RecipeItems | undefined> {
  const countsAll = recipe.sources.some(
    (source) => source.source === 'popular' && source.within === undefined,
  );
  if (!countsAll && keyNeeding(recipe, 'items') === undefined) return undefined;
  const { readArrowFile } = await import('../../tables/arrow-reader.js');
  const table = await readArrowFile(snapshot.file(snapshotFile.itemTable));
  const known = table.columnNames.filter((column) => column !== 'count');
  return {
    counts: table.counts('count'),
    columns: known,
    has: (name) => known.includes(name),
    column(name, key) {
      if (!known.includes(name)) {
        throw recipe.places.error(
          key,
          'missing-part',
          `it needs the column ${name}, and snapshot ${snapshot.id} has ${known.join(', ')}`,
          {
            suggestions: [`train with \`items\` FILE, a table that has ${name}`],
            details: { snapshot: snapshot.id, columns: known },
          },
        );
      }
      const { values } = table.metadata(name);
      return (row) => {
        const value = values[row] ?? undefined;
        return typeof value === 'string' && value.trim() === '' ? undefined : value;
      };
    },
  };
}

/**
 * By item row: listeners whose latest event of it was in the time `ms` before `asOfMs`. AppError 'missing-part' for a
 * snapshot without users. Reads all histories.
 */
export function recentListeners(
  snapshot: OpenSnapshot,
  numItems: number,
  ms: number,
  asOfMs: number,
): Uint32Array {
  const { item, lastAt } = readStoredHistories(snapshot);
  const counts = new Uint32Array(numItems);
  const from = BigInt(Math.round(asOfMs - ms));
  const to = BigInt(Math.round(asOfMs));
  for (let p = 0; p < item.length; p++) {
    const last = lastAt[p]!;
    if (isTime(last) && last >= from && last <= to) counts[item[p]!]!++;
  }
  return counts;
}
