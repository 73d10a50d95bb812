import type { Interactions } from '#dist/core/contracts.js';
import type { FilesRead } from '#dist/core/events/read-events.js';
import { readInteractions } from '#dist/core/events/read-events.js';
import type { ReadEventsOptions } from '#dist/core/events/read-events.js';

/** An event as a test means it, before it is written into any file. */
export interface PlainEvent {
  readonly user: string;
  readonly item: string;
  /** Units of 1e-9; undefined weighs 1. */
  readonly weight?: bigint;
  /** ms. */
  readonly time?: number;
  readonly type?: 'play' | 'like' | 'dislike' | 'ban';
}

/** A pair as ids and BigInts, the form in which interactions and the oracle are compared. */
export interface PlainPair {
  readonly user: string;
  readonly item: string;
  readonly weight: bigint;
  readonly count: number;
  readonly lastAt: bigint | null;
  readonly disliked: boolean;
  readonly banned: boolean;
}

const noTime = -(2n ** 63n);
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

function ranking(ids: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || byBytes(a, b));
}

/** What reading `events` must give, by the words of the rules and nothing clever. */
export function expectedPairs(events: readonly PlainEvent[]): {
  users: string[];
  items: string[];
  pairs: PlainPair[];
} {
  const users = ranking(events.map(({ user }) => user));
  const items = ranking(events.map(({ item }) => item));
  const pairs: PlainPair[] = [];
  for (const user of users) {
    const own = events.filter((event) => event.user === user);
    const ownItems = new Set(own.map(({ item }) => item));
    for (const item of items.filter((id) => ownItems.has(id))) {
      const all = own.filter((event) => event.item === item);
      const times = all.flatMap(({ time }) => (time === undefined ? [] : [BigInt(time)]));
      const latest = (type: string): number =>
        Math.max(-Infinity, ...all.filter((event) => event.type === type).map(({ time }) => time ?? -1e300));
      pairs.push({
        user,
        item,
        weight: all.reduce(
          (sum, { weight, type }) => sum + (type === 'ban' ? 0n : (weight ?? 1_000_000_000n)),
          0n,
        ),
        count: all.length,
        lastAt: times.length === 0 ? null : times.reduce((a, b) => (a > b ? a : b)),
        disliked: latest('dislike') > -Infinity && latest('dislike') >= latest('like'),
        banned: all.some(({ type }) => type === 'ban'),
      });
    }
  }
  return { users, items, pairs };
}

/** Interactions in the oracle's form. */
export function plainPairs({ users, items, pairs }: Interactions): {
  users: string[];
  items: string[];
  pairs: PlainPair[];
} {
  const plain: PlainPair[] = [];
  for (let u = 0; u < pairs.numUsers; u++) {
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) {
      plain.push({
        user: users.at(u),
        item: items.at(pairs.item[p]!),
        weight: pairs.weight[p]!,
        count: pairs.count[p]!,
        lastAt: pairs.lastAt[p] === noTime ? null : pairs.lastAt[p]!,
        disliked: (pairs.flags[p]! & 1) === 0,
        banned: (pairs.flags[p]! & 2) !== 0,
      });
    }
  }
  return {
    users: Array.from({ length: users.length }, (_, u) => users.at(u)),
    items: Array.from({ length: items.length }, (_, i) => items.at(i)),
    pairs: plain,
  };
}

/** Reads files with the defaults of the command line, on one thread: DuckDB starts sooner so. */
export function readEvents(
  files: string | readonly string[],
  options: Partial<ReadEventsOptions> = {},
): Promise<FilesRead> {
  return readInteractions({
    files: typeof files === 'string' ? [files] : files,
    skipBadRows: false,
    minUserItems: 1,
    minItemUsers: 1,
    threads: 1,
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  });
}

/** The error that a promise ends with. */
export async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown> & Error> {
  try {
    await promise;
  } catch (error) {
    return error as Record<string, unknown> & Error;
  }
  throw new Error('it did not fail');
}
