/**
 * Answers for everyone, by whole commands from process start to the finished file: `recommend --all` on planted users and items,
 * and `similar --all` on a Gaussian mixture with an index, as NDJSON, Arrow and Parquet:
 *
 *   node build/bench/many.js [--size S,M] [--items 100000,1000000] [--formats ndjson,arrow,parquet] [--rounds 3] [--data DIR]
 *
 * A row a format: the quickest of the rounds in seconds, and the least processor time of all threads; of that, what the search
 * takes (the same blocks found by many-search.ts, written nowhere) and what is left for ids, texts, sums and the file; peak
 * memory of the process; bytes written; answers a second, an answer being one user's or one item's best k. Sizes are those
 * of planted-pairs.ts, 64 dimensions; `--size ''` or `--items ''` leaves one of the two out. --data keeps what was generated.
 */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  closeSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import type { TaskContext } from '#dist/core/contracts.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import { writeMixtureSnapshot } from './generate-vectors.js';
import { measuredRun, type MeasuredRun } from './measured-run.js';
import { plantedSizes } from './planted-pairs.js';
import { plantedFactors, readFactors } from './recommend-factors.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    size: { type: 'string', default: 'S,M' },
    items: { type: 'string', default: '100000,1000000' },
    formats: { type: 'string', default: 'ndjson,arrow,parquet' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    k: { type: 'string', default: '10' },
    data: { type: 'string' },
  },
});
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));
const segue = here('../../bin/run.js');
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const note = (line: string): void => void process.stderr.write(`${line}\n`);
const listed = (names: string): string[] => names.split(',').filter((name) => name !== '');
const dim = 64;

const work = mkdtempSync(join(tmpdir(), 'segue-bench-'));
const data = values.data ?? work;
try {
  say(`k ${values.k}, ${dim} dimensions, ${values.threads} threads, the least of ${values.rounds} rounds`);
  say(rowOf(['', 'format', 's', 'cpu s', 'search', 'writing', 'peak MiB', 'MB', 'answers/s']));
  for (const size of listed(values.size)) {
    if (size !== 'S' && size !== 'M' && size !== 'L') throw new Error(`--size ${size}: wanted S, M or L`);
    const { users, items } = plantedSizes[size];
    await measure('recommend', `${users} users × ${items}`, users, await plantedRoot(size));
  }
  for (const items of listed(values.items).map(Number))
    await measure('similar', `${items} items`, items, await mixtureRoot(items));
} finally {
  rmSync(work, { recursive: true });
}

async function measure(command: string, of: string, answers: number, root: string): Promise<void> {
  const { k, threads } = values;
  const common = ['--root', root, '--threads', threads];
  const run = (format: string): Promise<MeasuredRun> => {
    const out = join(work, `all.${format}`);
    return measuredRun(segue, [command, '--all', '-k', k, ...common, '--out', out, '--force', '--json']);
  };
  const search = (): Promise<MeasuredRun> =>
    measuredRun(here('many-search.js'), [command, '--k', k, ...common]);
  const formats = listed(values.formats);
  const found: MeasuredRun[] = [];
  const runs = formats.map((): MeasuredRun[] => []);
  for (let round = 1; round <= Number(values.rounds); round++) {
    note(`${command} --all, ${of}: round ${round}`);
    found.push(await search());
    for (const [at, format] of formats.entries()) runs[at]?.push(await run(format));
  }
  const searchSeconds = least(found, 'cpuSeconds');
  for (const [at, format] of formats.entries()) {
    const own = runs[at] ?? [];
    const [seconds, cpu] = [least(own, 'seconds'), least(own, 'cpuSeconds')];
    const { bytes } = JSON.parse(own[0]?.stdout ?? '{}') as { readonly bytes: number };
    say(
      rowOf([
        ...[`${command}, ${of}`, format, seconds.toFixed(2), cpu.toFixed(2)],
        ...[searchSeconds.toFixed(2), (cpu - searchSeconds).toFixed(2)],
        (Math.max(...own.map(({ peakBytes }) => peakBytes)) / 2 ** 20).toFixed(0),
        ...[(bytes / 1e6).toFixed(1), String(Math.round(answers / seconds))],
      ]),
    );
  }
}

function least(runs: readonly MeasuredRun[], what: 'seconds' | 'cpuSeconds'): number {
  return Math.min(...runs.map((run) => run[what]));
}

function rowOf([of = '', format = '', ...numbers]: readonly string[]): string {
  return of.padEnd(34) + format.padEnd(8) + numbers.map((text) => text.padStart(10)).join('');
}

/** A root with a snapshot of the planted factors: everyone's vector and what they have heard. */
async function plantedRoot(size: keyof typeof plantedSizes): Promise<string> {
  const root = join(data, `many-${size}`);
  if (existsSync(join(root, 'latest'))) return root;
  const folder = join(data, size);
  await plantedFactors(folder, size, dim);
  const { users, items, indptr, item } = readFactors(folder);
  const [numUsers = 0] = users.shape;
  const [numItems = 0] = items.shape;
  const file = (name: string): string => join(folder, name);
  const lines = (length: number, line: (row: number) => string): string =>
    Array.from({ length }, (_, row) => `${line(row)}\n`).join('');
  writeFileSync(
    file('user-ids.txt'),
    lines(numUsers, (u) => `user-${u}`),
  );
  writeFileSync(
    file('item-ids.txt'),
    lines(numItems, (i) => `item-${i}`),
  );
  writeFileSync(file('items.tsv'), `id\tname\tartist\n${lines(numItems, itemLine)}`);
  const heard = openSync(file('heard.tsv'), 'w');
  writeSync(heard, 'user\titem\n');
  for (let from = 0; from < numUsers; from += 1000) {
    let text = '';
    for (let u = from; u < Math.min(numUsers, from + 1000); u++)
      for (let p = indptr[u] ?? 0; p < (indptr[u + 1] ?? 0); p++) text += `user-${u}\titem-${item[p]}\n`;
    writeSync(heard, text);
  }
  closeSync(heard);
  await measuredRun(segue, [
    ...['import', file('item-factors.npy'), '--ids', file('item-ids.txt'), '--items', file('items.tsv')],
    ...['--user-vectors', file('users.npy'), '--user-ids', file('user-ids.txt')],
    ...['--events', file('heard.tsv'), '--root', root, '--json'],
  ]);
  return root;
}

/** Names and artists as long as they are in catalogues. */
function itemLine(i: number): string {
  return `item-${i}\tSong ${(i * 7919) % 1_000_003} of the night\tartist ${i % 1000}`;
}

/** A root with an indexed snapshot of the mixture that bench/neighbours.ts searches. */
async function mixtureRoot(items: number): Promise<string> {
  const root = join(data, `many-${items}`);
  if (existsSync(join(root, 'latest'))) return root;
  mkdirSync(root, { recursive: true });
  const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };
  const fraction = randomFractions(1);
  const any = (value: () => string): string[] => Array.from({ length: items }, value);
  await writeMixtureSnapshot(root, { items, dim, clusters: Math.ceil(items / 100), spread: 0.7, seed: 42 }, [
    { name: 'name', type: 'text', values: any(() => `Song ${Math.floor(fraction() * 1e6)} of the night`) },
    { name: 'artist', type: 'text', values: any(() => `artist ${Math.floor((fraction() * items) / 20)}`) },
  ]);
  await buildIndex({ root, targetRecall: 0.95, seed: 42, threads: 2 }, context);
  return root;
}
