/** Which rows an answer of a recipe may hold: its own filters, and those that are given with the query. */
import type { TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { intersection, rowSetOf, rowsOfSet, type RowSet } from '../../search/row-set.js';
import { isoDateOf, isRecent, parseDate } from '../../numeric/dates.js';
import type { Age } from './keys.js';
import type { Recipe } from './recipe.js';
import { snapshotFile, trainedKind } from '../../snapshot/layout.js';
import type { OpenSnapshot } from '../../snapshot/open-snapshot.js';
import type { Catalogue } from '../../store/catalogue.js';
import type { RecipeItems } from './items.js';
import { selectRows, type SelectionOptions } from '../filters/selection.js';

export interface RecipeSelection {
  /** The only rows that may be found; undefined: all. */
  readonly among: RowSet | undefined;
  /** Of these, those that are promoted, and those that may be drawn; undefined where the recipe asks for none. */
  readonly promoted: RowSet | undefined;
  readonly explored: RowSet | undefined;
  /** Rows that are excluded by name. */
  readonly leaveOut: readonly number[];
  /** Tells, where fewer than `wanted` were found, what the filters leave, and what score they ask for. */
  warnTooFew(found: number, wanted: number): void;
}

export interface FilteredItems {
  readonly numItems: number;
  readonly catalogue: Catalogue;
  /** Read where the recipe asks for `recent` or `max-events`. */
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
    await rowsOfCondition(snapshot, recipe, 'filters.where', recipe.filters.where, numItems),
    recentRows(recipe, 'filters.recent', recipe.filters.recent, filtered, context),
  ];
  const among = allOf(sets);
  const promoted = await promotedRows(snapshot, recipe, filtered);
  const explored = await exploredRows(snapshot, recipe, filtered, context);
  const { minScore } = recipe.filters;
  return {
    among,
    promoted: promoted && allOf([among, promoted]),
    explored: explored && allOf([among, explored]),
    leaveOut: [...given.leaveOut, ...named],
    warnTooFew(found, wanted) {
      if ((among === undefined && minScore === undefined) || found >= wanted) return;
      const filtering =
        among === undefined
          ? `${found} of ${wanted} items were found by the recipe ${recipe.name}`
          : `filters leave ${among.count} of ${numItems} items to the recipe ${recipe.name}`;
      const scoring = minScore === undefined ? '' : `, whose min-score is ${minScore}`;
      context.onProgress({ kind: 'note', message: filtering + scoring });
    },
  };
}

/** The rows that are in all of those that are there; undefined where none is. */
function allOf(sets: readonly (RowSet | undefined)[]): RowSet | undefined {
  const given = sets.filter((set) => set !== undefined);
  return given.length === 0 ? undefined : given.reduce(intersection);
}

/** The rows for which `where` holds, and those that are named. */
async function promotedRows(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  { numItems, catalogue }: FilteredItems,
): Promise<RowSet | undefined> {
  const { promote, places } = recipe;
  if (promote === undefined) return undefined;
  const named = places.naming('promote.items', () =>
    promote.items.map((query) => catalogue.find(trainedKind, query)),
  );
  const holding = await rowsOfCondition(snapshot, recipe, 'promote.where', promote.where, numItems);
  return rowSetOf(numItems, [...named, ...(holding === undefined ? [] : rowsOfSet(holding))]);
}

/** The rows for which all holds that `explore` says. */
async function exploredRows(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  filtered: FilteredItems,
  context: TaskContext,
): Promise<RowSet | undefined> {
  const { explore } = recipe;
  const { items, numItems } = filtered;
  if (explore === undefined) return undefined;
  const { where, recent, maxEvents } = explore;
  const rows = Array.from({ length: numItems }, (_, row) => row);
  const counts = items?.counts;
  return allOf([
    await rowsOfCondition(snapshot, recipe, 'explore.where', where, numItems),
    recentRows(recipe, 'explore.recent', recent, filtered, context),
    maxEvents === undefined || counts === undefined
      ? undefined
      : rowSetOf(
          numItems,
          rows.filter((row) => counts[row]! <= maxEvents),
        ),
  ]);
}

/** The rows that the condition under `key` holds for. */
async function rowsOfCondition(
  snapshot: OpenSnapshot,
  recipe: Recipe,
  key: string,
  where: string | undefined,
  numItems: number,
): Promise<RowSet | undefined> {
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

/** The rows that the time under `key` lets through; a warning says where there are none. */
function recentRows(
  recipe: Recipe,
  key: string,
  recent: Age | undefined,
  { items, numItems, asOfMs }: FilteredItems,
  { onProgress }: TaskContext,
): RowSet | undefined {
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
