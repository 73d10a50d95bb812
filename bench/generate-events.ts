/**
 * Synthetic listening events at any size, seeded:
 *
 *   node build/bench/generate-events.js --events 10000000 --users 200000 --items 50000 --out events.tsv
 *
 * Planted clusters, as planted-events.ts draws them. Rows come in no order, as in a log. Columns: user, item, and with
 * --columns also weight, time, type. `.csv` gives commas, anything else tabs.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { plantedEvents, type PlantedShape } from './planted-events.js';
import { randomFractions } from './seeded-random.js';

export interface EventShape extends PlantedShape {
  readonly events: number;
  readonly seed: number;
  /** Any of 'weight', 'time', 'type', in the order of the columns after user and item. */
  readonly extras: readonly string[];
}

const chunkBytes = 1 << 20;
/** No row is longer: two ids of at most 11 bytes, a weight, a time, a type. */
const rowBytes = 96;
/** 2024-01-01T00:00:00Z in seconds; times fall in the year after it. */
const firstSecond = 1_704_067_200;

/** Writes the file at `path`; returns its size in bytes. */
export function generateEvents(path: string, shape: EventShape): number {
  const fraction = randomFractions(shape.seed);
  const separator = path.endsWith('.csv') ? 44 : 9;

  const draw = plantedEvents(shape, fraction);

  const file = openSync(path, 'w');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let length = chunk.write(
    ['user', 'item', ...shape.extras].join(String.fromCharCode(separator)) + '\n',
    0,
    'latin1',
  );
  let bytes = 0;

  const digits = (value: number): void => {
    let power = 1;
    while (power * 10 <= value) power *= 10;
    for (; power >= 1; power = Math.floor(power / 10))
      chunk[length++] = 48 + (Math.floor(value / power) % 10);
  };
  const flush = (): void => {
    for (let at = 0; at < length;) at += writeSync(file, chunk, at, length - at);
    bytes += length;
    length = 0;
  };

  for (let e = 0; e < shape.events; e++) {
    if (length > chunkBytes - rowBytes) flush();
    const event = draw();
    const item = event % shape.items;
    const user = (event - item) / shape.items;
    chunk[length++] = 117; // u
    digits(user);
    chunk[length++] = separator;
    chunk[length++] = 105; // i
    digits(item);
    for (const extra of shape.extras) {
      chunk[length++] = separator;
      if (extra === 'weight') digits(1 + (Math.floor(1 / (1 - fraction())) % 1000));
      else if (extra === 'time') digits(firstSecond + Math.floor(fraction() * 31_622_400));
      else {
        const kind = fraction();
        length += chunk.write(
          kind < 0.97 ? 'play' : kind < 0.985 ? 'like' : kind < 0.995 ? 'dislike' : 'ban',
          length,
          'latin1',
        );
      }
    }
    chunk[length++] = 10;
  }
  flush();
  closeSync(file);
  return bytes;
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      events: { type: 'string', default: '1000000' },
      users: { type: 'string', default: '20000' },
      items: { type: 'string', default: '10000' },
      clusters: { type: 'string', default: '100' },
      tastes: { type: 'string', default: '3' },
      seed: { type: 'string', default: '42' },
      columns: { type: 'string', default: 'weight' },
    },
  });
  if (values.out === undefined) throw new Error('--out FILE is needed');
  const bytes = generateEvents(values.out, {
    events: Number(values.events),
    users: Number(values.users),
    items: Number(values.items),
    clusters: Number(values.clusters),
    tastes: Number(values.tastes),
    seed: Number(values.seed),
    extras: values.columns.split(',').filter((name) => name !== ''),
  });
  process.stderr.write(`${values.out}: ${values.events} events, ${String(bytes)} bytes\n`);
}
