/** Readers beside a publisher: each of their reads is of one snapshot, and none misses a file. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readHistory } from '#dist/core/snapshot/publication-log.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing, swapCurrent } from '#dist/core/publishing/swap-current.js';
import { publish } from '#dist/core/tasks/publish.js';
import { rollback } from '#dist/core/tasks/rollback.js';
import { canaryHere } from '../helpers/canary-here.js';
import { idA, idB, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { isNightly } from '../helpers/full-tests.js';

const temporaryDirectory = temporaryDirectories();

interface Counts {
  readonly reads: number;
  /** Of these reads: with lease, manifest and stamp. */
  readonly opened: number;
  readonly mixed: number;
  readonly failed: number;
  readonly lastError: string;
  readonly seen: readonly string[];
}

/**
 * Reads until stdin closes. In snapshot A all numbers are 1, in B all are 2: two files of one read that differ were of
 * two snapshots.
 * Of segue's own reads one in 32 opens the snapshot as every command does; the others only resolve `current` as it
 * does, which is all that decides what they read, and makes a million of them possible.
 */
const readerPrelude = `
  import { closeSync, openSync, readSync, writeSync } from 'node:fs';
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  import { rootPath } from '#dist/core/snapshot/layout.js';
  import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
  const [root, how] = process.argv.slice(1);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const buffer = Buffer.alloc(4096);
  const read = (path) => {
    const fd = openSync(path, 'r');
    const length = readSync(fd, buffer, 0, buffer.length, 0);
    closeSync(fd);
    return length;
  };
  const firstIn = (directory) => buffer.readFloatLE(read(directory + '/model/item.npy') - 4);
  const secondIn = (directory) => buffer.readDoubleLE(read(directory + '/model/eigenvalues.npy') - 8);`;

const reader = `${readerPrelude}
  const counts = { reads: 0, opened: 0, mixed: 0, failed: 0, lastError: '', seen: [] };
  const seen = new Set();
  let open = true;
  process.stdin.on('end', () => (open = false)).resume();
  while (open) {
    process.stdout.write('.');
    for (let time = 0; time < 1024; time++) {
      try {
        const snapshot = time % 32 === 0 ? await openForReading(root, 'current', context) : undefined;
        const directory = snapshot?.path ?? rootPath.snapshot(root, readCurrent(root));
        const [first, second] = [firstIn(directory), secondIn(directory)];
        snapshot?.close();
        counts.reads++;
        if (snapshot !== undefined) counts.opened++;
        if (first !== second) counts.mixed++;
        seen.add(String(first));
      } catch (error) {
        counts.failed++;
        counts.lastError = error.message;
      }
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  counts.seen = [...seen].sort();
  process.stdout.write(JSON.stringify(counts));`;

interface Reader {
  /** Reads that it has told of so far. */
  readonly numReads: () => number;
  stop(): Promise<Counts>;
}

async function startReader(root: string): Promise<Reader> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', reader, root], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    // A dot is written before its reads.
    numReads: () => 1024 * (text.length - 1),
    stop: async () => {
      child.stdin.end();
      await closed;
      return JSON.parse(text.slice(text.indexOf('{'))) as Counts;
    },
  };
}

/** Swaps between A and B under the publish lock, as publishing does. */
function swapOften(root: string, times: number): void {
  const note = { op: 'publish', time: '2026-01-01T00:00:00.000Z', who: 'somebody@test', why: null } as const;
  const lock = lockForPublishing(root);
  for (let time = 0; time < times; time++) {
    const from = readCurrent(root);
    swapCurrent(root, from, from === idA ? idB : idA, note);
  }
  lock.release();
}

/** Two snapshots whose numbers are 1 and 2. */
async function makeRoot(root: string): Promise<void> {
  await makeSnapshot(root, idA, { value: 1 });
  await makeSnapshot(root, idB, { value: 2 });
  for (const id of [idA, idB]) (await openForReading(root, id, listening())).close();
}

