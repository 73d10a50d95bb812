/** Pairs that another machine added up, in runs → interactions as they are when this one adds up. */
import type { StringColumn } from '../contracts.js';
import { maxTextBytes, StringColumnBuilder } from '../tables/string-column.js';
import type { CountedEvents } from './interactions-hash.js';
import { requireCountable } from './pair-fold.js';

/** How much there will be. */
export interface CountedTotals {
  readonly users: number;
  readonly items: number;
  /** Distinct pairs. */
  readonly pairs: number;
  readonly events: number;
  /** ms since 1970 UTC; null where no event has a time. */
  readonly firstAt: number | null;
  readonly lastAt: number | null;
}

/** Ids in the order of their rows: UTF-8 end to end, and [ids + 1] offsets from 0. */
export interface IdRun {
  readonly kind: 'users' | 'items';
  readonly offsets: Int32Array;
  readonly bytes: Buffer;
}

/** Pairs in the order of user and item row, each array [pairs]. */
export interface PairRun {
  readonly kind: 'pairs';
  readonly user: Uint32Array;
  readonly item: Uint32Array;
  readonly count: Uint32Array;
  readonly weight: BigInt64Array;
  /** ms, or −2⁶³. */
  readonly lastAt: Float64Array;
  readonly flags: Uint8Array;
}

/** AppErrors 'too-large'; an Error where the runs are not what the totals say. */
export async function countedFromRuns(
  totals: CountedTotals,
  runs: AsyncIterable<IdRun | PairRun>,
): Promise<CountedEvents> {
  const { users: numUsers, items: numItems, pairs: numPairs, events: numEvents } = totals;
  requireCountable(numEvents);
  const ids = {
    users: new StringColumnBuilder('user ids', numUsers, undefined, maxTextBytes),
    items: new StringColumnBuilder('item ids', numItems),
  };
  const pairs = {
    ...{ numUsers, numItems },
    indptr: new Uint32Array(numUsers + 1),
    item: new Uint32Array(numPairs),
    weight: new BigInt64Array(numPairs),
    count: new Uint32Array(numPairs),
    lastAt: new BigInt64Array(numPairs),
    flags: new Uint8Array(numPairs),
  };
  let at = 0;
  for await (const run of runs) {
    if (run.kind !== 'pairs') {
      for (let row = 0; row + 1 < run.offsets.length; row++)
        ids[run.kind].pushBytes(run.bytes, run.offsets[row], run.offsets[row + 1]);
      continue;
    }
    const { length } = run.user;
    if (at + length > numPairs) break;
    pairs.item.set(run.item, at);
    pairs.weight.set(run.weight, at);
    pairs.count.set(run.count, at);
    pairs.flags.set(run.flags, at);
    for (let p = 0; p < length; p++) {
      pairs.indptr[(run.user[p] ?? 0) + 1]! += 1;
      pairs.lastAt[at + p] = BigInt(run.lastAt[p] ?? 0);
    }
    at += length;
  }
  for (let u = 0; u < numUsers; u++) pairs.indptr[u + 1]! += pairs.indptr[u]!;
  const users: StringColumn = ids.users.finish();
  const items: StringColumn = ids.items.finish();
  if (users.length !== numUsers || items.length !== numItems || at !== numPairs) {
    const found = `${users.length} users, ${items.length} items and ${at} pairs`;
    throw new Error(`${found} came, of ${numUsers}, ${numItems} and ${numPairs}`);
  }
  return {
    ...{ users, items, pairs, numEvents },
    firstAt: totals.firstAt === null ? null : BigInt(totals.firstAt),
    lastAt: totals.lastAt === null ? null : BigInt(totals.lastAt),
  };
}
