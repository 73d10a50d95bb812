/**
 * A reader that is held open: medians and processor time of one call after the other, and how late the event loop is while
 * several callers ask at once (and while nobody does: what the machine's other work makes of it), on a generated snapshot
 * with an index and users:
 *
 *   node build/bench/reader.js [--items 100000] [--dim 64] [--clusters N] [--norms 0.5] [--seconds 3] [--callers 16]
 *     [--k 10] [--threads 2] [--workers 0] [--root DIR]
 *
 * Vectors are those of generate-vectors.ts (about a hundred items a cluster; --clusters 1 is one wide mixture; --norms 0 gives
 * all items about the same length). --threads is for building the index (target recall .95); the reader answers on --workers
 * threads, without any on the calling one. The snapshot is made below --root (a temporary directory by default) and found again there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openReader } from '#dist/core/library.js';
import { benchContext as context, indexedRoot } from './indexed-root.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    dim: { type: 'string', default: '64' },
    clusters: { type: 'string' },
    norms: { type: 'string', default: '0.5' },
    seconds: { type: 'string', default: '3' },
    callers: { type: 'string', default: '16' },
    k: { type: 'string', default: '10' },
    threads: { type: 'string', default: '2' },
    workers: { type: 'string', default: '0' },
    root: { type: 'string' },
  },
});
const items = Number(values.items);
const seconds = Number(values.seconds);
const k = Number(values.k);
const numUsers = 10_000;
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const folder = values.root ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  await measure(await rootOf());
} finally {
  if (values.root === undefined) rmSync(folder, { recursive: true });
}

async function rootOf(): Promise<string> {
  const { root, index } = await indexedRoot(folder, {
    ...{ items, dim: Number(values.dim), norms: Number(values.norms), users: numUsers },
    clusters: values.clusters === undefined ? undefined : Number(values.clusters),
    threads: Number(values.threads),
  });
  const { lists, probes, recallAt10 } = index;
  say(`${items} items: ${lists} lists, ${probes} probes, recall@10 ${recallAt10.toFixed(4)}`);
  return root;
}

async function measure(root: string): Promise<void> {
  const begin = performance.now();
  const idle = await lateness(() => setTimeout(1000 * seconds));
  say(`nobody asks: the loop is late by ${idle.p99.toFixed(2)} ms at p99, ${idle.most.toFixed(2)} at most`);
  const reader = await openReader(root, 'latest', context, { workers: Number(values.workers) });
  const fraction = randomFractions(7);
  const anItem = (): string => `item-${Math.floor(fraction() * items)}`;
  const similar = () => reader.similar({ items: [anItem()], minus: [], k, kind: 'item', exact: false });
  const recommend = () =>
    reader.recommend({
      ...{ users: [`user-${Math.floor(fraction() * numUsers)}`], like: [], dislike: [] },
      ...{ includeHeard: false, k },
    });
  for (const [name, ask] of [
    ['similar', similar],
    ['recommend', recommend],
  ] as const) {
    const first = performance.now();
    await ask();
    const opened = name === 'similar' ? performance.now() - begin : performance.now() - first;
    const { times, cpu } = await oneByOne(ask);
    const at = (share: number): string => (times[Math.floor(share * times.length)] ?? NaN).toFixed(3);
    const rate = (1000 * times.length) / times.reduce((sum, ms) => sum + ms, 0);
    say(`${name}: first answer after ${opened.toFixed(0)} ms`);
    say(
      `${name}: median ${at(0.5)} ms, p99 ${at(0.99)} ms, ${rate.toFixed(0)} a second; ${cpu.toFixed(0)} µs of CPU each`,
    );
    const { perSecond, p99, most } = await manyCallers(ask);
    say(
      `${name}, ${values.callers} callers: ${perSecond.toFixed(0)} a second; the loop is late by ${p99.toFixed(2)} ms at p99, ${most.toFixed(2)} at most`,
    );
  }
  const mib = Math.round(process.memoryUsage.rss() / 2 ** 20);
  await reader.close();
  say(`${values.workers} workers: ${mib} MiB while it was open`);
}

/** Milliseconds of each call, ascending; and µs of processor time a call, which other load on the machine hardly changes. */
async function oneByOne(ask: () => Promise<unknown>): Promise<{ times: number[]; cpu: number }> {
  const warmUntil = performance.now() + 300;
  while (performance.now() < warmUntil) await ask();
  const times: number[] = [];
  const before = process.cpuUsage();
  const until = performance.now() + 1000 * seconds;
  for (let begin = performance.now(); begin < until;) {
    await ask();
    const end = performance.now();
    times.push(end - begin);
    begin = end;
  }
  const { user, system } = process.cpuUsage(before);
  return { times: times.sort((a, b) => a - b), cpu: (user + system) / times.length };
}

/** Callers that ask again as soon as they have their answer and the loop has turned. */
async function manyCallers(ask: () => Promise<unknown>): Promise<Lateness & { readonly perSecond: number }> {
  let answers = 0;
  const begin = performance.now();
  const until = begin + 1000 * seconds;
  const late = await lateness(() =>
    Promise.all(
      Array.from({ length: Number(values.callers) }, async () => {
        while (performance.now() < until) {
          await ask();
          answers++;
          await setImmediate();
        }
      }),
    ),
  );
  return { ...late, perSecond: (1000 * answers) / (performance.now() - begin) };
}

/** Milliseconds by which turns of the event loop come late. */
interface Lateness {
  readonly p99: number;
  readonly most: number;
}

async function lateness(work: () => Promise<unknown>): Promise<Lateness> {
  const resolution = 1;
  const delay = monitorEventLoopDelay({ resolution });
  delay.enable();
  await work();
  delay.disable();
  // What is measured are the times between two ticks of a timer.
  const late = (ns: number): number => Math.max(0, ns / 1e6 - resolution);
  return { p99: late(delay.percentile(99)), most: late(delay.max) };
}