/** Swaps until there were so many swaps, and so many reads by each reader. */
async function readBeside(wanted: {
  readonly swaps: number;
  readonly reads: number;
  readonly readers: number;
}): Promise<{ swaps: number; counts: Counts[] }> {
  const root = join(temporaryDirectory(), 'root');
  await makeRoot(root);
  let swaps = 1;
  swapOften(root, 1);
  const readers = await Promise.all(Array.from({ length: wanted.readers }, () => startReader(root)));
  const fewest = (): number => Math.min(...readers.map((each) => each.numReads()));
  while (swaps < wanted.swaps || fewest() < wanted.reads) {
    swapOften(root, 20);
    swaps += 20;
    // The readers get their turn; with a millisecond more the swaps last as long as the reads do.
    await sleep(swaps / wanted.swaps > fewest() / wanted.reads ? 2 : 0);
  }
  // Each has surely read either of them.
  for (let time = 0; time < 2; time++) {
    await readOn(readers);
    swapOften(root, 1);
    swaps++;
  }
  const counts = await Promise.all(readers.map((each) => each.stop()));
  // The history, too, is whole after all of that.
  expect(readHistory(root).at(-1)).toMatchObject({ seq: swaps, phase: 'commit', to: readCurrent(root) });
  return { swaps, counts };
}

/** Until each has ended a round of reads that it began after now. */
async function readOn(readers: readonly Reader[]): Promise<void> {
  const before = readers.map((each) => each.numReads());
  while (readers.some((each, at) => each.numReads() < before[at]! + 2 * 1024)) await sleep(2);
}

const [reads, swaps, numReaders] = isNightly ? [1_000_000, 10_000, 4] : [80_000, 800, 4];

it(`reads nothing mixed and misses nothing, ${reads} reads by ${numReaders} readers beside ${swaps} swaps`, async () => {
  const result = await readBeside({ swaps, reads: reads / numReaders, readers: numReaders });
  expect(result.swaps).toBeGreaterThanOrEqual(swaps);
  expect(result.counts.reduce((sum, each) => sum + each.reads, 0)).toBeGreaterThanOrEqual(reads);
  for (const each of result.counts) {
    expect(each).toMatchObject({ mixed: 0, failed: 0, lastError: '' });
    expect(each.opened).toBeGreaterThanOrEqual(reads / numReaders / 32);
    // Both snapshots were seen, or nothing was swapped under it.
    expect(each.seen).toEqual(['1', '2']);
  }
});

/** Reads two files of what is current, and between them waits for a line on stdin. */
const pausingReader = `${readerPrelude}
  const snapshot = how === 'pinned' ? await openForReading(root, 'current', context) : undefined;
  const directory = snapshot?.path ?? root + '/current';
  const first = firstIn(directory);
  writeSync(1, 'half');
  readSync(0, Buffer.alloc(1));
  writeSync(1, JSON.stringify([first, secondIn(directory)]));
  snapshot?.close();`;

it.each([
  ['twice', [1, 2]],
  ['pinned', [1, 1]],
] as const)(
  'would notice: a reader that goes through current for each file mixes them (%s)',
  async (how, wanted) => {
    const root = join(temporaryDirectory(), 'root');
    await makeRoot(root);
    swapOften(root, 1);
    expect(readCurrent(root)).toBe(idA);
    const child = spawn(process.execPath, ['--input-type=module', '-e', pausingReader, root, how], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const [half] = (await once(child.stdout, 'data')) as [Buffer];
    expect(String(half)).toBe('half');
    swapOften(root, 1);
    child.stdin.end('\n');
    const [both] = (await once(child.stdout, 'data')) as [Buffer];
    expect(JSON.parse(String(both))).toEqual(wanted);
  },
);

it('reads nothing mixed and misses nothing beside rollbacks, back and forth, each verified', async () => {
  const root = temporaryDirectory();
  await makeSnapshot(root, idA, { value: 1 });
  await makeSnapshot(root, idB, { value: 2 });
  for (const snapshot of [idA, idB]) {
    await publish({ root, snapshot, require: [], dryRun: false }, listening());
  }
  const readers = await Promise.all([startReader(root), startReader(root)]);
  await readOn(readers);
  for (let time = 1; time <= 20; time++) {
    const [from, to] = time % 2 === 1 ? [idB, idA] : [idA, idB];
    const rolled = await canaryHere(() => rollback({ root, dryRun: false }, listening()));
    expect(rolled).toMatchObject({ from, rolledBackTo: to });
    if (time === 1) await readOn(readers);
  }
  // Each reader has read after the last of them too.
  await readOn(readers);
  for (const counts of await Promise.all(readers.map((each) => each.stop()))) {
    expect(counts).toMatchObject({ mixed: 0, failed: 0, lastError: '', seen: ['1', '2'] });
    expect(counts.reads).toBeGreaterThan(1000);
  }
  expect(readHistory(root).filter(({ op, phase }) => op === 'rollback' && phase === 'commit')).toHaveLength(
    20,
  );
});
