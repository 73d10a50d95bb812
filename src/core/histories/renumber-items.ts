import type { Interactions, Pairs, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { pairsAt } from '../numeric/split-pairs.js';
import type { UserHistories } from './replace-histories.js';

/**
 * Pairs with items numbered as a model numbers them: ascending within a user, those that the model does not know left
 * out.
 * @param rowOf [pairs.numItems] the model's row of each item, −1 for none; no two the same
 */
export function renumberItems(pairs: Pairs, rowOf: Int32Array, numItems: number): Pairs {
  const kept: number[] = [];
  const indptr = new Uint32Array(pairs.numUsers + 1);
  const row = (p: number): number => rowOf[pairs.item[p] ?? 0] ?? -1;
  for (let u = 0; u < pairs.numUsers; u++) {
    const own: number[] = [];
    for (let p = pairs.indptr[u] ?? 0; p < (pairs.indptr[u + 1] ?? 0); p++) if (row(p) >= 0) own.push(p);
    for (const p of own.sort((a, b) => row(a) - row(b))) kept.push(p);
    indptr[u + 1] = kept.length;
  }
  return { ...pairsAt(pairs, kept, indptr), numItems, item: Uint32Array.from(kept, row) };
}

/** A model that events are read for: which row has a vector of theirs, and what to say where none has. */
export interface KnownItems {
  readonly numItems: number;
  /** The row of an item of the events, by its place among them. */
  rowOf(item: number): number | undefined;
  readonly noneKnown: string;
  readonly hint: string;
}

/**
 * Events of the files `where` as histories of a model's items, and a warning with the number of those that it does not
 * know. AppError 'bad-input-file' where it knows none of them.
 */
export function historiesOfKnown(
  { users: ids, items, pairs }: Interactions,
  where: string,
  { numItems, rowOf, noneKnown, hint }: KnownItems,
  { onProgress }: TaskContext,
): UserHistories {
  const rows = Int32Array.from({ length: items.length }, (_, item) => rowOf(item) ?? -1);
  const unknown = rows.filter((row) => row < 0).length;
  if (unknown === items.length) {
    throw new AppError('bad-input-file', `${where}: ${noneKnown}`, {
      suggestions: [`an item of ${where} is ${JSON.stringify(items.at(0))}${hint}`],
    });
  }
  if (unknown > 0) {
    const message = `${String(unknown)} of ${String(items.length)} items in ${where} have no vector and do not count`;
    onProgress({ kind: 'warning', message });
  }
  return { ids, pairs: renumberItems(pairs, rows, numItems) };
}
