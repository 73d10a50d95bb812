/**
 * The (k, l)-core of interactions: users with at least minUserItems different items and items with at least
 * minItemUsers different users, each counted within what remains. Leaving out one may take another below its minimum, so
 * it goes on until nothing changes; the result is unique, whatever the order (Seidman 1983).
 */
import type { Pairs, StringColumn } from '../contracts.js';
import { noTime } from '../numeric/pairs.js';
import type { CountedEvents } from './interactions-hash.js';
import { StringColumnBuilder } from '../tables/string-column.js';

/** Users and items that remain are numbered anew by (events descending, id bytes ascending). O(nnz × rounds). */
export function coreFilter(all: CountedEvents, minUserItems: number, minItemUsers: number): CountedEvents {
  if (minUserItems <= 1 && minItemUsers <= 1) return all;
  const { users, items, pairs } = all;
  const kept = survivors(pairs, minUserItems, minItemUsers);
  if (kept === undefined) return all;

  const userEvents = new Float64Array(pairs.numUsers);
  const itemEvents = new Float64Array(pairs.numItems);
  let nnz = 0;
  let numEvents = 0;
  for (let u = 0; u < pairs.numUsers; u++) {
    if (kept.users[u] === 0) continue;
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) {
      const i = pairs.item[p]!;
      if (kept.items[i] === 0) continue;
      const count = pairs.count[p]!;
      userEvents[u]! += count;
      itemEvents[i]! += count;
      nnz += 1;
      numEvents += count;
    }
  }
  const userOrder = rankedRows(users, userEvents);
  const itemOrder = rankedRows(items, itemEvents);
  const newItem = new Uint32Array(pairs.numItems);
  for (let i = 0; i < itemOrder.length; i++) newItem[itemOrder[i]!] = i;

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
    for (let p = pairs.indptr[old]!; p < pairs.indptr[old + 1]!; p++) {
      if (kept.items[pairs.item[p]!] === 1) positions.push(p);
    }
    positions.sort((p, q) => newItem[pairs.item[p]!]! - newItem[pairs.item[q]!]!);
    for (const p of positions) {
      item[at] = newItem[pairs.item[p]!]!;
      weight[at] = pairs.weight[p]!;
      count[at] = pairs.count[p]!;
      lastAt[at] = pairs.lastAt[p]!;
      flags[at] = pairs.flags[p]!;
      if (lastAt[at]! > latest) latest = lastAt[at]!;
      at += 1;
    }
    indptr[u + 1] = at;
  }
  return {
    users: picked(users, userOrder),
    items: picked(items, itemOrder),
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
    // What is left of a pair's events does not say when the first was; it stays that of all that were read.
    firstAt: all.firstAt,
    lastAt: latest === noTime ? null : latest,
  };
}

/** Marks of the users and items that remain; undefined where all do. */
function survivors(
  { numUsers, numItems, indptr, item }: Pairs,
  minUserItems: number,
  minItemUsers: number,
): { users: Uint8Array; items: Uint8Array } | undefined {
  const users = new Uint8Array(numUsers).fill(1);
  const items = new Uint8Array(numItems).fill(1);
  const itemUsers = new Uint32Array(numItems);
  for (let p = 0; p < item.length; p++) itemUsers[item[p]!]! += 1;
  let changed = false;
  for (let again = true; again;) {
    again = false;
    for (let i = 0; i < numItems; i++) {
      if (items[i] === 0 || itemUsers[i]! >= minItemUsers) continue;
      items[i] = 0;
      again = true;
    }
    for (let u = 0; u < numUsers; u++) {
      if (users[u] === 0) continue;
      let degree = 0;
      for (let p = indptr[u]!; p < indptr[u + 1]!; p++) degree += items[item[p]!]!;
      if (degree >= Math.max(minUserItems, 1)) continue;
      users[u] = 0;
      again = true;
      for (let p = indptr[u]!; p < indptr[u + 1]!; p++) itemUsers[item[p]!]! -= 1;
    }
    // An item whose last user left has no event any more, whatever the minimum.
    for (let i = 0; i < numItems; i++) if (itemUsers[i] === 0) items[i] = 0;
    changed ||= again;
  }
  return changed ? { users, items } : undefined;
}

/** Rows with any events, by (events descending, id bytes ascending). */
function rankedRows(ids: StringColumn, events: Float64Array): Uint32Array {
  const rows: number[] = [];
  for (let row = 0; row < events.length; row++) if (events[row]! > 0) rows.push(row);
  const text = Buffer.from(ids.bytes.buffer, ids.bytes.byteOffset, ids.bytes.byteLength);
  rows.sort(
    (a, b) =>
      events[b]! - events[a]! ||
      text.compare(text, ids.offsets[b], ids.offsets[b + 1], ids.offsets[a], ids.offsets[a + 1]),
  );
  return Uint32Array.from(rows);
}

function picked(ids: StringColumn, rows: Uint32Array): StringColumn {
  const builder = new StringColumnBuilder('ids', rows.length);
  for (const row of rows) builder.pushBytes(ids.bytes, ids.offsets[row], ids.offsets[row + 1]);
  return builder.finish();
}
