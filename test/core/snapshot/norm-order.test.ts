import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rootPath, snapshotFile } from '#dist/core/snapshot/layout.js';
import { openItemsByProduct } from '#dist/core/query/open-items-by-product.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { checkNormOrder, hasNormOrder } from '#dist/core/snapshot/norm-order.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { buildIndex } from '#dist/core/tasks/build-index.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { isFullTest } from '../../helpers/full-tests.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const newDirectory = temporaryDirectories('file');
/** More than the 8 MiB of vectors from which the order pays for one query; or than the 16 MiB for many. */
const numItems = isFullTest() ? 4200 : 2100;
const dim = 1024;
let root: string;
let built: string;

beforeAll(async () => {
  root = newDirectory();
  const rows = randomRows(3, 300, dim);
  const items = Array.from(
    { length: numItems },
    (_, i) => [`song-${i}`, ...rows[i % 300]!.map((x) => Math.fround(x / (1 + i / 21)))] as const,
  );
  await makeSmallSnapshot(root, idA, { items });
  const { snapshot } = await buildIndex(
    { root, lists: 8, targetRecall: 0.5, seed: 1, threads: 1 },
    listening(),
  );
  built = snapshot;
});

describe('the order of items in a snapshot', () => {
  const ways = [
    ['read for one query', false],
    ['kept for many', true],
  ] as const;
  it.each(isFullTest() ? ways : ways.slice(0, 1))(
    'gives the answers of a scan without it, %s',
    async (_, inMemory) => {
      const answers: unknown[] = [];
      for (const id of [idA, built]) {
        const snapshot = await openForReading(root, id, listening());
        expect(hasNormOrder(snapshot.manifest)).toBe(id === built);
        const vectors = openVectorFile(snapshot.file(snapshotFile.itemVectors));
        const search = openItemsByProduct(snapshot, vectors, { maxK: 50, inMemory });
        const everyThird = rowSetOf(
          numItems,
          Array.from({ length: numItems / 3 }, (_, i) => 3 * i),
        );
        answers.push(
          randomRows(8, 3, dim).flatMap((query) => [
            search.best(Float32Array.from(query), 10, [0, 1, 2]),
            search.best(Float32Array.from(query), 50, [], everyThird),
            search.best(Float32Array.from(query), 10, [], rowSetOf(numItems, [5, 2000])),
            search.best(new Float32Array(dim), 4, []),
          ]),
        );
        search.close();
        snapshot.close();
      }
      expect(answers[1]).toEqual(answers[0]);
    },
  );

  it('is made anew when the snapshot is checked: a file that is no longer that order is named', () => {
    const directory = rootPath.snapshot(root, built);
    const manifest = readManifest(join(directory, snapshotFile.manifest));
    const path = (name: string): string => join(directory, name);
    checkNormOrder(manifest, path);
    for (const name of [snapshotFile.orderRows, snapshotFile.orderCodes, snapshotFile.orderBounds]) {
      const files = { ...manifest.files, [name]: { ...manifest.files[name]!, sha256: 'f'.repeat(64) } };
      expect(() => checkNormOrder({ ...manifest, files }, path)).toThrow(
        expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining(name) }),
      );
    }
  });
});
