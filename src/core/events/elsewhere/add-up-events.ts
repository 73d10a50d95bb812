import type { StringColumn } from '../../contracts.js';
import { orderOfCounted } from './counted-runs.js';
import { PairFold, type EventRun } from '../pair-fold.js';
import { bytesOf } from '../../files/npy.js';
import { GrowingIds } from './growing-ids.js';
import { finderIn, numSlots, rowSlots } from '../../tables/row-finder.js';
import { stringColumnFrom, stringsAt } from '../../tables/string-column.js';
import { sharedBytes } from '../../numeric/shared-arrays.js';
import { f64In, idsIn, u32In } from './blob-arrays.js';

/** The items by row, and the table that finds them, in memory that threads may share. */
export interface KnownItems {
  readonly ids: Pick<StringColumn, 'bytes' | 'offsets'>;
  readonly slots: Int32Array;
}

/** @param blobs offsets from 0 and UTF-8, in the order of rows */
export function knownItems(blobs: readonly Uint8Array[]): KnownItems {
  const [offsets, bytes] = blobs.map((blob) => {
    const shared = new Uint8Array(sharedBytes(blob.length));
    shared.set(blob);
    return shared;
  });
  const ids = idsIn(offsets, bytes);
  const slots = rowSlots(ids, new Int32Array(sharedBytes(4 * numSlots(ids.length))));
  return { ids: { bytes: ids.bytes, offsets: ids.offsets }, slots };
}

/** The row of a column's id; undefined where there is none. */
type FindItem = (ids: StringColumn, row: number) => number | undefined;

const blobsEach = 9;

/**
 * A part of events of all splitters → users in the order of their rows (offsets and UTF-8, events u32, pairs u32), and their pairs
 * (item row u32, weight i64, count u32, last time i64, flags u8). AppError 'too-large' where a sum does not fit.
 */
export function addUpEvents(blobs: readonly Uint8Array[], { ids, slots }: KnownItems): AddedUp {
  const events = gather(blobs, finderIn(stringColumnFrom(ids.bytes, ids.offsets), slots));
  const { users, itemRows } = events;
  const counted = { ids: users, events: countsOf(events.user, users.length) };
  const order = orderOfCounted(counted);
  const rankOf = new Uint32Array(users.length);
  for (let rank = 0; rank < order.length; rank++) rankOf[order[rank]!] = rank;
  const ranked = { ...events, user: placed(events.user, rankOf) };
  const byItem = sortedBy(ranked.item, itemRows.length);
  const run = runOf(ranked, sortedBy(ranked.user, users.length, byItem));
  const columns = { weight: true, time: true, type: true };
  const fold = new PairFold(users.length, itemRows.length, run.length, columns);
  fold.push(run);
  const { pairs, firstAt, lastAt, numUntimed } = fold.finish();
  const { indptr, item, weight, count, lastAt: latest, flags } = pairs;
  const { offsets, bytes } = stringsAt(users, order);
  const sizes = order.map((_, rank) => indptr[rank + 1]! - indptr[rank]!);
  const found = [offsets, bytes, placed(order, counted.events), sizes];
  return {
    firstAt: numberOf(firstAt),
    lastAt: numberOf(lastAt),
    numUntimed,
    blobs: [...found, placed(item, itemRows), weight, count, latest, flags].map(bytesOf),
  };
}

/** Times of the first and the last event, in ms; null where none has one. */
export interface AddedUp {
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  /** Events that have no time. */
  readonly numUntimed: number;
  readonly blobs: readonly Uint8Array[];
}

/** A run that has every column. */
interface WholeRun extends EventRun {
  readonly weight: Uint32Array;
  readonly time: Float64Array;
  readonly type: Uint8Array;
}

/** Events of all splitters in no order; user and item of each by index. */
interface Gathered extends WholeRun {
  readonly users: StringColumn;
  /** Ascending. */
  readonly itemRows: Uint32Array;
}

