import type { Pairs, StringColumn } from '../contracts.js';
import { gatherUsers } from '../numeric/split-pairs.js';
import { rowFinder } from '../tables/row-finder.js';
import { compareStrings, maxTextBytes, StringColumnBuilder } from '../tables/string-column.js';

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
  const numNew = newIds.length;
  // Tens of millions of users are numbers here, not objects: place p is user p of the new ones, or p − numNew of the others.
  const sideOf = (place: number): { ids: StringColumn; pairs: Pairs; row: number } =>
    place < numNew ? { ids: newIds, pairs: newPairs, row: place } : { ids, pairs, row: place - numNew };
  const isReplaced = rowFinder(newIds);
  const places = new Uint32Array(numNew + ids.length);
  const events = new Float64Array(places.length);
  let numUsers = 0;
  for (let place = 0; place < places.length; place++) {
    const side = sideOf(place);
    if (place >= numNew && isReplaced(ids, side.row) !== undefined) continue;
    places[numUsers++] = place;
    const { indptr, count } = side.pairs;
    for (let p = indptr[side.row]!; p < indptr[side.row + 1]!; p++) events[place]! += count[p]!;
  }
  const order = places.subarray(0, numUsers);
  order.sort((a, b) => {
    if (events[a] !== events[b]) return events[b]! - events[a]!;
    const [one, other] = [sideOf(a), sideOf(b)];
    return compareStrings(one.ids, one.row, other.ids, other.row);
  });

  const inOrder = new StringColumnBuilder(
    'user ids',
    numUsers,
    newIds.bytes.length + ids.bytes.length,
    maxTextBytes,
  );
  for (const place of order) {
    const { ids: column, row } = sideOf(place);
    inOrder.pushBytes(column.bytes, column.offsets[row], column.offsets[row + 1]);
  }
  const rows = order.map((place) => sideOf(place).row);
  const gathered = gatherUsers(rows, (at) => sideOf(order[at]!).pairs, pairs.numItems);
  return { ids: inOrder.finish(), pairs: gathered };
}
