/**
 * How long `segue similar` takes from process start to printed table, on a snapshot of few items and on one of many with an
 * index, in turns with an empty `node -e 0`; and the first read of each, which checks every sum:
 *
 *   node build/bench/similar.js [--small 10000] [--large 1000000] [--turns 15] [--root DIR]
 *   node build/bench/similar.js --crossover     milliseconds of the search alone, exact and by the index, by size
 *
 * Snapshots are made below --root (a temporary directory by default) and found again there.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TaskContext } from '#dist/core/contracts.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import { writeMixtureSnapshot } from './generate-vectors.js';

const { values } = parseArgs({
  options: {
    small: { type: 'string', default: '10000' },
    large: { type: 'string', default: '1000000' },
    turns: { type: 'string', default: '15' },
    root: { type: 'string' },
    crossover: { type: 'boolean', default: false },
  },
});
const segue = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const coldSearch = fileURLToPath(new URL('cold-search.js', import.meta.url));
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };

const folder = values.root ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  if (values.crossover) await crossover([10_000, 30_000, 60_000, 120_000, 250_000]);
  else await compare(Number(values.small), Number(values.large), Number(values.turns));
} finally {
  if (values.root === undefined) rmSync(folder, { recursive: true });
}

/** A root with an indexed snapshot of so many items, which `latest` points to. */
async function rootOf(items: number): Promise<string> {
  const root = join(folder, `items-${String(items)}`);
  mkdirSync(root, { recursive: true });
  if (!readdirSync(root).includes('latest')) {
    const shape = { items, dim: 64, clusters: Math.ceil(items / 100), spread: 0.7, seed: 42 };
    await writeMixtureSnapshot(root, shape);
  }
  const { lists, probes, recallAt10 } = await buildIndex(
    { root, targetRecall: 0.95, seed: 42, threads: 2 },
    context,
  );
  say(`${items} items: ${lists} lists, ${probes} probes, recall@10 ${recallAt10.toFixed(4)}`);
  return root;
}

/** Milliseconds of a process, start to end. */
function timeProcess(args: readonly string[]): number {
  const begin = performance.now();
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  return performance.now() - begin;
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;
}

async function compare(small: number, large: number, turns: number): Promise<void> {
  const roots = [await rootOf(small), await rootOf(large)];
  const similar = (root: string): string[] => [segue, 'similar', 'item-7', '--root', root];
  for (const root of roots) {
    rmSync(join(root, 'stamps'), { recursive: true, force: true });
    say(`${root}, first read: ${timeProcess(similar(root)).toFixed(0)} ms`);
  }
  const times: [number[], number[], number[]] = [[], [], []];
  for (let turn = 0; turn < turns; turn++) {
    times[0].push(timeProcess(['-e', '0']));
    roots.forEach((root, i) => times[i + 1]?.push(timeProcess(similar(root))));
  }
  const [empty, few, many] = times.map(median) as [number, number, number];
  say(`node -e 0: ${empty.toFixed(0)} ms (medians of ${turns} turns)`);
  say(`similar, ${small} items: ${few.toFixed(0)} ms, ${(few / empty).toFixed(2)} × node`);
  say(`similar, ${large} items: ${many.toFixed(0)} ms, ${(many / few).toFixed(2)} × the small one`);
}

async function crossover(sizes: readonly number[]): Promise<void> {
  for (const items of sizes) {
    const root = await rootOf(items);
    const ways = ['exact', 'ivf'].map((way) => {
      const times = Array.from({ length: 15 }, () =>
        Number(execFileSync(process.execPath, [coldSearch, root, way], { encoding: 'utf8' })),
      );
      return `${way} ${Math.min(...times).toFixed(1)} ms`;
    });
    say(`  ${((items * 256) / 2 ** 20).toFixed(0)} MiB: ${ways.join(', ')}`);
  }
}
