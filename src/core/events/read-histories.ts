/** Files of listening events → histories of users, by ids: what a user's vector is made from, apart from any model. */
import type { ReadEventsOptions } from './read-events.js';
import { readInteractions } from './read-events.js';

/** A user's pairs, in the order of item ids by bytes or any other that the events decide. */
export interface UserHistory {
  readonly userId: string;
  readonly pairs: readonly HistoryPair[];
}

export interface HistoryPair {
  readonly itemId: string;
  /** int64 multiple of 1e-9. */
  readonly weight: bigint;
  readonly count: number;
  /** ms since 1970 UTC; `noTime` where none was given. */
  readonly lastAt: bigint;
  /** `preferred`, `banned`. */
  readonly flags: number;
}

/**
 * Reads events as readInteractions does, for as many users as one object a pair is no matter (up to a few million pairs).
 * Users come by (events descending, id bytes ascending); pairs likewise by their items' events.
 */
export async function readHistories(
  options: Omit<ReadEventsOptions, 'minUserItems' | 'minItemUsers'>,
): Promise<{
  readonly histories: readonly UserHistory[];
  readonly skippedRows: number;
  readonly numEvents: number;
}> {
  const { interactions, skippedRows } = await readInteractions({
    ...options,
    minUserItems: 1,
    minItemUsers: 1,
  });
  const { users, items, pairs, numEvents } = interactions;
  const histories: UserHistory[] = [];
  for (let u = 0; u < users.length; u++) {
    const own: HistoryPair[] = [];
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) {
      own.push({
        itemId: items.at(pairs.item[p]!),
        weight: pairs.weight[p]!,
        count: pairs.count[p]!,
        lastAt: pairs.lastAt[p]!,
        flags: pairs.flags[p]!,
      });
    }
    histories.push({ userId: users.at(u), pairs: own });
  }
  return { histories, skippedRows, numEvents };
}
