import { afterAll, beforeAll, expect, it } from 'vitest';
import { join } from 'node:path';
import { classicRock, hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';
import trainings from './golden-trainings.json' with { type: 'json' };

/**
 * The bytes of format version 1, on every machine and version of Node. Where a change of the algorithm is meant to change them,
 * its algorithmVersion goes up, and `npx vitest run test/contract -u` writes the new ones down. scripts/compare-nodes.mjs does the
 * same trainings with other versions of Node.
 */
let folder: Folder;
beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => folder.remove());

it('trainings and an index have the bytes that they have always had', async () => {
  for (const { named, options, index } of trainings) {
    await folder.segue([
      'train',
      classicRock.plays,
      ...(named ? ['--items', classicRock.items] : []),
      ...options,
    ]);
    if (index) await folder.segue(['build-index']);
  }
  const hashes = hashesBelow(join(folder.path, 'root/snapshots'));
  expect(Object.keys(hashes).length).toBeGreaterThan(20);
  await expect(`${JSON.stringify(hashes, null, 2)}\n`).toMatchFileSnapshot('golden-v1.json');
});
