import { execFileSync, spawn } from 'node:child_process';
import { EventEmitter, getEventListeners } from 'node:events';
import { closeSync, constants, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import type { Worker } from 'node:worker_threads';
import type { FastifyReply } from 'fastify';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AppError, exitCodes } from '#dist/core/errors.js';
import { followCurrent } from '#dist/core/publishing/follow-current.js';
import { openReader, type Reader } from '#dist/core/library.js';
import { Admission } from '#dist/core/serve/admission.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { inFullTest } from '../../helpers/full-tests.js';
import { makeMatrixSnapshot } from '../../helpers/matrix-snapshot.js';
import { idOf, makeReaderRoot, numItems } from '../../helpers/reader-root.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { withoutSharedMemory, type Folder } from '../../helpers/trained-root.js';

useCanaryHere();
const newDirectory = temporaryDirectories();

let folder: Folder;
let root: string;
let first: string;
let second: string;
/** With one worker, for what leaves it as it was. */
let reader: Reader;
beforeAll(async () => {
  ({ folder, root, first, second } = await makeReaderRoot());
  ({ reader } = await open(1));
});
afterAll(async () => {
  await reader.close();
  folder.remove();
});

const near = { items: [idOf(1)], k: 3 };
const someone = { users: ['user-3'], k: 3 };
/** A question that takes as long as so many searches do. */
const longOne = (searches = 2000) => ({ ...someone, users: Array<string>(searches).fill('user-3') });

function newFifo(): string {
  const path = join(newDirectory(), 'fifo');
  execFileSync('mkfifo', [path]);
  return path;
}

/** The threads that are started while `work` runs. */
async function threadsOf<T>(work: () => Promise<T>): Promise<{ result: T; workers: Worker[] }> {
  const started: Worker[] = [];
  const onWorker = (worker: Worker): number => started.push(worker);
  process.on('worker', onWorker);
  try {
    const result = await work();
    // A thread is announced after it was made.
    await setImmediate();
    return { result, workers: started };
  } finally {
    process.off('worker', onWorker);
  }
}

/** A reader, and its threads that answer: the first that it starts keeps the memory. */
async function open(workers: number): Promise<{ reader: Reader; threads: Worker[] }> {
  const { result, workers: started } = await threadsOf(() =>
    openReader(root, first, listening(), { workers }),
  );
  return { reader: result, threads: started.slice(1) };
}

/** A FIFO, open for writing, as soon as somebody reads it; it never ends for whoever does. */
async function whenRead(fifo: string): Promise<number> {
  for (;;) {
    try {
      const refusedUnlessRead = openSync(fifo, constants.O_WRONLY | constants.O_NONBLOCK);
      const writer = openSync(fifo, 'r+');
      closeSync(refusedUnlessRead);
      return writer;
    } catch {
      await setTimeout(1);
    }
  }
}

