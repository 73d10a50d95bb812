/** An engine that reads events elsewhere, as it would be on this machine: rows in any batches and order, added up in a Map. */
import { readFileSync } from 'node:fs';
import { readEventBatch, type BadRow, type TextColumn } from '#dist/core/events/event-batch.js';
import type { PlannedSource, RemoteCounts, RemoteEvents } from '#dist/core/events/read-elsewhere.js';
import { seededRandom } from '#dist/core/numeric/random.js';

const noTime = -(2 ** 63);

interface Sums {
  readonly user: string;
  readonly item: string;
  count: number;
  weight: bigint;
  last: number;
  first: number;
  liked: number;
  disliked: number;
  isBanned: boolean;
}

/** @param filter of events, by their weight in units and their time */
export function engineHere(
  seed: number,
  filter: (weight: bigint, time: number) => boolean = () => true,
): RemoteEvents {
  const random = seededRandom(seed);
  const fraction = (): number => random.nextFraction();
  const unused = (): Promise<never> => Promise.reject(new Error('not asked for here'));
  return {
    firstFile(path) {
      const head = readFileSync(path);
      return Promise.resolve({ name: path, gzip: false, bytes: head.length, head });
    },
    columnsOfTable: unused,
    columnsOfParquet: unused,
    count: (sources) => Promise.resolve(countHere(sources, fraction, filter)),
  };
}

function countHere(
  sources: readonly PlannedSource[],
  fraction: () => number,
  filter: (weight: bigint, time: number) => boolean,
): RemoteCounts {
  const sums = new Map<string, Sums>();
  const bad = new Map<string, BadRow & { rows: number }>();
  const rows: number[] = [];
  const skipped: number[] = [];
  for (const source of sources) {
    rows.push(0);
    skipped.push(0);
    for (const batch of batchesOf(source, fraction)) {
      // As it travels.
      const layout = JSON.parse(JSON.stringify(source.layout)) as PlannedSource['layout'];
      const events = readEventBatch({ layout, columns: [columnOf(batch)] });
      for (const row of events.bad) {
        const known = bad.get(row.message) ?? { ...row, rows: 0 };
        bad.set(row.message, { ...known, rows: known.rows + 1 });
        skipped[skipped.length - 1]! += 1;
      }
      for (let at = 0; at < events.types.length; at++) {
        const [weight, time] = [events.weights[at]!, events.times[at]!];
        if (!filter(weight, time)) continue;
        rows[rows.length - 1]! += 1;
        add(sums, textOf(events.users, at), textOf(events.items, at), weight, time, events.types[at]!);
      }
    }
  }
  return counts([...sums.values()], { rows, skipped, bad: [...bad.values()] });
}

function add(
  sums: Map<string, Sums>,
  user: string,
  item: string,
  weight: bigint,
  time: number,
  type: number,
): void {
  const key = JSON.stringify([user, item]);
  const none = {
    user,
    item,
    count: 0,
    weight: 0n,
    last: noTime,
    first: Infinity,
    liked: NaN,
    disliked: NaN,
    isBanned: false,
  };
  const pair = sums.get(key) ?? none;
  const latest = (before: number): number => (Number.isNaN(before) ? time : Math.max(before, time));
  pair.count += 1;
  pair.weight += weight;
  pair.last = Math.max(pair.last, time);
  if (time > noTime) pair.first = Math.min(pair.first, time);
  if (type === 1) pair.liked = latest(pair.liked);
  if (type === 2) pair.disliked = latest(pair.disliked);
  pair.isBanned ||= type === 3;
  sums.set(key, pair);
}

function counts(pairs: readonly Sums[], found: Pick<RemoteCounts, 'rows' | 'skipped' | 'bad'>): RemoteCounts {
  const users = numbered(pairs, 'user');
  const items = numbered(pairs, 'item');
  const sorted = pairs
    .map((pair) => ({ pair, user: users.get(pair.user)!, item: items.get(pair.item)! }))
    .sort((a, b) => a.user - b.user || a.item - b.item);
  const firstAt = Math.min(...pairs.map(({ first }) => first));
  const lastAt = Math.max(...pairs.map(({ last }) => last));
  return {
    ...found,
    totals: {
      ...{ users: users.size, items: items.size, pairs: pairs.length },
      events: pairs.reduce((sum, { count }) => sum + count, 0),
      ...{ firstAt: Number.isFinite(firstAt) ? firstAt : null, lastAt: lastAt > noTime ? lastAt : null },
    },
    async *runs() {
      await Promise.resolve();
      for (const kind of ['users', 'items'] as const) {
        const ids = [...(kind === 'users' ? users : items).keys()];
        for (let at = 0; at < ids.length; at += 7) yield { kind, ...columnOf(ids.slice(at, at + 7)) };
      }
      for (let at = 0; at < sorted.length; at += 5) {
        const run = sorted.slice(at, at + 5);
        yield {
          kind: 'pairs',
          user: Uint32Array.from(run, ({ user }) => user),
          item: Uint32Array.from(run, ({ item }) => item),
          count: Uint32Array.from(run, ({ pair }) => pair.count),
          weight: BigInt64Array.from(run, ({ pair }) => pair.weight),
          lastAt: Float64Array.from(run, ({ pair }) => pair.last),
          flags: Uint8Array.from(run, ({ pair: { liked, disliked, isBanned } }) => {
            const isPreferred = Number.isNaN(disliked) || disliked < liked;
            return (isPreferred ? 1 : 0) | (isBanned ? 2 : 0);
          }),
        };
      }
    },
  };
}

/** Rows by (events descending, id bytes ascending). */
function numbered(pairs: readonly Sums[], side: 'user' | 'item'): Map<string, number> {
  const events = new Map<string, number>();
  for (const pair of pairs) events.set(pair[side], (events.get(pair[side]) ?? 0) + pair.count);
  const ids = [...events].sort(([a, n], [b, m]) => m - n || Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return new Map(ids.map(([id], row) => [id, row]));
}

/** Lines of the file in a random order, some at a time. */
function batchesOf(source: PlannedSource, fraction: () => number): string[][] {
  const text = 'path' in source ? readFileSync(source.path, 'utf8') : '';
  const lines = text.split('\n').map((line) => ({ line, at: fraction() }));
  const mixed = lines.sort((a, b) => a.at - b.at).map(({ line }) => line);
  const batches: string[][] = [];
  while (mixed.length > 0) batches.push(mixed.splice(0, 1 + Math.floor(fraction() * 9)));
  return batches;
}

function columnOf(texts: readonly string[]): TextColumn {
  const offsets = new Int32Array(texts.length + 1);
  texts.forEach((text, at) => {
    offsets[at + 1] = offsets[at]! + Buffer.byteLength(text);
  });
  return { bytes: Buffer.from(texts.join('')), offsets };
}

function textOf({ bytes, offsets }: TextColumn, row: number): string {
  return bytes.toString('utf8', offsets[row], offsets[row + 1]);
}
