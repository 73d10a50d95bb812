/**
 * Synthetic interactions as training reads them, in .npy files that NumPy opens too: what bench/train.ts trains on.
 *
 *   node build/bench/planted-pairs.js --size M --out /tmp/pairs-m
 *
 * Events as planted-events.ts draws them, summed by pair; users and items numbered by events descending, as ingest does;
 * a tenth of every user's pairs held out. In the folder: train-indptr.npy u32 [users + 1], train-item.npy u32 [pairs],
 * train-count.npy f32 [pairs] (events of the pair), test-indptr.npy, test-item.npy, and items.npy u32 [1].
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { npyHeader, type NpyDtype } from '#dist/core/files/npy.js';
import { plantedEvents, type PlantedShape } from './planted-events.js';
import { randomFractions } from './seeded-random.js';

/** Events are as many as leave about 1M, 10M and 17M pairs to train on. */
export const plantedSizes = {
  S: { users: 20_000, items: 10_000, events: 1_920_000, clusters: 100, tastes: 3 },
  M: { users: 200_000, items: 50_000, events: 16_400_000, clusters: 200, tastes: 3 },
  L: { users: 358_000, items: 160_000, events: 26_000_000, clusters: 400, tastes: 3 },
} as const;

const heldOutShare = 0.1;

/** The events of an interaction each, ascending by user and item, as user · items + item. */
function drawSorted(shape: PlantedShape, events: number, fraction: () => number): Float64Array {
  const draw = plantedEvents(shape, fraction);
  return Float64Array.from({ length: events }, draw).sort();
}

/** New numbers for 0 … n − 1 by how often `of` names each, descending. */
function byFrequency(n: number, events: Float64Array, of: (event: number) => number): Uint32Array {
  const counts = new Uint32Array(n);
  for (const event of events) {
    const row = of(event);
    counts[row] = (counts[row] ?? 0) + 1;
  }
  const order = Uint32Array.from({ length: n }, (_, row) => row).sort(
    (a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b,
  );
  const numbers = new Uint32Array(n);
  order.forEach((row, number) => (numbers[row] = number));
  return numbers;
}

/** Writes the files into `folder`, which is made. */
export function writePlantedPairs(
  folder: string,
  shape: PlantedShape & { readonly events: number },
  seed: number,
): void {
  const { users, items } = shape;
  const fraction = randomFractions(seed);
  const itemOf = (event: number): number => event % items;
  const userOf = (event: number): number => (event - (event % items)) / items;
  const drawn = drawSorted(shape, shape.events, fraction);
  const userNumbers = byFrequency(users, drawn, userOf);
  const itemNumbers = byFrequency(items, drawn, itemOf);
  const events = drawn
    .map((event) => (userNumbers[userOf(event)] ?? 0) * items + (itemNumbers[itemOf(event)] ?? 0))
    .sort();

  const train = { indptr: new Uint32Array(users + 1), item: [] as number[], count: [] as number[] };
  const test = { indptr: new Uint32Array(users + 1), item: [] as number[] };
  let at = 0;
  for (let u = 0; u < users; u++) {
    const first = train.item.length;
    for (; at < events.length && userOf(events[at] ?? 0) === u;) {
      const event = events[at] ?? 0;
      const start = at;
      while (at < events.length && events[at] === event) at++;
      const last = at === events.length || userOf(events[at] ?? 0) !== u;
      // Never all of a user's pairs: what is listened to is known of everyone.
      if (fraction() < heldOutShare && !(last && train.item.length === first)) test.item.push(itemOf(event));
      else {
        train.item.push(itemOf(event));
        train.count.push(at - start);
      }
    }
    train.indptr[u + 1] = train.item.length;
    test.indptr[u + 1] = test.item.length;
  }

  mkdirSync(folder, { recursive: true });
  const write = (name: string, dtype: NpyDtype, array: Uint32Array | Float32Array): void => {
    const data = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    writeFileSync(join(folder, `${name}.npy`), Buffer.concat([npyHeader(dtype, [array.length]), data]));
  };
  write('train-indptr', '<u4', train.indptr);
  write('train-item', '<u4', Uint32Array.from(train.item));
  write('train-count', '<f4', Float32Array.from(train.count));
  write('test-indptr', '<u4', test.indptr);
  write('test-item', '<u4', Uint32Array.from(test.item));
  write('items', '<u4', Uint32Array.of(items));
  process.stderr.write(
    `${folder}: ${users} users × ${items} items, ${train.item.length} pairs to train on, ${test.item.length} held out\n`,
  );
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({
    options: {
      size: { type: 'string', default: 'S' },
      out: { type: 'string' },
      seed: { type: 'string', default: '1' },
    },
  });
  const { size, out } = values;
  if (out === undefined) throw new Error('--out FOLDER is needed');
  if (size !== 'S' && size !== 'M' && size !== 'L') throw new Error('--size is S, M or L');
  writePlantedPairs(out, plantedSizes[size], Number(values.seed));
}
