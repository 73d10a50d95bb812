/** The thread of a worker that reads and adds up events, with what it is asked by tasks that fail in the middle. */
import { afterEach, describe, expect, it } from 'vitest';
import { bytesOf } from '#dist/core/files/npy.js';
import type { EventLayout } from '#dist/core/events/event-of-record.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { idsIn, textIn, u32In } from '#dist/core/events/elsewhere/blob-arrays.js';
import type { Frame } from '#dist/core/spark/frames.js';
import { EventThread, isOfEvents, KeptItems } from '#dist/core/spark/worker/event-thread.js';
import type { SplitEvents } from '#dist/core/spark/worker-jobs.js';
import { packStrings } from '#dist/core/tables/string-column.js';

const layout: EventLayout = {
  ...{ columns: { user: 0, item: 1 }, joined: {}, weightOptional: false, decimalComma: false },
  ...{ format: 'parquet', names: ['user', 'item'], types: ['VARCHAR', 'VARCHAR'], header: false },
  ...{ file: { name: 'plays.parquet' }, isUnnumbered: true },
};
const job: SplitEvents = { job: 'split-events', source: 0, layout, filter: {}, parts: 1 };

/** Fresh ones each time: they are handed over. */
const blobsOf = (...columns: readonly (readonly string[])[]): Uint8Array[] =>
  columns.flatMap((texts) => {
    const { offsets, bytes } = packStrings(texts);
    return [offsets, bytes].map((array) => bytesOf(array).slice());
  });
const textsIn = (offsets: Uint8Array | undefined, bytes: Uint8Array | undefined): string[] => {
  const column = idsIn(offsets, bytes);
  return Array.from({ length: column.length }, (_, row) => column.at(row));
};

describe('a thread of events', () => {
  const threads: EventThread[] = [];
  const threadOf = (kept = new KeptItems()): EventThread => {
    threads.push(new EventThread(kept));
    return threads.at(-1)!;
  };
  const split = (
    thread: EventThread,
    task: number,
    events: readonly (readonly [string, string])[],
  ): Promise<Frame> => {
    const columns = [events.map(([user]) => user), events.map(([, item]) => item)];
    return thread.answer({ job, task }, blobsOf(...columns));
  };
  const end = (thread: EventThread, task: number): Promise<Frame> =>
    thread.answer({ job, task, isLast: true }, []);

  afterEach(async () => {
    for (const thread of threads.splice(0)) await thread.close();
  });

  it('hands on what a task brought, and nothing of one that failed before its end', async () => {
    const thread = threadOf();
    expect((await split(thread, 1, [['lost', 'x']])).head).toEqual({ parts: [] });
    await split(thread, 2, [['ann', 'y']]);
    await split(thread, 2, [
      ['bob', 'x'],
      ['ann', 'x'],
    ]);
    const { head, blobs } = await end(thread, 2);
    expect(head).toEqual({ parts: [0, 1] });
    expect(textsIn(blobs[0], blobs[1])).toEqual(['y', 'x']);
    expect([...u32In(blobs[2])]).toEqual([1, 2]);
    expect(textsIn(blobs[4], blobs[5])).toEqual(['ann', 'bob']);
  });

  it('adds up by the items that are kept, for which it asks first', async () => {
    const kept = new KeptItems();
    const [thread, other] = [threadOf(kept), threadOf(kept)];
    await split(thread, 1, [
      ['ann', 'x'],
      ['bob', 'y'],
      ['ann', 'x'],
      ['bob', 'x'],
    ]);
    const events = (await end(thread, 1)).blobs.slice(4);
    const items = blobsOf(['y', 'x']);
    const name = sha256Hex(...items);
    const asked = { job: { job: 'add-up-events', items: name }, task: 0 } as const;
    expect((await thread.answer(asked, [])).head).toEqual({ missing: [name] });
    expect((await thread.answer({ ...asked, op: 'missing' }, [])).head).toEqual({ missing: [name] });
    await thread.answer({ ...asked, op: 'keep', name }, items);
    expect((await other.answer({ ...asked, op: 'missing' }, [])).head).toEqual({ missing: [] });
    const { blobs } = await other.answer(asked, events);
    expect(textsIn(blobs[0], blobs[1])).toEqual(['ann', 'bob']);
    expect(blobs.slice(2, 5).map((blob) => [...u32In(blob)])).toEqual([
      [2, 2],
      [1, 2],
      [1, 0, 1],
    ]);
  });

  it('refuses items that arrive damaged, and says which item nobody counted', async () => {
    const thread = threadOf();
    const items = blobsOf(['y']);
    const name = sha256Hex(...items);
    const asked = { job: { job: 'add-up-events', items: name }, task: 0 } as const;
    const damaged = await thread.answer({ ...asked, op: 'keep', name }, blobsOf(['z']));
    expect(damaged.head['failure']).toContain('the items arrived damaged');
    await thread.answer({ ...asked, op: 'keep', name }, items);
    await split(thread, 1, [['ann', 'x']]);
    const { blobs } = await end(thread, 1);
    const { head } = await thread.answer(asked, blobs.slice(4));
    expect(head['failure']).toContain('item "x" was not counted');
  });

  it('knows what is for it', () => {
    expect(isOfEvents({ job })).toBe(true);
    expect(isOfEvents({ job: { job: 'fold-users' } })).toBe(false);
    expect(isOfEvents({})).toBe(false);
  });

  it('reads a column of text over the same memory', () => {
    const [offsets, bytes] = blobsOf(['é', 'b']);
    expect(textIn(offsets, bytes).bytes.toString()).toBe('éb');
  });
});
