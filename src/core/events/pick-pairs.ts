import type { StringColumn } from '../contracts.js';
import { noTime } from '../numeric/pairs.js';
import { pickPlays } from '../numeric/sequences.js';
import { compareStrings, stringsAt } from '../tables/string-column.js';
import type { CountedEvents } from './interactions-hash.js';

/** Some of the pairs of interactions, as if only these had been read. */
export interface PickedPairs {
  readonly events: CountedEvents;
  /** [new users] the row that each had before. */
  readonly userBefore: Uint32Array;
  /** [items before] the row that each has now, or −1 where no pair of it was picked. */
  readonly itemNow: Int32Array;
}

/**
 * The pairs whose mark is `wanted`, with the users and items that they have, numbered anew by (events descending, id
 * bytes ascending). O(nnz log nnz).
 * @param marks [nnz]
 */
export function pickPairs(all: CountedEvents, marks: Uint8Array, wanted: number): PickedPairs {
  const { users, items, pairs } = all;
  const userEvents = new Float64Array(pairs.numUsers);
  const itemEvents = new Float64Array(pairs.numItems);
  let nnz = 0;
  let numEvents = 0;
  for (let u = 0; u < pairs.numUsers; u++) {
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) {
      if (marks[p] !== wanted) continue;
      const count = pairs.count[p]!;
      userEvents[u]! += count;
      itemEvents[pairs.item[p]!]! += count;
      nnz += 1;
      numEvents += count;
    }
  }
  const userOrder = rankedRows(users, userEvents);
  const itemOrder = rankedRows(items, itemEvents);
  const itemNow = new Int32Array(pairs.numItems).fill(-1);
  for (let i = 0; i < itemOrder.length; i++) itemNow[itemOrder[i]!] = i;

  const indptr = new Uint32Array(userOrder.length + 1);
  const item = new Uint32Array(nnz);
  const weight = new BigInt64Array(nnz);
  const count = new Uint32Array(nnz);
  const lastAt = new BigInt64Array(nnz);
  const flags = new Uint8Array(nnz);
  let latest = noTime;
  let at = 0;
  for (let u = 0; u < userOrder.length; u++) {
    const old = userOrder[u]!;
    const positions: number[] = [];
    for (let p = pairs.indptr[old]!; p < pairs.indptr[old + 1]!; p++)
      if (marks[p] === wanted) positions.push(p);
    positions.sort((p, q) => itemNow[pairs.item[p]!]! - itemNow[pairs.item[q]!]!);
    for (const p of positions) {
      item[at] = itemNow[pairs.item[p]!]!;
      weight[at] = pairs.weight[p]!;
      count[at] = pairs.count[p]!;
      lastAt[at] = pairs.lastAt[p]!;
      flags[at] = pairs.flags[p]!;
      if (lastAt[at]! > latest) latest = lastAt[at]!;
      at += 1;
    }
    indptr[u + 1] = at;
  }
  const sequences =
    all.sequences === undefined
      ? undefined
      : { sequences: pickPlays(all.sequences, pairs, (p) => marks[p] === wanted, userOrder, itemNow) };
  return {
    events: {
      users: stringsAt(users, userOrder),
      items: stringsAt(items, itemOrder),
      pairs: {
        numUsers: userOrder.length,
        numItems: itemOrder.length,
        indptr,
        item,
        weight,
        count,
        lastAt,
        flags,
      },
      numEvents,
      ...sequences,
      // What is left of a pair's events does not say when the first was; it stays that of all that were read.
      firstAt: all.firstAt,
      lastAt: latest === noTime || all.lastAt === null ? null : latest,
    },
    userBefore: userOrder,
    itemNow,
  };
}

/** Rows with any events, by (events descending, id bytes ascending). */
function rankedRows(ids: StringColumn, events: Float64Array): Uint32Array {
  const rows = new Uint32Array(events.length);
  let numRows = 0;
  for (let row = 0; row < events.length; row++) if (events[row]! > 0) rows[numRows++] = row;
  return rows.slice(0, numRows).sort((a, b) => events[b]! - events[a]! || compareStrings(ids, a, ids, b));
}
