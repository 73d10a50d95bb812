import type { StringColumn } from '../contracts.js';
import { gatherUsers } from '../numeric/split-pairs.js';
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
  const none = emptyHistory(numItems);
  const { ids: eventIds, pairs: eventPairs } = events ?? { ids: undefined, pairs: none };
  const ids = new StringColumnBuilder('user ids');
  /** By row: the row of the user's history, or −1. */
  const source: number[] = [];
  const take = (column: StringColumn, row: number, from: number): void => {
    ids.pushBytes(column.bytes, column.offsets[row], column.offsets[row + 1]);
    source.push(from);
  };
  if (imported !== undefined) {
    const rowOf = eventIds === undefined ? undefined : rowFinder(eventIds);
    for (let u = 0; u < imported.length; u++) take(imported, u, rowOf?.(imported, u) ?? -1);
  }
  if (eventIds !== undefined) {
    const isImported = imported === undefined ? undefined : rowFinder(imported);
    for (let u = 0; u < eventIds.length; u++)
      if (isImported?.(eventIds, u) === undefined) take(eventIds, u, u);
  }
  const rows = source.map((row) => Math.max(0, row));
  const pairs = gatherUsers(rows, (at) => ((source[at] ?? -1) < 0 ? none : eventPairs), eventPairs.numItems);
  return { ids: ids.finish(), pairs };
}
