import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { npyHeader } from '#dist/core/files/npy.js';
import { openReader } from '#dist/core/library.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { listening } from '../helpers/snapshots.js';
import { makeFolder, type Folder } from '../helpers/trained-root.js';

/** As large as vectors must be for the index to be used: 32 MiB. */
const [numItems, dim] = [8192, 1024];

let folder: Folder;

beforeAll(async () => {
  folder = makeFolder();
  const random = seededRandom(7);
  const centres = Float32Array.from({ length: 64 * dim }, () => random.nextFraction() - 0.5);
  const values = new Float32Array(numItems * dim);
  for (let item = 0; item < numItems; item++) {
    const centre = Math.floor(random.nextFraction() * 64) * dim;
    for (let f = 0; f < dim; f++) values[item * dim + f] = centres[centre + f]! + random.nextFraction() - 0.5;
  }
  writeFileSync(
    join(folder.path, 'items.npy'),
    Buffer.concat([npyHeader('<f4', [numItems, dim]), Buffer.from(values.buffer)]),
  );
  const ids = Array.from({ length: numItems }, (_, item) => `item-${String(item)}\n`);
  writeFileSync(join(folder.path, 'ids.txt'), ids.join(''));
  await folder.json(['import', 'items.npy', '--ids', 'ids.txt', '--measure', 'cosine']);
  await folder.json(['build-index']);
});
afterAll(() => folder.remove());

const everyItem = async (...more: string[]): Promise<readonly Record<string, any>[]> =>
  folder.json(['similar', '--all', '-k', '5', '--format', 'ndjson', ...more]);

it('the neighbours of every item are those that similar gives each of them, by the index and without it', async () => {
  const all = await everyItem();
  expect(all).toHaveLength(numItems);
  expect(all[0]!['search'].method).toBe('ivf');
  for (const item of [0, 17, 8191])
    expect(await folder.json(['similar', `item-${String(item)}`, '-k', '5'])).toEqual([all[item]]);

  // Of few candidates, as long as comparing all with all takes.
  const few = ['--exact', '--only', 'few.txt'];
  writeFileSync(
    join(folder.path, 'few.txt'),
    Array.from({ length: 300 }, (_, at) => `item-${at}\n`).join(''),
  );
  const exact = await everyItem(...few);
  expect(exact[0]!['search']).toMatchObject({ method: 'exact' });
  expect(await folder.json(['similar', 'item-8000', '-k', '5', ...few])).toEqual([exact[8000]]);

  const reader = await openReader(join(folder.path, 'root'), 'latest', listening());
  let found = 0;
  const asked = Array.from({ length: 300 }, (_, at) => 27 * at);
  for (const item of asked) {
    const question = { items: [`item-${item}`], k: 5, exact: true };
    const ids = new Set((await reader.similar(question)).neighbours.map(({ id }) => id));
    found += all[item]!['neighbours'].filter(({ id }: { id: string }) => ids.has(id)).length;
  }
  await reader.close();
  expect(found / (5 * asked.length)).toBeGreaterThan(0.9);
});