function gather(blobs: readonly Uint8Array[], findItem: FindItem): Gathered {
  const splits = Array.from({ length: blobs.length / blobsEach }, (_, at) =>
    splitOf(blobs.slice(at * blobsEach, (at + 1) * blobsEach), findItem),
  );
  const itemRows = distinct(splits.map(({ itemRows: rows }) => rows));
  const itemOf = new Map(Array.from(itemRows, (row, index) => [row, index]));
  const length = splits.reduce((sum, { user }) => sum + user.length, 0);
  const all = allocateRun(length);
  const users = new GrowingIds();
  let at = 0;
  for (const { users: ids, itemRows: rows, user, item, weight, time, type } of splits) {
    const own = new Uint32Array(ids.length);
    for (let row = 0; row < own.length; row++) own[row] = users.indexOf(ids.at(row));
    const ownItems = rows.map((row) => itemOf.get(row)!);
    for (let e = 0; e < user.length; e++) {
      all.user[at + e] = own[user[e]!]!;
      all.item[at + e] = ownItems[item[e]!]!;
    }
    all.weight.set(weight, 2 * at);
    all.time.set(time, at);
    all.type.set(type, at);
    at += user.length;
  }
  return { ...all, users: users.column(), itemRows };
}

function allocateRun(length: number): WholeRun {
  return {
    length,
    user: new Uint32Array(length),
    item: new Uint32Array(length),
    weight: new Uint32Array(2 * length),
    time: new Float64Array(length),
    type: new Uint8Array(length),
  };
}

function splitOf(blobs: readonly Uint8Array[], findItem: FindItem): Gathered {
  const items = idsIn(blobs[2], blobs[3]);
  const user = u32In(blobs[4]);
  return {
    length: user.length,
    users: idsIn(blobs[0], blobs[1]),
    itemRows: Uint32Array.from({ length: items.length }, (_, row) => {
      const found = findItem(items, row);
      if (found === undefined) throw new Error(`item ${JSON.stringify(items.at(row))} was not counted`);
      return found;
    }),
    user,
    item: u32In(blobs[5]),
    weight: u32In(blobs[6]),
    time: f64In(blobs[7]),
    type: blobs[8]!,
  };
}

function distinct(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const list of lists) {
    all.set(list, at);
    at += list.length;
  }
  return all.sort().filter((row, place) => place === 0 || row !== all[place - 1]);
}

/** What stands in `values` at each of `places`. */
function placed(places: Uint32Array, values: Uint32Array): Uint32Array {
  const found = new Uint32Array(places.length);
  for (let at = 0; at < found.length; at++) found[at] = values[places[at]!]!;
  return found;
}

function countsOf(keys: Uint32Array, numKeys: number): Uint32Array {
  const counts = new Uint32Array(numKeys);
  for (let at = 0; at < keys.length; at++) counts[keys[at]!]! += 1;
  return counts;
}

/** Places by their key, those with the same one in the order that they have before. */
function sortedBy(keys: Uint32Array, numKeys: number, before?: Uint32Array): Uint32Array {
  const next = countsOf(keys, numKeys);
  for (let key = 0, sum = 0; key < numKeys; key++) {
    const count = next[key]!;
    next[key] = sum;
    sum += count;
  }
  const order = new Uint32Array(keys.length);
  for (let at = 0; at < keys.length; at++) {
    const place = before === undefined ? at : before[at]!;
    order[next[keys[place]!]!++] = place;
  }
  return order;
}

function runOf({ user, item, weight, time, type }: Gathered, order: Uint32Array): EventRun {
  const { length } = order;
  const run = allocateRun(length);
  for (let to = 0; to < length; to++) {
    const at = order[to]!;
    run.user[to] = user[at]!;
    run.item[to] = item[at]!;
    run.weight[2 * to] = weight[2 * at]!;
    run.weight[2 * to + 1] = weight[2 * at + 1]!;
    run.time[to] = time[at]!;
    run.type[to] = type[at]!;
  }
  return run;
}

function numberOf(time: bigint | null): number | null {
  return time === null ? null : Number(time);
}
