import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openExactRowNeighbours } from '#dist/core/search/exact-row-neighbours.js';
import { openIvfBatch } from '#dist/core/search/ivf-batch.js';
import type { IvfPaths } from '#dist/core/search/ivf-files.js';
import { openIvfSearch } from '#dist/core/search/ivf-search.js';
import type { NeighbourSearch } from '#dist/core/search/neighbour-search.js';
import { rankingOf } from '#dist/core/search/ranked-batch.js';
import type { RowNeighbours } from '#dist/core/search/row-neighbours.js';
import { rowSetOf, type RowSet } from '#dist/core/search/row-set.js';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { buildIvfFiles, exactOf } from '../../helpers/ivf.js';
import { randomRows } from '../../helpers/vectors.js';

let folder: string;
let paths: IvfPaths;
/** Some have no direction, many are equal. */
const rows = randomRows(7, 800, 20, 40).map((row, r) =>
  r % 50 === 7 ? row.map(() => 0) : r % 9 === 0 ? new Array<number>(20).fill(1) : row,
);
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'segue-batch-'));
  ({ paths } = await buildIvfFiles(folder, rows));
});
afterAll(() => rmSync(folder, { recursive: true }));

const { signal } = new AbortController();
const even = rowSetOf(
  800,
  rows.flatMap((_, r) => (r % 2 === 0 ? [r] : [])),
);
const few = rowSetOf(800, [3, 9, 18, 400, 401, 799]);

/** Every row's neighbours, block by block, beside what the search finds one at a time. */
async function compare(
  opened: RowNeighbours,
  search: NeighbourSearch,
  k: number,
  among?: RowSet,
  bounds = [0, 1, 400, 800],
): Promise<void> {
  try {
    expect(opened.numRows).toBe(800);
    for (let b = 0; b + 1 < bounds.length; b++) {
      const from = bounds[b]!;
      const batch = await opened.nearest(from, bounds[b + 1]!);
      expect([batch.numQueries, batch.k]).toEqual([bounds[b + 1]! - from, k]);
      for (let row = from; row < bounds[b + 1]!; row++) {
        const wanted = search.best(search.vectorOf(row), k, [row], among);
        expect([row, rankingOf(batch, row - from)]).toEqual([row, wanted]);
      }
    }
  } finally {
    await opened.close();
    search.close();
  }
}

describe('every row’s neighbours', () => {
  test.each([
    ['all', undefined],
    ['half of them', even],
    ['few', few],
  ] as const)('compared with every row: what one at a time finds among %s', async (_, among) => {
    const options = { k: 7, among, threads: 1, signal };
    await compare(
      await openExactRowNeighbours(openVectorFile(paths.vectors), options),
      exactOf(paths),
      7,
      among,
    );
  });

  test.each([
    [1, 7, 'all', undefined],
    [3, 60, 'all', undefined],
    [1, 7, 'half of them', even],
    [1, 7, 'few', few],
    [1, 799, 'all', undefined],
  ] as const)(
    'by the index, %i threads, the %i nearest: what one at a time finds among %s',
    async (threads, k, _, among) => {
      const probes = () => ({ gap: 0.1, lists: 2 });
      const opened = await openIvfBatch(paths, { k, among, threads, signal, probes });
      await compare(
        opened,
        openIvfSearch(paths, { probes, maxK: k, inMemory: false }),
        k,
        among,
        k > 100 ? [0, 3] : undefined,
      );
    },
  );

  test('none are asked for: none are found', async () => {
    const opened = await openIvfBatch(paths, {
      k: 0,
      threads: 1,
      signal,
      probes: () => ({ gap: 0, lists: 1 }),
    });
    expect([...(await opened.nearest(0, 4)).counts]).toEqual([0, 0, 0, 0]);
    await opened.close();
  });
});
