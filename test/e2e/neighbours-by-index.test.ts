import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { npyHeader } from '#dist/core/files/npy.js';
import { seededRandom } from '#dist/core/numeric/random.js';
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
afterAll(() => {
  folder.remove();
});

const everyItem = async (...more: string[]): Promise<readonly Record<string, any>[]> =>
  folder.json(['similar', '--all', '-k', '5', '--format', 'ndjson', ...more]);

it('the neighbours of every item are those that similar gives each of them, by the index and without it', async () => {
  const all = await everyItem();
  expect(all).toHaveLength(numItems);
  expect(all[0]!['search'].method).toBe('ivf');
  for (const item of [0, 17, 8191])
    expect(await folder.json(['similar', `item-${String(item)}`, '-k', '5'])).toEqual([all[item]]);

  const exact = await everyItem('--exact');
  expect(exact[0]!['search']).toEqual({ method: 'exact' });
  expect(await folder.json(['similar', 'item-17', '-k', '5', '--exact'])).toEqual([exact[17]]);

  const nearest = (answer: Record<string, any>): string[] =>
    answer['neighbours'].map(({ id }: { id: string }) => id);
  const found = exact.map(
    (answer, at) => nearest(answer).filter((id) => nearest(all[at]!).includes(id)).length,
  );
  expect(found.reduce((sum, count) => sum + count, 0) / (5 * numItems)).toBeGreaterThan(0.9);
});