describe('a reader with workers', () => {
  it('ends a question that is aborted, and answers the next one', async () => {
    const other = await open(1);
    await other.reader.similar(near);
    const [reason, only] = [new AppError('terminated', 'terminated'), newFifo()];
    const [abort, end] = [new AbortController(), new AbortController()];
    const long = reader.recommend({ ...longOne(6000), only }, listening(abort.signal));
    const waiting = reader.recommend(longOne(), listening(abort.signal));
    const next = reader.similar(near);
    const ended = Promise.all([long, waiting].map((one) => expect(one).rejects.toBe(reason)));
    const writer = await whenRead(only);
    // Whoever is not ended is at work for far longer than the other reader is.
    const whole = other.reader.recommend(longOne(2000), listening(end.signal));
    const wholeEnded = expect(whole).rejects.toMatchObject({ code: 'interrupted' });
    writeSync(writer, Array.from({ length: numItems }, (_, at) => `${idOf(at)}\n`).join(''));
    closeSync(writer);
    await setTimeout(50);
    abort.abort(reason);
    await ended;
    expect((await next).neighbours).toHaveLength(3);
    end.abort();
    await wholeEnded;
    await expect(reader.similar(near, listening(abort.signal))).rejects.toBe(reason);
    await other.reader.close();
  });

  it.each(['interrupted', 'deadline-exceeded'])('ends a question that waits for a file: %s', async (code) => {
    const list = newFifo();
    const question = { ...near, only: list };
    // The clock of the deadline alone: all else waits for what happens.
    let passDeadline: () => void = () => undefined;
    const clock = vi.spyOn(globalThis, 'setTimeout').mockImplementation((call) => {
      passDeadline = call;
      return 0 as unknown as NodeJS.Timeout;
    });
    const abort = new AbortController();
    const raw = Object.assign(new EventEmitter(), { writableFinished: false });
    const reply = { raw: raw as unknown as FastifyReply['raw'] } as FastifyReply;
    const admission = new Admission({ mostAtOnce: 1, timeoutMs: 10_000 });
    const waiting =
      code === 'interrupted'
        ? reader.similar(question, listening(abort.signal))
        : admission.within(reply, async (context) => {
            clock.mockRestore();
            return reader.similar(question, context);
          });
    clock.mockRestore();
    const ended = expect(waiting).rejects.toMatchObject({ code });
    const writer = await whenRead(list);
    try {
      writeSync(writer, `${idOf(2)}\n`);
      if (code === 'interrupted') abort.abort();
      else passDeadline();
      await ended;
      const next = reader.similar(near);
      const said: unknown[] = [];
      const answer = next.finally(() => said.push('an answer'));
      // What is being read comes, and the file does not end. One line may come together with the one before.
      while (said.length === 0) {
        writeSync(writer, `${idOf(3)}\n`);
        await setTimeout(5);
      }
      expect((await answer).neighbours).toHaveLength(3);
    } finally {
      closeSync(writer);
    }
  });

  it('listens to a signal once, until all that is asked under it is answered', async () => {
    const { signal } = new AbortController();
    const asked = [near, near, near].map((question) => reader.similar(question, listening(signal)));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await Promise.all(asked);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  it('rejects what a worker had that ended, and answers on with another one', async () => {
    const { reader, threads } = await open(1);
    await reader.similar(near);
    const { result, workers: replaced } = await threadsOf(async () => {
      const lost = reader.recommend(longOne());
      const next = reader.similar(near);
      const ended = expect(lost).rejects.toThrow(
        'a worker of the reader ended before it answered (exit code 1)',
      );
      await threads[0]!.terminate();
      await ended;
      return next;
    });
    expect(result.neighbours).toHaveLength(3);
    expect(replaced).toHaveLength(1);
    await reader.close();
  });

  it.each([
    ['a deadline ends its thread with it', 'TimeoutError', 1],
    ['another abort waits for its end', 'AbortError', 0],
  ])('of a question that never looks up: %s', async (_, name, numReplaced) => {
    const { reader } = await open(1);
    await reader.similar(near);
    const abort = new AbortController();
    // One vector after the other, without a look at whether anyone waits.
    const users = Array<string>(numReplaced === 0 ? 700 : 500_000).fill('user-3');
    const { workers: replaced } = await threadsOf(async () => {
      const endless = reader.userVector({ users }, listening(abort.signal));
      const ended = expect(endless).rejects.toMatchObject({ code: 'interrupted' });
      const next = reader.similar(near);
      await setTimeout(20);
      abort.abort(new DOMException('over', name));
      await ended;
      expect((await next).neighbours).toHaveLength(3);
    });
    expect(replaced).toHaveLength(numReplaced);
    await reader.close();
  });

  it('answers on with other threads where the memory that they share is lost', async () => {
    const { result: reader, workers } = await threadsOf(() =>
      openReader(root, first, listening(), { workers: 1 }),
    );
    const [keeper] = workers;
    const lost = expect(reader.recommend(longOne())).rejects.toThrow('a worker of the reader ended');
    keeper!.emit('error', new Error('no memory'));
    await lost;
    expect((await reader.similar(near)).neighbours).toHaveLength(3);
    await Promise.all([keeper!.terminate(), reader.close()]);
  });

  it('says so where a worker ran out of memory', async () => {
    const { reader, threads } = await open(2);
    const lost = [reader.recommend(longOne()), reader.recommend(longOne())];
    const failed = Promise.all(
      lost.map((one) =>
        expect(one).rejects.toMatchObject({ code: 'out-of-memory', exitCode: exitCodes.machineRefused }),
      ),
    );
    for (const worker of threads) {
      const code = 'ERR_WORKER_OUT_OF_MEMORY';
      worker.emit('error', Object.assign(new Error('reached its limit'), { code }));
      await worker.terminate();
    }
    await failed;
    expect((await reader.similar(near)).neighbours).toHaveLength(3);
    await reader.close();
  });

  it('rejects with what onProgress throws, and with what no message can carry', async () => {
    const onProgress = (): never => {
      throw new Error('the screen is gone');
    };
    // Nothing that the stranger likes is known, which is told.
    const stranger = { ...someone, users: [], dislike: [idOf(1)] };
    await expect(reader.recommend(stranger, { ...listening(), onProgress })).rejects.toThrow(
      'the screen is gone',
    );
    // An array as much as any, until it is sent.
    const items = Object.assign([idOf(1)], { each: () => 'x' });
    const uncloneable = { ...near, items };
    const [busy, refused, last] = [near, uncloneable, near].map((question) => reader.similar(question));
    await expect(refused).rejects.toThrow('could not be cloned');
    for (const answer of [busy, last]) expect((await answer)?.neighbours).toHaveLength(3);
  });

  it('refuses what workers cannot do', async () => {
    for (const stdin of [{ vector: '-', items: [] }, { only: '-' }, { excludeFrom: '-' }]) {
      await expect(reader.similar({ ...near, ...stdin })).rejects.toMatchObject({ code: 'bad-usage' });
    }
  });

  it('is swapped for another one without a question that fails', async () => {
    const songs = await followCurrent(
      { root, pollMs: 1_000_000 },
      (snapshot, context) => openReader(root, snapshot, context, { workers: 1 }),
      listening(),
    );
    const seen = new Set<string>();
    let isOver = false;
    const asking = Array.from({ length: 3 }, async () => {
      while (!isOver) {
        const answer = await songs.use((current) => current.similar(near));
        expect(answer.neighbours).toHaveLength(3);
        seen.add(answer.snapshot);
      }
    });
    for (const snapshot of [second, first]) {
      await folder.segue(['publish', snapshot]);
      seen.clear();
      await songs.look();
      // However long the threads of either are not run.
      while (!seen.has(snapshot)) await songs.use((current) => current.similar(near));
    }
    isOver = true;
    await Promise.all(asking);
    await songs.close();
  });

  inFullTest()('holds vectors once, however many workers there are, and gives all back', async () => {
    const large = newDirectory();
    await makeMatrixSnapshot(large, idA, { numItems: 16_384, dim: 1024, clusters: 60 });
    const heldMiB = 64;
    const rssMiB = (): number => process.memoryUsage.rss() / 2 ** 20;
    const descriptors = (): number => readdirSync('/dev/fd').length;
    const before = { mib: rssMiB(), descriptors: descriptors() };
    const mib: number[] = [];
    for (const inMemory of [false, true]) {
      const opened = await openReader(large, idA, listening(), { inMemory, workers: 3 });
      const question = { ...near, items: ['item-7'], exact: true };
      await Promise.all(Array.from({ length: 6 }, () => opened.similar(question)));
      mib.push(rssMiB());
      await opened.close();
    }
    const [read = NaN, held = NaN] = mib;
    expect(held - read).toBeLessThan(2 * heldMiB);
    expect(rssMiB() - before.mib).toBeLessThan(heldMiB);
    expect(descriptors()).toBe(before.descriptors);
  });

  it.each<[string, string[]]>([
    ['with threads', []],
    ['on the calling thread, where no memory can be shared', withoutSharedMemory],
  ])('lets its process end, closed or left open: %s', async (_, nodeArgs) => {
    const script = `
      const { openReader } = await import(process.argv[2]);
      const context = { signal: new AbortController().signal, onProgress() {} };
      const open = () => openReader(process.argv[3], process.argv[4], context, { workers: 1 });
      const [reader, closed] = [await open(), await open()];
      const { neighbours } = await reader.similar(${JSON.stringify(near)});
      await closed.similar(${JSON.stringify(near)});
      await closed.close();
      console.log(neighbours.length);`;
    const library = new URL('../../../dist/core/library.js', import.meta.url).href;
    const path = join(newDirectory(), 'ask.mjs');
    writeFileSync(path, script);
    const args = [...nodeArgs, path, library, root, first];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], timeout: 900_000 });
    const code = new Promise((resolve) => child.on('exit', resolve));
    expect(await text(child.stdout)).toBe('3\n');
    expect(await code).toBe(0);
  });
});
