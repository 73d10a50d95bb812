/**
 * Times the catalogue's store: writing it, a first look-up in a new process (by our reader and by LMDB), and look-ups,
 * misses and searches in a process that goes on:
 *
 *   node build/bench/store.js --items 1000000
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openCatalogue } from '#dist/core/store/catalogue.js';
import type { Catalogue } from '#dist/core/store/catalogue.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { randomFractions } from './seeded-random.js';

const kind = 'item';
const known = 'Smells Like Teen Spirit';
const words =
  'love night day the of you me dance rock blue heart fire rain summer girl boy light road home'.split(' ');

const { values } = parseArgs({ options: { items: { type: 'string', default: '1000000' } } });
const numItems = Number(values.items);
const folder = mkdtempSync(join(tmpdir(), 'segue-bench-'));
try {
  const path = join(folder, 'store.mdb');
  await write(path);
  for (const reader of ['ours', 'lmdb']) firstLookups(path, reader);
  const catalogue = openCatalogue(path);
  lookUps(catalogue);
  catalogue.close();
} finally {
  rmSync(folder, { recursive: true });
}

async function write(path: string): Promise<void> {
  const fraction = randomFractions(42);
  const pick = (below: number): number => Math.floor(fraction() * below);
  const rows = Array.from({ length: numItems }, (_, row) => row);
  const names = rows.map((row) =>
    [...Array.from({ length: 1 + pick(5) }, () => words[pick(words.length)]), row % 7 === 0 ? '' : row].join(
      ' ',
    ),
  );
  names[numItems >>> 1] = known;
  const items = {
    ids: packStrings(rows.map((row) => `track-${pick(1e9).toString(36)}-${row}`)),
    columns: [
      { name: 'name', type: 'text' as const, values: names },
      { name: 'artist', type: 'text' as const, values: rows.map(() => `Artist ${pick(numItems / 10 + 1)}`) },
      {
        name: 'released',
        type: 'int' as const,
        values: rows.map((row) => (row % 3 === 0 ? null : 1950 + pick(70))),
      },
    ],
  };
  const before = process.resourceUsage().maxRSS;
  const start = process.cpuUsage();
  const seconds = await secondsOf(async () => writeCatalogue(path, kind, items));
  const { user, system } = process.cpuUsage(start);
  const grown = (process.resourceUsage().maxRSS - before) / 1024;
  print(
    `write ${numItems} items: ${seconds.toFixed(2)} s (${((user + system) / 1e6).toFixed(2)} s of processor), ` +
      `${mebibytes(statSync(path).size)} MiB, memory + ${grown.toFixed(0)} MiB`,
  );
}

/** Import, open, one find and ten records, in ten new processes: the fastest and the median. */
function firstLookups(path: string, reader: string): void {
  const script = fileURLToPath(new URL('./first-look-up.js', import.meta.url));
  const runs = Array.from({ length: 10 }, () => {
    const output = execFileSync(process.execPath, [script, reader, path, known], { encoding: 'utf8' });
    return output.split(' ').map(Number);
  });
  const column = (index: number): string => {
    const sorted = runs.map((run) => run[index] ?? 0).sort((a, b) => a - b);
    return `${(sorted[0] ?? 0).toFixed(1)} … ${(sorted[5] ?? 0).toFixed(1)} ms`;
  };
  print(`first look-up by ${reader}: ${column(0)}, of processor ${column(1)}`);
}

function lookUps(catalogue: Catalogue): void {
  const fraction = randomFractions(7);
  const row = (): number => Math.floor(fraction() * numItems);
  const count = 100_000;
  let sink = 0;
  const rate = (work: () => void): string => {
    const start = performance.now();
    for (let i = 0; i < count; i++) work();
    return ((count / (performance.now() - start)) * 1000).toFixed(0);
  };
  const ids = Array.from({ length: 1000 }, () => catalogue.record(kind, row()).id);
  const records = rate(() => (sink += catalogue.record(kind, row()).name.length));
  const rows = rate(() => (sink += catalogue.rowOfId(kind, ids[sink % ids.length] ?? '') ?? 0));
  print(`look-ups a second: ${records} records at random, ${rows} ids of a thousand`);

  for (const query of ['smels like teen spirit', 'ten spirit', 'u3']) {
    const ms = millisecondsOf(() => {
      try {
        catalogue.find(kind, query);
      } catch {
        sink += 1;
      }
    });
    print(`miss "${query}": ${ms} ms`);
  }
  for (const text of ['t', 'te', 'teen', 'teen', 'spirit smells', 'l']) {
    print(
      `search "${text}": ${millisecondsOf(() => (sink += catalogue.search(kind, text, { limit: 20 }).length))} ms`,
    );
  }
  print(`(${sink % 10})`);
}

function millisecondsOf(work: () => void): string {
  const start = performance.now();
  work();
  return (performance.now() - start).toFixed(1);
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
