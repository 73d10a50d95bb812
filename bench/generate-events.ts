/**
 * Synthetic listening events at any size, seeded:
 *
 *   node build/bench/generate-events.js --events 10000000 --users 200000 --items 50000 --out events.tsv
 *
 * Items belong to planted clusters; every user likes a few of them and picks from those nine times out of ten. Within a
 * cluster, and over all, popularity follows Zipf's law; how much users listen is lognormal. Rows come in no order, as
 * in a log. Columns: user, item, and with --columns also weight, time, type. `.csv` gives commas, anything else tabs.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { aliasSampler, normalDraw, portableExp, randomFractions } from './seeded-random.js';

export interface EventShape {
  readonly events: number;
  readonly users: number;
  readonly items: number;
  readonly clusters: number;
  /** Clusters that a user likes. */
  readonly tastes: number;
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

  const activity = new Float64Array(shape.users);
  for (let u = 0; u < shape.users; u++) activity[u] = portableExp(normalDraw(fraction));
  const drawUser = aliasSampler(activity, fraction);

  // Item i is in cluster i mod clusters and has popularity 1/(i + 1), so that every cluster has the same profile.
  const clusters = Math.min(shape.clusters, shape.items);
  const drawOfCluster = Array.from({ length: clusters }, (_, c) => {
    const members = new Float64Array(Math.ceil((shape.items - c) / clusters));
    for (let m = 0; m < members.length; m++) members[m] = 1 / (m + 1);
    return aliasSampler(members, fraction);
  });
  const drawItem = aliasSampler(
    Float64Array.from({ length: shape.items }, (_, i) => 1 / (i + 1)),
    fraction,
  );
  const tastes = new Uint32Array(shape.users * shape.tastes);
  for (let t = 0; t < tastes.length; t++) tastes[t] = Math.floor(fraction() * clusters);

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
    const user = drawUser();
    let item: number;
    if (fraction() < 0.9) {
      const cluster = tastes[user * shape.tastes + Math.floor(fraction() * shape.tastes)] ?? 0;
      item = cluster + clusters * (drawOfCluster[cluster]?.() ?? 0);
    } else {
      item = drawItem();
    }
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
        const draw = fraction();
        length += chunk.write(
          draw < 0.97 ? 'play' : draw < 0.985 ? 'like' : draw < 0.995 ? 'dislike' : 'ban',
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
