import { afterAll, beforeAll, expect, it } from 'vitest';
import { join } from 'node:path';
import { classicRock, hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';

/**
 * The bytes of format version 1, on every machine and version of Node. Where a change of the algorithm is meant to change them,
 * its algorithmVersion goes up, and `npx vitest run test/contract -u` writes the new ones down.
 */
let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => {
  folder.remove();
});

it('trainings and an index have the bytes that they have always had', async () => {
  await folder.segue(['train', classicRock.plays, '--items', classicRock.items, '--factors', '16']);
  await folder.segue(['build-index']);
  for (const model of ['ease', 'popularity'])
    await folder.segue(['train', classicRock.plays, '--model', model]);
  const hashes = hashesBelow(join(folder.path, 'root/snapshots'));
  expect(Object.keys(hashes).length).toBeGreaterThan(20);
  await expect(`${JSON.stringify(hashes, null, 2)}\n`).toMatchFileSnapshot('golden-v1.json');
});
