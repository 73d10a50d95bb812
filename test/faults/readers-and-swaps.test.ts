/** Readers beside a publisher: each of their reads is of one snapshot, and none misses a file. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { readHistory } from '#dist/core/snapshot/history.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing, swapCurrent } from '#dist/core/snapshot/swap-current.js';
import { publish } from '#dist/core/tasks/publish.js';
import { rollback } from '#dist/core/tasks/rollback.js';
import { idA, idB, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

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
 * two snapshots. `how` chooses between what segue does and the obvious wrong way, which proves that the test can fail.
 * Of segue's own reads one in 32 opens the snapshot as every command does; the others only resolve `current` as it
 * does, which is all that decides what they read, and makes a million of them possible.
 */
const reader = `
  import { closeSync, openSync, readSync } from 'node:fs';
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
  const valuesIn = (directory) => [
    buffer.readFloatLE(read(directory + '/model/item.npy') - 4),
    buffer.readDoubleLE(read(directory + '/model/eigenvalues.npy') - 8),
  ];
  const counts = { reads: 0, opened: 0, mixed: 0, failed: 0, lastError: '', seen: [] };
  const seen = new Set();
  let open = true;
  process.stdin.on('end', () => (open = false)).resume();
  while (open) {
    process.stdout.write('.');
    for (let time = 0; time < 1024; time++) {
      try {
        const snapshot = how === 'pinned' && time % 32 === 0 ? await openForReading(root, 'current', context) : undefined;
        const directory = how === 'twice' ? root + '/current' : snapshot?.path ?? rootPath.snapshot(root, readCurrent(root));
        const [first, second] = valuesIn(directory);
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

async function startReader(root: string, how: 'pinned' | 'twice'): Promise<Reader> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', reader, root, how], {
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

/** In memory where it can be: here it is the swaps that matter, and a disk's fsyncs would make them few. */
function swiftDirectory(): string {
  return existsSync('/dev/shm') ? mkdtempSync('/dev/shm/segue-test-') : temporaryDirectory();
}

/** Swaps under the publish lock, as publishing does, until there were so many swaps and so many reads. */
async function readBeside(
  wanted: { readonly swaps: number; readonly reads: number },
  how: 'pinned' | 'twice',
  numReaders: number,
): Promise<{ swaps: number; counts: Counts[] }> {
  const directory = swiftDirectory();
  try {
    const root = join(directory, 'root');
    await makeSnapshot(root, idA, { value: 1 });
    await makeSnapshot(root, idB, { value: 2 });
    for (const id of [idA, idB]) (await openForReading(root, id, listening())).close();
    const note = {
      op: 'publish',
      time: '2026-01-01T00:00:00.000Z',
      who: 'somebody@test',
      why: null,
    } as const;
    let swaps = 0;
    const swapOften = (times: number): void => {
      const lock = lockForPublishing(root);
      for (let time = 0; time < times; time++, swaps++) {
        const from = readCurrent(root);
        swapCurrent(root, from, from === idA ? idB : idA, note);
      }
      lock.release();
    };
    swapOften(1);
    const readers = await Promise.all(Array.from({ length: numReaders }, () => startReader(root, how)));
    const numReads = (): number => readers.reduce((sum, each) => sum + each.numReads(), 0);
    while (swaps < wanted.swaps || numReads() < wanted.reads) {
      swapOften(20);
      // The readers get their turn; with a millisecond more the swaps last as long as the reads do.
      await sleep(swaps / wanted.swaps > numReads() / wanted.reads ? 2 : 0);
    }
    const counts = await Promise.all(readers.map((each) => each.stop()));
    // The history, too, is whole after all of that.
    expect(readHistory(root).at(-1)).toMatchObject({ seq: swaps, phase: 'commit', to: readCurrent(root) });
    return { swaps, counts };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

it('reads nothing mixed and misses nothing, 1,000,000 reads by 4 readers beside 10,000 swaps', async () => {
  const { swaps, counts } = await readBeside({ swaps: 10_000, reads: 1_000_000 }, 'pinned', 4);
  expect(swaps).toBeGreaterThanOrEqual(10_000);
  expect(counts.reduce((sum, { reads }) => sum + reads, 0)).toBeGreaterThanOrEqual(1_000_000);
  for (const each of counts) {
    expect(each).toMatchObject({ mixed: 0, failed: 0, lastError: '' });
    expect(each.opened).toBeGreaterThan(1000);
    // Both snapshots were seen, or nothing was swapped under it.
    expect(each.seen).toEqual(['1', '2']);
  }
}, 300_000);

it('would notice: a reader that goes through current for each file mixes them', async () => {
  const { counts } = await readBeside({ swaps: 2_000, reads: 20_000 }, 'twice', 2);
  expect(counts.reduce((sum, { mixed }) => sum + mixed, 0)).toBeGreaterThan(0);
});

it('reads nothing mixed and misses nothing beside rollbacks, back and forth, each verified', async () => {
  const root = temporaryDirectory();
  await makeSnapshot(root, idA, { value: 1 });
  await makeSnapshot(root, idB, { value: 2 });
  for (const snapshot of [idA, idB]) {
    await publish({ root, snapshot, require: [], dryRun: false }, listening());
  }
  const readers = await Promise.all([startReader(root, 'pinned'), startReader(root, 'pinned')]);
  for (let time = 1; time <= 20; time++) {
    const [from, to] = time % 2 === 1 ? [idB, idA] : [idA, idB];
    expect(await rollback({ root, dryRun: false }, listening())).toMatchObject({ from, rolledBackTo: to });
  }
  // Each reader has read after the last of them too.
  const before = readers.map((each) => each.numReads());
  while (readers.some((each, place) => each.numReads() <= before[place]!)) await sleep(5);
  for (const counts of await Promise.all(readers.map((each) => each.stop()))) {
    expect(counts).toMatchObject({ mixed: 0, failed: 0, lastError: '', seen: ['1', '2'] });
    expect(counts.reads).toBeGreaterThan(1000);
  }
  expect(readHistory(root).filter(({ op, phase }) => op === 'rollback' && phase === 'commit')).toHaveLength(
    20,
  );
}, 300_000);
