import { Buffer } from 'node:buffer';
import type { Pairs, StringColumn } from '../contracts.js';
import { gatherUsers } from '../numeric/split-pairs.js';
import { packStrings } from '../tables/string-column.js';

/** Everyone's histories, by user row. */
export interface UserHistories {
  readonly ids: StringColumn;
  readonly pairs: Pairs;
}

/**
 * Histories with those of some users replaced, and users who were not there added. Users are numbered anew by (events
 * descending, id bytes ascending), as training numbers them.
 * @param newIds the users to replace or add, each once @param newPairs theirs, of the same items
 */
export function replaceHistories(
  ids: StringColumn,
  pairs: Pairs,
  newIds: StringColumn,
  newPairs: Pairs,
): UserHistories {
  interface Slice {
    readonly id: string;
    readonly from: Pairs;
    readonly row: number;
    readonly events: number;
  }
  const sliceOf = (id: string, from: Pairs, row: number): Slice => {
    const count = from.count.subarray(from.indptr[row], from.indptr[row + 1]);
    return { id, from, row, events: count.reduce((total, n) => total + n, 0) };
  };
  const slices = Array.from({ length: newIds.length }, (_, u) => sliceOf(newIds.at(u), newPairs, u));
  const replaced = new Set(slices.map(({ id }) => id));
  for (let u = 0; u < ids.length; u++) {
    const id = ids.at(u);
    if (!replaced.has(id)) slices.push(sliceOf(id, pairs, u));
  }
  slices.sort((a, b) => b.events - a.events || Buffer.compare(Buffer.from(a.id), Buffer.from(b.id)));

  const rows = slices.map(({ row }) => row);
  const gathered = gatherUsers(rows, (at) => slices[at]?.from ?? pairs, pairs.numItems);
  return { ids: packStrings(slices.map(({ id }) => id)), pairs: gathered };
}
