/** Files of listening events → what each user did, by ids: for a user's vector, whose model numbers items its own way. */
import type { ReadEventsOptions } from './read-events.js';
import { readInteractions } from './read-events.js';

export interface UserEvents {
  readonly userId: string;
  readonly pairs: readonly ItemEvents[];
}

/** What a user did with one item, added up. */
export interface ItemEvents {
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
export async function readUserEvents(
  options: Omit<ReadEventsOptions, 'minUserItems' | 'minItemUsers'>,
): Promise<{
  readonly users: readonly UserEvents[];
  readonly skippedRows: number;
  readonly numEvents: number;
}> {
  const { interactions, skippedRows } = await readInteractions({
    ...options,
    minUserItems: 1,
    minItemUsers: 1,
  });
  const { users: ids, items, pairs, numEvents } = interactions;
  const users: UserEvents[] = [];
  for (let u = 0; u < ids.length; u++) {
    const own: ItemEvents[] = [];
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) {
      own.push({
        itemId: items.at(pairs.item[p]!),
        weight: pairs.weight[p]!,
        count: pairs.count[p]!,
        lastAt: pairs.lastAt[p]!,
        flags: pairs.flags[p]!,
      });
    }
    users.push({ userId: ids.at(u), pairs: own });
  }
  return { users, skippedRows, numEvents };
}
