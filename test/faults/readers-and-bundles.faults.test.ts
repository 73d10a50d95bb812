/** Readers of two names beside a publisher of bundles: what one of them reads under both names was published together. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { bundleOf } from '#dist/core/snapshot/bundle.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { lockForPublishing, swapCurrent } from '#dist/core/publishing/swap-current.js';
import { gc } from '#dist/core/tasks/gc.js';
import { publish } from '#dist/core/tasks/publish.js';
import { canaryHere } from '../helpers/canary-here.js';
import { listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();

interface Counts {
  readonly reads: number;
  readonly apart: number;
  readonly failed: number;
  readonly lastError: string;
  readonly seen: readonly number[];
}

/**
 * Follows what is current until stdin closes. The numbers of the members of one bundle are n and n + 10: any other two do not
 * belong together. Each is read by the path that its own opening gave, some time after the other.
 */
const reader = `
  import { readFileSync } from 'node:fs';
  import { followCurrent } from '#dist/core/publishing/follow-current.js';
  import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
  const [root] = process.argv.slice(1);
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  const counts = { reads: 0, apart: 0, failed: 0, lastError: '' };
  const seen = new Set();
  let open = true;
  process.stdin.on('end', () => (open = false)).resume();
  const numberOf = (snapshot) => readFileSync(snapshot.path + '/model/item.npy').readFloatLE(128);
  const onFailure = (error) => { counts.failed++; counts.lastError = error.message; };
  const follower = await followCurrent({ root, pollMs: 1, onFailure }, async (bundle) => {
    const discover = await openForReading(root, bundle, context, 'discover');
    const radio = await openForReading(root, bundle, context, 'radio');
    return { discover, radio, close() { discover.close(); radio.close(); } };
  }, context);
  while (open) {
    process.stdout.write('.');
    for (let time = 0; time < 64; time++) {
      try {
        await follower.use(async ({ discover, radio }) => {
          const first = numberOf(discover);
          await new Promise((resolve) => setImmediate(resolve));
          if (numberOf(radio) !== first + 10) counts.apart++;
          seen.add(first);
        });
        counts.reads++;
      } catch (error) {
        onFailure(error);
      }
    }
  }
  await follower.close();
  process.stdout.write(JSON.stringify({ ...counts, seen: [...seen].sort() }));`;

async function startReader(root: string): Promise<{ numReads(): number; stop(): Promise<Counts> }> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', reader, root], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  const closed = new Promise((resolve) => child.once('close', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  return {
    numReads: () => 64 * (text.length - 1),
    async stop() {
      child.stdin.end();
      await closed;
      return JSON.parse(text.slice(text.indexOf('{'))) as Counts;
    },
  };
}

const idOf = (number: number): string => number.toString(16).padStart(16, 'a');
const membersOf = (first: number): { discover: string; radio: string } => ({
  discover: idOf(first),
  radio: idOf(first + 10),
});
const bundleId = (first: number): string =>
  bundleOf(Object.entries(membersOf(first)).map(([as, snapshot]) => ({ as, snapshot }))).id;

const given = Number(process.env['SEGUE_TEST_BUNDLE_SWAPS'] ?? Number.NaN);
const swaps = given > 0 ? given : 1000;

it(`reads no two that do not belong together beside ${swaps} swaps of bundles`, async () => {
  const root = join(temporaryDirectory(), 'root');
  const firsts = [1, 2, 3];
  for (const number of firsts.flatMap((first) => [first, first + 10])) {
    await makeSnapshot(root, idOf(number), { value: number });
    (await openForReading(root, idOf(number), listening())).close();
  }
  const publishOne = (first: number): Promise<unknown> =>
    canaryHere(() => publish({ root, members: membersOf(first), require: [], dryRun: false }, listening()));
  for (const first of firsts) await publishOne(first);
  const readers = await Promise.all([startReader(root), startReader(root)]);
  const note = { op: 'publish', time: '2026-01-01T00:00:00.000Z', who: 'tester@host', why: null } as const;
  for (let swap = 0; swap < swaps; swap++) {
    const first = firsts[swap % firsts.length]!;
    // Some by all the steps of publishing, and others by the swap alone, which makes a thousand of them possible.
    if (swap % 20 === 0) await publishOne(first);
    else {
      const lock = lockForPublishing(root);
      swapCurrent(root, readCurrent(root), bundleId(first), note);
      lock.release();
    }
    if (swap % 50 === 7) await gc({ root, keep: 9, dryRun: false }, listening());
    await sleep(2);
  }
  const before = readers.map((each) => each.numReads());
  while (readers.some((each, at) => each.numReads() < before[at]! + 2 * 64)) await sleep(2);
  for (const counts of await Promise.all(readers.map((each) => each.stop()))) {
    expect(counts).toMatchObject({ apart: 0, failed: 0, lastError: '', seen: firsts });
    expect(counts.reads).toBeGreaterThan(swaps);
  }
});

it('would notice: a reader that asks for current twice mixes them', async () => {
  const root = join(temporaryDirectory(), 'root');
  for (const number of [1, 2, 11, 12]) await makeSnapshot(root, idOf(number), { value: number });
  const publishOne = (first: number): Promise<unknown> =>
    canaryHere(() => publish({ root, members: membersOf(first), require: [], dryRun: false }, listening()));
  await publishOne(1);
  const discover = await openForReading(root, 'current', listening(), 'discover');
  await publishOne(2);
  const radio = await openForReading(root, 'current', listening(), 'radio');
  expect([discover.id, radio.id]).toEqual([idOf(1), idOf(12)]);
  for (const snapshot of [discover, radio]) snapshot.close();
});
