/** Which rows an answer of a recipe may hold: its own filters, and those that are given with the question. */
import type { TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { intersection, rowSetOf, type RowSet } from '../../search/row-set.js';
import { isoDateOf, isRecent, parseDate } from '../../numeric/dates.js';
import type { Recipe } from './recipe.js';
import { snapshotFile, trainedKind } from '../../snapshot/layout.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { Catalogue } from '../../store/catalogue.js';
import type { RecipeItems } from './items.js';
import { selectRows, type SelectionOptions } from '../filters/selection.js';

export interface RecipeSelection {
  /** The only rows that may be found; undefined: all. */
  readonly among: RowSet | undefined;
  /** Rows that are excluded by name. */
  readonly leaveOut: readonly number[];
  /** Tells, where fewer than `wanted` were found, what the filters leave. */
  warnTooFew(found: number, wanted: number): void;
}

export interface FilteredItems {
  readonly numItems: number;
  readonly catalogue: Catalogue;
  /** Read where the recipe asks for `recent`. */
  readonly items: RecipeItems | undefined;
  asOfMs(key: string): number;
}

/** AppErrors with the key at fault; those of selectRows for what is given. */
export async function selectForRecipe(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  filtered: FilteredItems,
  options: SelectionOptions,
  context: TaskContext,
): Promise<RecipeSelection> {
  const { numItems, catalogue } = filtered;
  const given = await selectRows(snapshot, trainedKind, catalogue, numItems, options, context);
  const named = recipe.places.naming('filters.exclude', () =>
    recipe.filters.exclude.map((query) => catalogue.find(trainedKind, query)),
  );
  const sets = [
    given.among,
    await rowsOfCondition(snapshot, recipe, numItems),
    recentRows(recipe, filtered, context),
  ].filter((set) => set !== undefined);
  const among = sets.length === 0 ? undefined : sets.reduce(intersection);
  return {
    among,
    leaveOut: [...given.leaveOut, ...named],
    warnTooFew(found, wanted) {
      if (among === undefined || found >= wanted) return;
      context.onProgress({
        kind: 'note',
        message: `filters leave ${among.count} of ${numItems} items to the recipe ${recipe.name}`,
      });
    },
  };
}

/** The rows that `where` holds for. */
async function rowsOfCondition(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  numItems: number,
): Promise<RowSet | undefined> {
  const key = 'filters.where';
  const { where } = recipe.filters;
  if (where === undefined) return undefined;
  const { rowsWhere } = await import('../filters/rows-where.js');
  try {
    const path = snapshot.file(snapshotFile.itemTable);
    return (await rowsWhere(path, where, numItems, recipe.places.nameOf(key))).rows;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw new AppError(error.code, error.message, {
      suggestions: error.suggestions,
      details: { ...error.details, ...recipe.places.detailsOf(key) },
      cause: error,
    });
  }
}

/** The rows that `recent` lets through; a warning says where there are none. */
function recentRows(
  recipe: Recipe,
  { items, numItems, asOfMs }: FilteredItems,
  { onProgress }: TaskContext,
): RowSet | undefined {
  const key = 'filters.recent';
  const { recent } = recipe.filters;
  if (recent === undefined || items === undefined) return undefined;
  const asOf = asOfMs(key);
  const released = items.column('released', key);
  const rows: number[] = [];
  let newest = -Infinity;
  let notUnderstood: string | undefined;
  for (let row = 0; row < numItems; row++) {
    const cell = released(row);
    const release = parseDate(cell);
    if (release === undefined) {
      if (cell !== undefined) notUnderstood ??= String(cell);
      continue;
    }
    if (isRecent(release, recent.ms, asOf)) rows.push(row);
    newest = Math.max(newest, release.firstMs);
  }
  if (rows.length === 0) {
    const since = `${recent.text} before ${dayOf(asOf)}`;
    const most =
      newest === -Infinity
        ? noDates(notUnderstood)
        : `the newest of ${numItems} items is of ${dayOf(newest)}`;
    onProgress({
      kind: 'warning',
      message: `${recipe.places.nameOf(key)}: nothing was released in the ${since}; ${most}`,
    });
  }
  return rowSetOf(numItems, rows);
}

function noDates(cell: string | undefined): string {
  if (cell === undefined) return 'no item says when it was released';
  const remedy =
    isoDateOf(cell) === undefined
      ? 'write dates as 1997-03-14 or 1997, and train again'
      : 'train again: this version recognises such dates';
  return `no item has a release date that can be read; one is ${JSON.stringify(cell.slice(0, 60))}; ${remedy}`;
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
