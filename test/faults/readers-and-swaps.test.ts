/** Readers beside a publisher: each of their reads is of one snapshot, and none misses a file. */
import { spawn } from 'node:child_process';
import { expect, it } from 'vitest';
import { replaceSymlink } from '#dist/core/files/durable-write.js';
import { linkTarget, rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { idA, idB, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

interface Counts {
  readonly reads: number;
  readonly mixed: number;
  readonly failed: number;
  readonly lastError: string;
  readonly seen: readonly string[];
}

/**
 * Reads until stdin closes. In snapshot A all numbers are 1, in B all are 2: two files of one read that differ were of
 * two snapshots. `how` chooses between what segue does and the obvious wrong way, which proves that the test can fail.
 */
const reader = `
  import { readFileSync } from 'node:fs';
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  const [root, how] = process.argv.slice(1);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const lastOf = {
    f32: (path) => { const bytes = readFileSync(path); return bytes.readFloatLE(bytes.length - 4); },
    f64: (path) => { const bytes = readFileSync(path); return bytes.readDoubleLE(bytes.length - 8); },
  };
  const counts = { reads: 0, mixed: 0, failed: 0, lastError: '', seen: [] };
  const seen = new Set();
  let open = true;
  process.stdin.on('end', () => (open = false)).resume();
  process.stdout.write('ready');
  while (open) {
    for (let time = 0; time < 50; time++) {
      try {
        const snapshot = how === 'pinned' ? await openForReading(root, 'current', context) : undefined;
        const file = (name) => snapshot?.file(name) ?? root + '/current/' + name;
        const first = lastOf.f32(file('model/item.npy'));
        const second = lastOf.f64(file('model/eigenvalues.npy'));
        snapshot?.close();
        counts.reads++;
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

async function startReader(root: string, how: 'pinned' | 'twice'): Promise<{ stop: () => Promise<Counts> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', reader, root, how], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    stop: async () => {
      child.stdin.end();
      await closed;
      return JSON.parse(text.replace('ready', '')) as Counts;
    },
  };
}

async function readBeside(swaps: number, how: 'pinned' | 'twice', numReaders: number): Promise<Counts[]> {
  const root = temporaryDirectory();
  for (const [id, value] of [
    [idA, 1],
    [idB, 2],
  ] as const) {
    await makeSnapshot(root, id, { value });
    (await openForReading(root, id, listening())).close();
  }
  replaceSymlink(linkTarget(idA), rootPath.current(root));
  const readers = await Promise.all(Array.from({ length: numReaders }, () => startReader(root, how)));
  for (let swap = 0; swap < swaps; swap++) {
    replaceSymlink(linkTarget(swap % 2 === 0 ? idB : idA), rootPath.current(root));
    // As fast as it can, but let the readers run too.
    if (swap % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return Promise.all(readers.map((each) => each.stop()));
}

it('reads nothing mixed and misses nothing, 4 readers beside 2,000 swaps', async () => {
  const counts = await readBeside(2_000, 'pinned', 4);
  for (const each of counts) {
    expect(each).toMatchObject({ mixed: 0, failed: 0, lastError: '' });
    expect(each.reads).toBeGreaterThan(100);
  }
  // Both snapshots were seen, or nothing was swapped under anybody.
  expect(new Set(counts.flatMap(({ seen }) => seen))).toEqual(new Set(['1', '2']));
});

it('would notice: a reader that goes through current for each file mixes them', async () => {
  const counts = await readBeside(4_000, 'twice', 2);
  expect(counts.reduce((sum, { mixed }) => sum + mixed, 0)).toBeGreaterThan(0);
});
