/**
 * What `items add` takes: new items on a catalogue of artists, albums, genres, years and numbers, with an index. A process each
 * time, its processor time and what passed on the clock, from start to end:
 *
 *   node build/bench/items-add.js [--items 100000] [--added 1000] [--dim 64] [--runs 5] [--threads 2] [--work DIR]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { npyHeader } from '#dist/core/files/npy.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { measuredRun } from './measured-run.js';
import { segue } from './run-segue.js';

const { values } = parseArgs({
  options: {
    items: { type: 'string', default: '100000' },
    added: { type: 'string', default: '1000' },
    dim: { type: 'string', default: '64' },
    runs: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    work: { type: 'string' },
  },
});
const [items, added, dim] = [Number(values.items), Number(values.added), Number(values.dim)];
const work = values.work ?? mkdtempSync(join(tmpdir(), 'items-add-'));
const bin = fileURLToPath(new URL('../../bin/run.js', import.meta.url));
const file = (name: string): string => join(work, name);
const root = ['--root', file('root')];

const random = seededRandom(3);
const genres = ['rock', 'pop', 'jazz', 'folk', 'metal', 'soul', 'punk', 'blues', 'dance', 'world'];
/** Few artists have many songs, most have few. */
const artistOf = Array.from({ length: items + added }, () => Math.floor(8000 * random.nextFraction() ** 3));
const rowOf = (item: number, prefix: string): string => {
  const artist = artistOf[item]!;
  const album = 5 * artist + (item % 5);
  const tags = [...new Set([genres[artist % 10], genres[Math.floor(artist / 10) % 10]])].join('|');
  const year = 1950 + ((7 * artist + (item % 5)) % 75);
  return `${prefix}${item},Song ${item},Artist ${artist},Album ${album},${tags},${year}-0${1 + (item % 9)}-11,${60 + (item % 140)}\n`;
};
const header = 'id,name,artist,album,genre,released,tempo\n';
const rows = (from: number, to: number, prefix: string): string =>
  header + Array.from({ length: to - from }, (_, at) => rowOf(from + at, prefix)).join('');

/** An artist's direction, an album's, and the item's own. */
const noise = (): number => random.nextFraction() + random.nextFraction() - 1;
const directions = Float32Array.from({ length: 8000 * dim }, noise);
const vectors = Float32Array.from(
  { length: items * dim },
  (_, at) => directions[artistOf[Math.floor(at / dim)]! * dim + (at % dim)]! + 0.7 * noise(),
);
writeFileSync(
  file('vectors.npy'),
  [npyHeader('<f4', [items, dim]), vectors]
    .map((part) => Buffer.from(part.buffer))
    .reduce((a, b) => Buffer.concat([a, b])),
);
writeFileSync(file('ids.txt'), Array.from({ length: items }, (_, item) => `i${item}\n`).join(''));
writeFileSync(file('items.csv'), rows(0, items, 'i'));
await segue(['import', file('vectors.npy'), '--ids', file('ids.txt'), '--items', file('items.csv'), ...root]);
const built = await segue(['build-index', ...root]);
for (let run = 0; run < Number(values.runs); run++) {
  writeFileSync(file('new.csv'), rows(items, items + added, `n${run}-`));
  const args = ['items', 'add', file('new.csv'), '--to', String(built.json['snapshot']), '--json'];
  const { seconds, cpuSeconds, peakBytes, stdout } = await measuredRun(bin, [
    ...args,
    ...root,
    '--threads',
    values.threads,
  ]);
  const { added: made, index } = JSON.parse(stdout) as { added: number; index: { recallAt10: number } };
  console.log(
    `${made} items: ${cpuSeconds.toFixed(2)} s of the processor, ${seconds.toFixed(2)} s, ` +
      `${(peakBytes / 2 ** 20).toFixed(0)} MiB; recall@10 ${index.recallAt10.toFixed(3)}`,
  );
}
if (values.work === undefined) rmSync(work, { recursive: true });
