/**
 * What a filter costs, by the share of the items that it allows: milliseconds of processor time of one query by the exact scan and by
 * the index, from files that are cached, in turns, the median of some queries; recall@10 of the index among what is allowed; and how
 * long a predicate takes over a table of so many items. Filters allow items at random, which is the worst for reading them in runs.
 *
 *   node build/bench/filtered-search.js [--items 1000000] [--dim 64] [--queries 40] [--root DIR]
 *
 * The snapshot is made below --root (a temporary directory by default) and found again there.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { TaskContext } from '#dist/core/contracts.js';
import { rowsWhere } from '#dist/core/query/filters/rows-where.js';
import type { NeighbourSearch } from '#dist/core/search/neighbour-search.js';
import { rowSetOf, type RowSet } from '#dist/core/search/row-set.js';
import { snapshotFile } from '#dist/core/snapshot/layout.js';
import { openItemSearch } from '#dist/core/query/open-item-search.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import { writeMixtureSnapshot } from './generate-vectors.js';
import { randomFractions } from './seeded-random.js';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '1000000' },
    dim: { type: 'string', default: '64' },
    queries: { type: 'string', default: '40' },
    root: { type: 'string' },
  },
});
const items = Number(values.items);
const numQueries = Number(values.queries);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };
const shares = [
  1,
  1 / 2,
  1 / 4,
  1 / 8,
  1 / 16,
  1 / 32,
  1 / 64,
  1 / 128,
  1 / 256,
  1 / 1024,
  1 / 8192,
  3 / items,
];
const predicates = [
  'released >= 1975',
  'released >= 1975 and artist != "artist 7"',
  'artist in ("artist 7", "artist 8") or released between 1960 and 1969',
  'name ~ "99" and artist like "%7"',
];

const folder = values.root ?? mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  await measure(folder);
} finally {
  if (values.root === undefined) rmSync(folder, { recursive: true });
}

async function measure(root: string): Promise<void> {
  mkdirSync(root, { recursive: true });
  if (!readdirSync(root).includes('latest')) await makeSnapshot(root);
  const { lists, probes, recallAt10 } = await buildIndex(
    { root, targetRecall: 0.95, seed: 42, threads: 2 },
    context,
  );
  say(
    `${items} items, ${lists} lists, ${probes} probes, recall@10 ${recallAt10.toFixed(3)} without a filter\n`,
  );
  const snapshot = await openForReading(root, 'latest', context);
  try {
    const open = async (exact: boolean): Promise<NeighbourSearch> =>
      (await openItemSearch(snapshot, { maxK: 10, exact, inMemory: false })).search;
    const [exact, index] = [await open(true), await open(false)];
    say('share allowed   items   exact ms   index ms   recall@10 of the index');
    for (const share of shares) compare(exact, index, share);
    exact.close();
    index.close();
    say('\npredicate: milliseconds of reading the table and of evaluating it, the least of 5');
    for (const predicate of predicates) await evaluate(snapshot.file(snapshotFile.itemTable), predicate);
  } finally {
    snapshot.close();
  }
}

async function makeSnapshot(root: string): Promise<void> {
  const fraction = randomFractions(1);
  const any = <T>(value: () => T): T[] => Array.from({ length: items }, value);
  const shape = { items, dim: Number(values.dim), clusters: Math.ceil(items / 100), spread: 0.7, seed: 42 };
  await writeMixtureSnapshot(root, shape, [
    { name: 'name', type: 'text', values: any(() => `Song ${Math.floor(fraction() * 1e6)} of the night`) },
    { name: 'artist', type: 'text', values: any(() => `artist ${Math.floor(fraction() * 5e4)}`) },
    {
      name: 'released',
      type: 'int',
      values: any(() => (fraction() < 0.05 ? null : 1950 + Math.floor(fraction() * 75))),
    },
  ]);
}

function compare(exact: NeighbourSearch, index: NeighbourSearch, share: number): void {
  const fraction = randomFractions(Math.round(1 / share));
  const among = share === 1 ? undefined : randomRows(share, fraction);
  const count = among?.count ?? items;
  const times: [number[], number[]] = [[], []];
  let [hits, wanted] = [0, 0];
  for (let query = 0; query < numQueries; query++) {
    const row = Math.floor(fraction() * items);
    const vector = exact.vectorOf(row);
    const found = [exact, index].map((search, which) => {
      const begin = process.cpuUsage();
      const ranked = search.best(vector, 10, [row], among);
      const { user, system } = process.cpuUsage(begin);
      times[which]?.push((user + system) / 1000);
      return ranked;
    });
    const last = found[0]?.at(-1)?.score ?? -Infinity;
    wanted += found[0]?.length ?? 0;
    hits += found[1]?.filter(({ score }) => score >= last - 1e-6).length ?? 0;
  }
  const [exactMs, indexMs] = times.map(median);
  say(
    [
      `1/${Math.round(1 / share)}`.padStart(13),
      String(count).padStart(8),
      (exactMs ?? NaN).toFixed(2).padStart(11),
      (indexMs ?? NaN).toFixed(2).padStart(11),
      (hits / wanted).toFixed(3).padStart(11),
    ].join(''),
  );
}

function randomRows(share: number, fraction: () => number): RowSet {
  const rows: number[] = [];
  if (share * items < 10) while (rows.length < share * items) rows.push(Math.floor(fraction() * items));
  else for (let row = 0; row < items; row++) if (fraction() < share) rows.push(row);
  return rowSetOf(items, rows);
}

async function evaluate(table: string, predicate: string): Promise<void> {
  let least = Infinity;
  let count = 0;
  for (let turn = 0; turn < 5; turn++) {
    const begin = process.cpuUsage();
    count = (await rowsWhere(table, predicate, items, 'it')).rows.count;
    const { user, system } = process.cpuUsage(begin);
    least = Math.min(least, (user + system) / 1000);
  }
  say(`${least.toFixed(0).padStart(6)}   ${predicate}: ${count} items`);
}

function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[times.length >>> 1] ?? NaN;
}
