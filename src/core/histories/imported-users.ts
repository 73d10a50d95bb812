import type { Pairs, StringColumn } from '../contracts.js';
import { rowFinder } from '../tables/row-finder.js';
import { StringColumnBuilder } from '../tables/string-column.js';
import { emptyHistory } from './opinions.js';
import type { UserHistories } from './replace-histories.js';

/**
 * Users whose vectors were imported, in their order, and then those whom only events name, in theirs; each with the history
 * that the events give them, which may be none.
 */
export function importedUsers(
  imported: StringColumn | undefined,
  events: UserHistories | undefined,
  numItems: number,
): UserHistories {
  const none = { ids: undefined, pairs: emptyHistory(numItems) };
  const { ids: heardIds, pairs: heard } = events ?? none;
  const ids = new StringColumnBuilder('user ids');
  /** By row: the row of the user's history, or −1. */
  const source: number[] = [];
  const take = (column: StringColumn, row: number, from: number): void => {
    ids.pushBytes(column.bytes, column.offsets[row], column.offsets[row + 1]);
    source.push(from);
  };
  if (imported !== undefined) {
    const rowOf = heardIds === undefined ? undefined : rowFinder(heardIds);
    for (let u = 0; u < imported.length; u++) take(imported, u, rowOf?.(imported, u) ?? -1);
  }
  if (heardIds !== undefined) {
    const isImported = imported === undefined ? undefined : rowFinder(imported);
    for (let u = 0; u < heardIds.length; u++)
      if (isImported?.(heardIds, u) === undefined) take(heardIds, u, u);
  }
  return { ids: ids.finish(), pairs: pairsOf(heard, source) };
}

/** The rows of `pairs` given, in that order; −1 is a row without pairs. */
function pairsOf(pairs: Pairs, rows: readonly number[]): Pairs {
  const boundsOf = (row: number): [number, number] =>
    row < 0 ? [0, 0] : [pairs.indptr[row] ?? 0, pairs.indptr[row + 1] ?? 0];
  const indptr = new Uint32Array(rows.length + 1);
  rows.forEach((row, u) => {
    const [from, to] = boundsOf(row);
    indptr[u + 1] = (indptr[u] ?? 0) + to - from;
  });
  const nnz = indptr[rows.length] ?? 0;
  const result: Pairs = {
    numUsers: rows.length,
    numItems: pairs.numItems,
    indptr,
    item: new Uint32Array(nnz),
    weight: new BigInt64Array(nnz),
    count: new Uint32Array(nnz),
    lastAt: new BigInt64Array(nnz),
    flags: new Uint8Array(nnz),
  };
  rows.forEach((row, u) => {
    const [from, to] = boundsOf(row);
    const at = indptr[u] ?? 0;
    result.item.set(pairs.item.subarray(from, to), at);
    result.weight.set(pairs.weight.subarray(from, to), at);
    result.count.set(pairs.count.subarray(from, to), at);
    result.lastAt.set(pairs.lastAt.subarray(from, to), at);
    result.flags.set(pairs.flags.subarray(from, to), at);
  });
  return result;
}
