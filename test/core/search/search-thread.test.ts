import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openVectorFile } from '#dist/core/compute/vector-file.js';
import { openExactSearch } from '#dist/core/search/exact-search.js';
import { openItemItemMatrix } from '#dist/core/search/item-item-matrix.js';
import { openItemItemSearch } from '#dist/core/search/item-item-search.js';
import { openIvfSearch } from '#dist/core/search/ivf-search.js';
import { openOrderedSearch } from '#dist/core/search/norm-order.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { visitInnerProducts } from '#dist/core/search/score-scan.js';
import { ownMemory, type SearchThread } from '#dist/core/search/search-thread.js';
import { buildIvfFiles } from '../../helpers/ivf.js';
import { writeOrder } from '../../helpers/norm-order.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows, writeVectors } from '../../helpers/vectors.js';

const newDirectory = temporaryDirectories();

/** A thread that counts its checks, and throws at the one that it is told. */
class CountingThread implements SearchThread {
  readonly memory = ownMemory;
  checks = 0;
  abortAt = Infinity;
  readonly checkAbort = (): void => {
    this.checks++;
    if (this.checks === this.abortAt) throw new Error('nobody waits');
  };
}

/** At every check a search can end; the next answer is what it was. */
function expectToStop(thread: CountingThread, search: () => unknown, atLeast: number): void {
  thread.checks = 0;
  const wanted = search();
  const { checks } = thread;
  expect(checks).toBeGreaterThanOrEqual(atLeast);
  for (const at of new Set([1, Math.ceil(checks / 2), checks])) {
    thread.checks = 0;
    thread.abortAt = at;
    expect(search).toThrow('nobody waits');
    expect(thread.checks).toBe(at);
    thread.abortAt = Infinity;
    expect(search()).toEqual(wanted);
  }
}

const dim = 64;
const every10th = (_: unknown, row: number): boolean => row % 100 === 7;

describe('a search that nobody waits for', () => {
  test.each([
    // Windows of 1 MiB of what is read, of 16 MiB of what is held.
    [false, 20_000, 5],
    [true, 150_000, 3],
  ])('ends between the windows of an exact scan (in memory: %s)', (inMemory, numRows, windows) => {
    const drawn = randomRows(5, 5000, dim, 12);
    const rows = Array.from({ length: numRows }, (_, row) => drawn[row % drawn.length]!);
    const file = openVectorFile(writeVectors(join(newDirectory(), 'vectors.npy'), rows));
    const thread = new CountingThread();
    const search = openExactSearch(file, { measure: 'cosine', maxK: 10, inMemory, thread });
    const query = search.vectorOf(3);
    expectToStop(thread, () => search.best(query, 10, [3]), windows);
    const among = rowSetOf(numRows, [...rows.keys()].filter(every10th));
    expectToStop(thread, () => search.best(query, 10, [3], among), numRows / 100);
    search.close();
  });

  test('ends between the rounds, lists and rows of an inverted file', async () => {
    const rows = randomRows(8, 4000, 16, 12);
    const { paths } = await buildIvfFiles(newDirectory(), rows, { lists: 60 });
    const among = rowSetOf(rows.length, [...rows.keys()].filter(every10th));
    for (const inMemory of [true, false]) {
      const thread = new CountingThread();
      const probes = () => ({ gap: 0, lists: 4 });
      const search = openIvfSearch(paths, { probes, maxK: 1000, inMemory, thread });
      const query = search.vectorOf(3);
      // Four lists do not hold 1,000 rows: more are read in further rounds.
      expectToStop(thread, () => search.best(query, 1000, [3]), inMemory ? 2 : 8);
      expectToStop(thread, () => search.best(query, 10, [3], among), inMemory ? 40 : 1);
      search.close();
    }
  });

  test('ends between the tiles of an order by norm', () => {
    const rows = randomRows(9, 6000, dim, 12);
    const { vectors, order } = writeOrder(newDirectory(), rows);
    const file = openVectorFile(vectors);
    for (const inMemory of [true, false]) {
      const thread = new CountingThread();
      const search = openOrderedSearch(file, order, { maxK: 10, inMemory, thread });
      expectToStop(thread, () => search.best(Float32Array.from(rows[5]!), 10, []), 3);
      search.close();
    }
    file.close();
  });

  test('ends between the rows of an item × item matrix, and those of a scan of all scores', () => {
    const rows = randomRows(2, 300, 300, 12);
    const path = writeVectors(join(newDirectory(), 'vectors.npy'), rows);
    const thread = new CountingThread();
    const search = openItemItemSearch(openItemItemMatrix({ layout: 'dense', matrix: path }), 10, thread);
    expectToStop(thread, () => search.best([1, 5, 9], [1, 0.5, 2], 10, [1]), 3);
    const wide = openVectorFile(writeVectors(join(newDirectory(), 'wide.npy'), randomRows(2, 9000, 64, 12)));
    const query = Float32Array.from(randomRows(4, 1, 64, 12)[0]!);
    const sums = (): number[] => {
      const all: number[] = [];
      visitInnerProducts(wide, query, (_, scores) => all.push(...scores), thread);
      return all;
    };
    expectToStop(thread, sums, 3);
    wide.close();
    search.close();
  });
});
