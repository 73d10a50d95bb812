/**
 * Events that are followed: how long one takes from its line to its user's vector, whatever the number of users, and how many a
 * second come through a pipe:
 *
 *   node build/bench/follow.js [--users 10000,1000000] [--dim 64] [--events 20] [--rounds 2000] [--root DIR]
 *   node build/bench/follow.js --pipe [--count 1000000] [--active 2000] [--every 100ms] [--root DIR]
 *
 * Snapshots are those of generate-vectors.ts, with as many items as users, 100,000 at least; a user has up to 50 pairs there, and
 * --events more in the state. The first prints the median and p99 of parsing a line and making the vector, everything held, without
 * the fsync. With --pipe, a process of segue reads --count events of --active users, of whom the first have most; what its reader
 * does with the lines is not measured.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TaskContext } from '#dist/core/contracts.js';
import { mostRecentBytes, openLedger } from '#dist/core/ledger/open-ledger.js';
import { parseEventLine } from '#dist/core/realtime/event-line.js';
import { parseLearning } from '#dist/core/realtime/learning.js';
import { openFreshVectors } from '#dist/core/realtime/open-fresh-vectors.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { measuredRun } from './measured-run.js';
import { writeMixtureSnapshot } from './generate-vectors.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    users: { type: 'string', default: '10000,1000000' },
    dim: { type: 'string', default: '64' },
    events: { type: 'string', default: '20' },
    rounds: { type: 'string', default: '2000' },
    pipe: { type: 'boolean', default: false },
    count: { type: 'string', default: '1000000' },
    active: { type: 'string', default: '2000' },
    every: { type: 'string', default: '100ms' },
    root: { type: 'string' },
  },
});
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };
const fraction = randomFractions(7);
const folder = values.root ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  if (values.pipe) await pipe();
  else for (const users of values.users.split(',')) await one(Number(users));
} finally {
  if (values.root === undefined) rmSync(folder, { recursive: true });
}

async function rootOf(users: number): Promise<{ readonly root: string; readonly items: number }> {
  const items = Math.max(users, 100_000);
  const root = join(folder, `follow-${users}-${values.dim}`);
  if (!existsSync(join(root, 'latest'))) {
    mkdirSync(root, { recursive: true });
    const shape = { items, dim: Number(values.dim), clusters: Math.ceil(items / 100), spread: 0.7, seed: 42 };
    await writeMixtureSnapshot(root, shape, [], users);
  }
  return { root, items };
}

function eventOf(users: number, items: number, skew = 1): string {
  const user = `user-${Math.floor(users * fraction() ** skew)}`;
  return JSON.stringify({ user, item: `item-${Math.floor(items * fraction() ** 3)}`, time: Date.now() });
}

/** From a line to a vector, of users at random. */
async function one(users: number): Promise<void> {
  const { root, items } = await rootOf(users);
  const snapshot = await openForReading(root, 'latest', context);
  const state = mkdtempSync(join(folder, 'state-'));
  const ledger = await openLedger(state, context, { mostJournalBytes: mostRecentBytes, isPrivate: true });
  const vectors = await openFreshVectors(snapshot, parseLearning({}));
  const times = { fromMs: 0, untilMs: Infinity, nowMs: Date.now() };
  const taken: number[] = [];
  let offset = 0;
  const entryOf = (text: string) => {
    const entry = parseEventLine({ offset: ++offset, text }, 'bench', times);
    if (typeof entry === 'string') throw new Error(entry);
    if ('leftOut' in entry) throw new Error(entry.leftOut);
    return entry;
  };
  const texts = Array.from({ length: Number(values.rounds) }, () => eventOf(users, items));
  const userOf = (text: string): string => (JSON.parse(text) as { user: string }).user;
  const earlier = (user: string) =>
    Array.from({ length: Number(values.events) - 1 }, () =>
      entryOf(JSON.stringify({ user, item: `item-${Math.floor(items * fraction())}`, time: Date.now() })),
    );
  await ledger.add(texts.flatMap((text) => earlier(userOf(text))));
  // What is read for the first time comes from the disk.
  for (const text of texts) vectors.of(userOf(text), ledger.reader);
  for (const text of texts) {
    const begin = performance.now();
    const entry = entryOf(text);
    const parsed = performance.now();
    await ledger.add([entry]);
    const stored = performance.now();
    vectors.of(entry.user, ledger.reader);
    taken.push(parsed - begin + performance.now() - stored);
  }
  taken.sort((a, b) => a - b);
  const at = (share: number): string => (1000 * taken[Math.floor(share * taken.length)]!).toFixed(0);
  say(`${users} users: ${at(0.5)} µs median, ${at(0.1)} at p10, ${at(0.99)} at p99`);
  vectors.close();
  await ledger.close();
  snapshot.close();
  rmSync(state, { recursive: true });
}

/** Through a pipe, into a process. */
async function pipe(): Promise<void> {
  const active = Number(values.active);
  const { root, items } = await rootOf(Math.max(10_000, Math.min(active, 100_000)));
  const state = mkdtempSync(join(folder, 'state-'));
  const count = Number(values.count);
  const pieces: string[] = [];
  for (let from = 0; from < count; from += 1000)
    pieces.push(Array.from({ length: 1000 }, () => `${eventOf(active, items, 2)}\n`).join(''));
  const args = ['follow', '-', '--stream', 'bench', '--state', state, '--root', root];
  const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
  const run = await measuredRun(bin, [...args, '--every', values.every], pieces);
  const { seconds, cpuSeconds, peakBytes, stdout } = run;
  const rate = (time: number): string => `${Math.round(count / time)} a second`;
  say(`${count} events of ${active} users: ${seconds.toFixed(1)} s, ${rate(seconds)};`);
  say(
    `  ${cpuSeconds.toFixed(1)} s of a processor, ${rate(cpuSeconds)} of it; ${(peakBytes / 2 ** 20).toFixed(0)} MiB;`,
  );
  say(`  ${(count / linesIn(stdout)).toFixed(1)} events a line`);
  rmSync(state, { recursive: true });
}

function linesIn(text: string): number {
  let lines = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines++;
  return lines;
}
