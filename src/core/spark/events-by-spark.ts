/** Events that Spark reads and shuffles (src/spark/segue_events.py), and segue's workers add up. */
import type { TaskContext } from '../contracts.js';
import {
  mergeCounted,
  placePairs,
  type CountedIds,
  type PairBlock,
} from '../events/elsewhere/counted-runs.js';
import type { AddedUp } from '../events/elsewhere/add-up-events.js';
import type { ItemNotes } from '../events/elsewhere/count-items.js';
import { worstOf } from '../events/elsewhere/event-batch.js';
import type {
  AddedUpElsewhere,
  FirstFile,
  NamedColumns,
  RemoteCounts,
  RemoteEvents,
} from '../events/elsewhere/read-elsewhere.js';
import { bytesOf } from '../files/npy.js';
import { sha256Hex } from '../files/sha256.js';
import { i64In, idsIn, u32In } from '../events/elsewhere/blob-arrays.js';
import type { Frame, Head } from './frames.js';
import { inOrder } from './in-order.js';

/** What the driver is asked, and answers. */
export type Request = (op: string, head: Head, blobs?: readonly Uint8Array[]) => Promise<Frame>;

/** How often the driver is asked how far it is. */
const askedMs = 1000;
/** Of a part of items. */
const itemBlobs = 3;

/** @param ahead how many parts should be under way */
export function eventsBySpark(request: Request, ahead: () => number, context: TaskContext): RemoteEvents {
  const columnsOf = async (source: Head): Promise<NamedColumns> => {
    const { head } = await request('columns', { source });
    const { names, types } = head as unknown as NamedColumns;
    return { names, types };
  };
  return {
    async firstFile(path) {
      const { head, blobs } = await request('first_file', { path });
      return { ...(head as unknown as Omit<FirstFile, 'head'>), head: Buffer.from(blobs[0] ?? []) };
    },
    columnsOfTable: (table) => columnsOf({ table }),
    columnsOfParquet: (path) => columnsOf({ path }),
    async count(sources, filter): Promise<RemoteCounts> {
      const counting = request('count_items', { sources, filter });
      const { head, blobs } = await whileTold('reading events', counting, request, context);
      const { parts, notes } = head as unknown as { parts: number; notes: readonly ItemNotes[] };
      const totals = (of: (note: ItemNotes) => readonly number[]): number[] =>
        sources.map((_, source) => notes.reduce((sum, note) => sum + of(note)[source]!, 0));
      return {
        rows: totals(({ rows }) => rows),
        skipped: totals(({ skipped }) => skipped),
        bad: worstOf(notes.flatMap(({ bad }) => bad)),
        titles: {
          titles: notes.reduce((sum, { titles }) => sum + titles.titles, 0),
          shared: notes.flatMap(({ titles }) => titles.shared),
        },
        async addUp() {
          try {
            return await addUp(parts, blobs, request, ahead, context);
          } finally {
            // What went wrong before is what is told.
            await request('forget_events', {}).catch(() => undefined);
          }
        },
      };
    },
  };
}

/** What `asked` resolves with, and until then how many tasks of the stages that run are done. */
async function whileTold<T>(
  phase: string,
  asked: Promise<T>,
  request: Request,
  { onProgress }: TaskContext,
): Promise<T> {
  onProgress({ kind: 'step', phase, done: 0, total: undefined, unit: 'tasks' });
  let isOver = false;
  const tell = async (): Promise<void> => {
    const { head } = await request('tasks', {});
    if (isOver) return;
    const [done, total] = [Number(head['done']), Number(head['total'])];
    onProgress({ kind: 'step', phase, done, total: total === 0 ? undefined : total, unit: 'tasks' });
  };
  // Whoever cannot be asked has failed at what is waited for too.
  const timer = setInterval(() => void tell().catch(() => undefined), askedMs);
  try {
    return await asked;
  } finally {
    isOver = true;
    clearInterval(timer);
  }
}

/** A part of users: with their pairs, and when the first and the last of their events was, in ms. */
interface CountedUsers extends CountedIds {
  readonly pairsOf: Uint32Array;
  readonly firstAt: number | null;
  readonly lastAt: number | null;
  readonly numUntimed: number;
}

async function addUp(
  parts: number,
  itemRuns: readonly Uint8Array[],
  request: Request,
  ahead: () => number,
  { onProgress }: TaskContext,
): Promise<AddedUpElsewhere> {
  const runs: CountedIds[] = [];
  for (let at = 0; at < itemRuns.length; at += itemBlobs)
    runs.push({ ids: idsIn(itemRuns[at], itemRuns[at + 1]), events: u32In(itemRuns[at + 2]) });
  const { ids: items } = mergeCounted(runs, 'item');
  const kept = [items.offsets, items.bytes].map(bytesOf);
  const name = sha256Hex(...kept);
  await request('keep', { name }, kept);
  const step = (phase: string, done: number): void => {
    onProgress({ kind: 'step', phase, done, total: parts, unit: 'parts' });
  };
  const each = <T>(run: (part: number) => Promise<T>): AsyncGenerator<T> =>
    inOrder(Array(parts).keys(), run, ahead);

  const byPart: CountedUsers[] = [];
  step('adding up events', 0);
  for await (const counted of each((part) => usersOf(part, name, request)))
    step('adding up events', byPart.push(counted));
  const users = mergeCounted(byPart, 'user');
  const placed = { rowsOf: users.rowsOf, pairsOf: byPart.map(({ pairsOf }) => pairsOf) };
  async function* blocks(): AsyncGenerator<PairBlock> {
    let done = 0;
    for await (const { blobs } of each((part) => request('pairs', { part }))) {
      yield pairsIn(blobs);
      step('receiving pairs', (done += 1));
    }
  }
  const pairs = await placePairs(placed, blocks(), items.length);
  await request('forget', { names: [name] });
  return {
    ...{ users: users.ids, items, pairs },
    numEvents: byPart.reduce((sum, { events }) => events.reduce((all, more) => all + more, sum), 0),
    firstAt: timeOf(Math.min(...byPart.map(({ firstAt }) => firstAt ?? Infinity))),
    lastAt: timeOf(Math.max(...byPart.map(({ lastAt }) => lastAt ?? -Infinity))),
    numUntimed: byPart.reduce((sum, { numUntimed }) => sum + numUntimed, 0),
  };
}

async function usersOf(part: number, name: string, request: Request): Promise<CountedUsers> {
  const { head, blobs } = await request('add_up', { part, items: name });
  const { firstAt = null, lastAt = null, numUntimed = 0 } = head as Partial<Omit<AddedUp, 'blobs'>>;
  // Of a part without events nothing comes.
  const [offsets = bytesOf(new Int32Array(1)), bytes = new Uint8Array()] = blobs;
  const [events, pairsOf] = [blobs[2], blobs[3]].map((blob = new Uint8Array()) => u32In(blob));
  return { ids: idsIn(offsets, bytes), events: events!, pairsOf: pairsOf!, firstAt, lastAt, numUntimed };
}

function pairsIn(blobs: readonly Uint8Array[]): PairBlock {
  const [item, weight, count, lastAt, flags] = blobs.length === 0 ? nothing : blobs;
  return {
    item: u32In(item),
    weight: i64In(weight),
    count: u32In(count),
    lastAt: i64In(lastAt),
    flags: flags!,
  };
}

const nothing = Array.from({ length: 5 }, () => new Uint8Array());

function timeOf(ms: number): bigint | null {
  return Number.isFinite(ms) ? BigInt(ms) : null;
}
