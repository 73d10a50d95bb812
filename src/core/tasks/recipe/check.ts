/** `segue recipe check`: what a recipe says, part by part, and whether a snapshot has what each part reads. */
import { keeping } from '../../closers.js';
import type { SnapshotId, Some, TaskContext } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { readResolved, type ResolvedRecipe } from '../../query/recipes/list-recipes.js';
import { recipeInWords, type RecipePart } from '../../query/recipes/parts.js';
import { snapshotFile } from '../../snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '../../snapshot/open-snapshot.js';
import { foldName } from '../../store/casefold.js';
import { openTable } from '../../tables/snapshot-tables.js';
import type { AskedOf } from '../../options/asked-of.js';

export type CheckRecipeOptions = AskedOf<'checkRecipe'>;

export interface CheckedPart extends Omit<RecipePart, 'without' | 'foldsCase'> {
  /** Those of its columns that the snapshot lacks. */
  readonly missing: readonly string[];
  /** What becomes of it: an answer goes without a part that is left out; a part that is refused ends with an error. */
  readonly then: 'used' | 'left-out' | 'refused';
}

export interface CheckRecipeResult extends ResolvedRecipe {
  /** Whose columns were looked at; null where there is no snapshot. */
  readonly snapshot: SnapshotId | null;
  /** In the order in which they act. */
  readonly parts: Some<CheckedPart>;
}

/** Errors as resolveRecipe, with every mistake of the file; of opening a snapshot that is named. */
export async function checkRecipe(
  options: CheckRecipeOptions,
  context: TaskContext,
): Promise<CheckRecipeResult> {
  const { recipe, resolved } = await readResolved(options.root, options.recipe);
  return keeping(async (opened) => {
    const snapshot = await openIfAny(options, context);
    if (snapshot !== undefined) opened.keep(snapshot);
    const lacks = snapshot === undefined ? () => false : await columnsLackedBy(snapshot);
    const parts = recipeInWords(recipe).map(({ without, foldsCase, ...part }): CheckedPart => {
      const missing = part.columns.filter((column) => lacks(column, foldsCase));
      return { ...part, missing, then: missing.length === 0 ? 'used' : without };
    });
    return { ...resolved, snapshot: snapshot?.id ?? null, parts };
  });
}

/** A recipe can be checked before anything was trained. */
async function openIfAny(
  { root, snapshot: reference, as }: CheckRecipeOptions,
  context: TaskContext,
): Promise<OpenSnapshot | undefined> {
  try {
    return await openForReading(root, reference, context, as);
  } catch (error) {
    const isNone = error instanceof AppError && error.code === 'snapshot-not-found';
    if (isNone && reference === undefined) return undefined;
    throw error;
  }
}

/** Whether a column is not there. */
async function columnsLackedBy(
  snapshot: OpenSnapshot,
): Promise<(column: string, foldsCase: boolean) => boolean> {
  const { columnNames } = await openTable(snapshot.file(snapshotFile.itemTable));
  const folded = columnNames.map(foldName);
  return (column, foldsCase) =>
    foldsCase ? !folded.includes(foldName(column)) : !columnNames.includes(column);
}
