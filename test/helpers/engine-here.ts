/**
 * Spark as it reads events, in this process: rows come to tasks in any batches and order, what they split is shuffled in any order, and
 * segue's own worker code adds it up.
 */
import { readFileSync } from 'node:fs';
import type { PlannedSource, RemoteEvents } from '#dist/core/events/elsewhere/read-elsewhere.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { textIn } from '#dist/core/events/elsewhere/blob-arrays.js';
import { eventsBySpark } from '#dist/core/spark/events-by-spark.js';
import type { Frame, Head } from '#dist/core/spark/frames.js';
import { addUpEvents, knownItems } from '#dist/core/events/elsewhere/add-up-events.js';
import { countItems } from '#dist/core/events/elsewhere/count-items.js';
import { EventSplitter, type Split } from '#dist/core/events/elsewhere/event-splitter.js';
import type { EventFilter } from '#dist/core/events/event-filter.js';
import { bytesOf } from '#dist/core/files/npy.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const [itemBlobs, eventBlobs, userBlobs] = [4, 9, 4];

/** @param seed of what is left to chance: parts, batches, how much a splitter holds, and orders */
export function engineHere(seed: number): RemoteEvents {
  const random = seededRandom(seed);
  const upTo = (most: number): number => 1 + Math.floor(random.nextFraction() * most);
  const mixed = <T>(values: readonly T[]): T[] =>
    values
      .map((value) => ({ value, at: random.nextFraction() }))
      .sort((a, b) => a.at - b.at)
      .map(({ value }) => value);
  const parts = upTo(5);
  /** By part, what each splitter has for it. */
  let shuffled: Uint8Array[][][] = [];
  const kept = new Map<string, readonly Uint8Array[]>();

  const split = (source: PlannedSource, at: number, filter: EventFilter): void => {
    // As it travels.
    const layout = JSON.parse(JSON.stringify(source.layout)) as PlannedSource['layout'];
    const job = { source: at, layout, filter, parts };
    const tasks = Array.from({ length: upTo(3) }, () => new EventSplitter(job, upTo(7)));
    const take = (found: Split): void => {
      const rest = [...found.blobs];
      for (const part of found.parts)
        shuffled[part]!.push(rest.splice(0, part < parts ? itemBlobs : eventBlobs));
    };
    const lines = mixed('path' in source ? readFileSync(source.path, 'utf8').split('\n') : []);
    while (lines.length > 0) {
      const { offsets, bytes } = packStrings(lines.splice(0, upTo(9)));
      take(tasks[upTo(tasks.length) - 1]!.add([textIn(bytesOf(offsets), bytes)]));
    }
    for (const task of tasks) take(task.take());
  };
  const partOf = (at: number): Uint8Array[] => mixed(shuffled[at]!).flat();
  const added = ({ part, items }: { part: number; items: string }): Frame => {
    const { blobs, ...head } = addUpEvents(partOf(parts + part), knownItems(kept.get(items)!));
    return { head, blobs };
  };
  const ops: Record<string, (head: Head, blobs: readonly Uint8Array[]) => Frame> = {
    first_file({ path }) {
      const head = readFileSync(String(path));
      return { head: { name: path, gzip: false, bytes: head.length }, blobs: [head] };
    },
    count_items({ sources, filter }) {
      const planned = sources as readonly PlannedSource[];
      shuffled = Array.from({ length: 2 * parts }, () => []);
      for (const [at, source] of planned.entries()) split(source, at, filter as EventFilter);
      const counted = Array.from({ length: parts }, (_, part) => countItems(planned.length, partOf(part)));
      const notes = counted.map(({ notes: each }) => JSON.parse(JSON.stringify(each)) as Head);
      return { head: { parts, notes }, blobs: counted.flatMap(({ blobs }) => blobs) };
    },
    keep({ name }, blobs) {
      kept.set(String(name), blobs);
      return { head: {}, blobs: [] };
    },
    add_up(head) {
      const answer = added(head as { part: number; items: string });
      return { ...answer, blobs: answer.blobs.slice(0, userBlobs) };
    },
    pairs(head) {
      const [items = ''] = kept.keys();
      return { head: {}, blobs: added({ ...(head as { part: number }), items }).blobs.slice(userBlobs) };
    },
    forget: () => ({ head: {}, blobs: [] }),
    forget_events: () => ({ head: {}, blobs: [] }),
    tasks: () => ({ head: { done: 0, total: 0 }, blobs: [] }),
  };
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const ask = (op: string, head: Head, blobs: readonly Uint8Array[] = []): Promise<Frame> =>
    Promise.resolve().then(() => ops[op]!(head, blobs));
  return eventsBySpark(ask, () => 3, context);
}
