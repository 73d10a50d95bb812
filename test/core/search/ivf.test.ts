import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { npyHeader } from '#dist/core/files/npy.js';
import type { IvfPaths } from '#dist/core/search/ivf-files.js';
import type { Probes } from '#dist/core/search/ivf-index.js';
import { openIvfSearch } from '#dist/core/search/ivf-search.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { isFullTest } from '../../helpers/full-tests.js';
import { buildIvfFiles, exactOf, ivfBytesOf, searchAll, type IvfBuildOptions } from '../../helpers/ivf.js';
import { randomRows, type Rows } from '../../helpers/vectors.js';

let folder: string;
/** The index of `clustered` that most tests ask. */
let paths: IvfPaths;
let built: Awaited<ReturnType<typeof buildIvfFiles>>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'segue-ivf-'));
  built = await build(clustered, {}, 'clustered');
  paths = built.paths;
});
afterAll(() => rmSync(folder, { recursive: true }));

const build = (rows: Rows, options: IvfBuildOptions = {}, name = 'index') =>
  buildIvfFiles(folder, rows, options, name);

const search = (paths: IvfPaths, probes: Probes, maxK = 10, inMemory = false) =>
  openIvfSearch(paths, { probes: () => probes, maxK, inMemory });

/** Share of the true k nearest of each row that a search finds, ties counted as right. */
function measuredRecall(paths: IvfPaths, probes: Probes, queries: readonly number[], k = 10): number {
  const [exact, ivf] = [exactOf(paths), search(paths, probes, k)];
  let hits = 0;
  for (const row of queries) {
    const query = exact.vectorOf(row);
    const last = exact.best(query, k, [row]).at(-1)!.score;
    hits += ivf.best(query, k, [row]).filter(({ score }) => score >= last - 1e-6).length;
  }
  exact.close();
  ivf.close();
  return hits / (k * queries.length);
}

const clustered = randomRows(7, 6000, 20, 150);
/** 600 of them. */
const others = Array.from({ length: 600 }, (_, i) => i * 10);

describe('an inverted file', () => {
  test('finds what it promises, of ten and of a hundred, with about as few lists as do', async () => {
    const { at10, at100, numLists, paths: own } = await build(clustered, { targetRecall: 0.9 });
    expect([at10.recall.sampled, at100.recall.sampled, numLists]).toEqual([1000, 250, 120]);
    expect(at10.recall.share).toBeGreaterThanOrEqual(0.9);
    expect(at100.recall.share).toBeGreaterThanOrEqual(0.9);
    expect(at100.lists).toBeGreaterThan(at10.lists);
    const [low, high] = at10.recall.interval;
    expect([low < at10.recall.share, at10.recall.share < high, high - low < 0.04]).toEqual([
      true,
      true,
      true,
    ]);
    const found = measuredRecall(own, at10, others);
    expect(found).toBeGreaterThan(0.88);
    expect(found).toBeLessThan(0.96);
    expect(measuredRecall(own, at100, others.slice(0, 100), 100)).toBeGreaterThan(0.88);
  });

  test('what one sample was tuned to holds for others, with other seeds, which give other lists', async () => {
    for (const seed of isFullTest() ? [1, 2] : [1]) {
      const other = await build(clustered, { targetRecall: 0.95, seed });
      expect(measuredRecall(other.paths, other.at10, others)).toBeGreaterThan(0.945);
      expect(ivfBytesOf(other.paths)['centroids']!.equals(ivfBytesOf(paths)['centroids']!)).toBe(false);
    }
  });

  test('holds every row once, lists in order of rows', () => {
    const { rows, offsets, numRegions } = built;
    expect(rows.toSorted((a, b) => a - b)).toEqual(clustered.map((_, row) => row));
    expect([offsets[0], offsets.at(-1), numRegions]).toEqual([0, 6000, 22]);
    for (let list = 0; list + 1 < offsets.length; list++) {
      const members = rows.slice(offsets[list], offsets[list + 1]);
      expect(members.length).toBeGreaterThan(0);
      expect(members).toEqual(members.toSorted((a, b) => a - b));
    }
  });

  test('keeps rows of one cluster together', async () => {
    // Ten tight clusters, four lists for each: no list holds rows of two.
    const centres = randomRows(4, 10, 16);
    const rows = Array.from({ length: 500 }, (_, i) =>
      centres[i % 10]!.map((x, f) => x + 0.01 * Math.sin(i * f)),
    );
    const { rows: listed, offsets } = await build(rows, { lists: 40 });
    for (let list = 0; list + 1 < offsets.length; list++) {
      const members = listed.slice(offsets[list], offsets[list + 1]);
      expect(new Set(members.map((row) => row % 10)).size).toBe(1);
    }
  });

  test('has the same bits at any number of threads', async () => {
    const wanted = ivfBytesOf(paths);
    const other = await build(clustered, { threads: 3 }, 'other');
    for (const [part, bytes] of Object.entries(ivfBytesOf(other.paths)))
      expect([part, bytes.equals(wanted[part]!)]).toEqual([part, true]);
    expect({ ...other, paths: undefined }).toEqual({ ...built, paths: undefined });
  });

  test('gives the exact answer, to the bit, of all the lists that it reads', () => {
    const [exact, file, memory] = [exactOf(paths), searchAll(paths), searchAll(paths, { inMemory: true })];
    for (const row of [0, 17, 5999]) {
      const query = file.vectorOf(row);
      expect(query).toEqual(exact.vectorOf(row));
      for (const k of [1, 10, 1000]) {
        const wanted = exact.best(query, k, [row, 3]);
        expect(file.best(query, k, [row, 3])).toEqual(wanted);
        expect(memory.best(query, k, [row, 3])).toEqual(wanted);
      }
    }
    for (const opened of [exact, file, memory]) opened.close();
  });

  test('finds the same from disk as in memory, whatever it reads', () => {
    for (const probes of [
      { gap: 0, lists: 1 },
      { gap: 0.2, lists: 3 },
      { gap: 0.5, lists: 30 },
    ]) {
      const [file, memory] = [search(paths, probes, 50), search(paths, probes, 50, true)];
      for (const row of [1, 2, 3, 100, 4000]) {
        const query = file.vectorOf(row);
        expect(memory.best(query, 50, [row])).toEqual(file.best(query, 50, [row]));
      }
      file.close();
      memory.close();
    }
  });

  test.each([false, true])('finds k wherever k exist, reading on (in memory: %s)', (inMemory) => {
    const ivf = search(paths, { gap: 0, lists: 1 }, 7000, inMemory);
    const query = ivf.vectorOf(9);
    expect(ivf.best(query, 2500, [9])).toHaveLength(2500);
    expect(ivf.best(query, 7000, [9])).toHaveLength(5999);
    expect(ivf.best(query, 0, [9])).toEqual([]);
    // Everything in the nearest list and beyond is left out: the next best are found all the same.
    const near = ivf.best(query, 1000, []).map(({ row }) => row);
    expect(ivf.best(query, 10, near)).toHaveLength(10);
    ivf.close();
  });

  test.each([false, true])(
    'among few rows compares with all of them, among many finds k of them (in memory: %s)',
    (inMemory) => {
      const [exact, ivf] = [exactOf(paths), search(paths, { gap: 0, lists: 1 }, 7000, inMemory)];
      const everyRow = [...clustered.keys()];
      const query = ivf.vectorOf(9);
      for (const filter of [[], [5000], everyRow.filter((row) => row % 9 === 0)]) {
        const among = rowSetOf(6000, filter);
        expect(ivf.best(query, 1000, [9], among)).toEqual(exact.best(query, 1000, [9], among));
      }
      const even = everyRow.filter((row) => row % 2 === 0);
      const asked: [number, number[]][] = [
        [10, [9, 0]],
        [2900, even.slice(0, 50)],
        [3000, even.slice(0, 50)],
      ];
      for (const [k, leaveOut] of asked) {
        const found = ivf.best(query, k, leaveOut, rowSetOf(6000, even)).map(({ row }) => row);
        expect(found).toHaveLength(Math.min(k, 3000 - leaveOut.filter((row) => row % 2 === 0).length));
        expect(found.every((row) => row % 2 === 0 && !leaveOut.includes(row))).toBe(true);
      }
      expect(ivf.best(query, 7000, [9])).toHaveLength(5999);
      exact.close();
      ivf.close();
    },
  );

  test('answers queries that are no item and of any length, and none for one without direction', () => {
    const [exact, file, memory] = [exactOf(paths), searchAll(paths), searchAll(paths, { inMemory: true })];
    const [a, b] = [exact.vectorOf(1), exact.vectorOf(2)];
    for (const scale of [1, 1e-4, 1e6]) {
      const between = a.map((x, f) => scale * (x + b[f]!));
      const wanted = exact.best(between, 30, []);
      expect(file.best(between, 30, [])).toEqual(wanted);
      expect(memory.best(between, 30, [])).toEqual(wanted);
    }
    for (const opened of [file, memory]) {
      expect(opened.best(new Float32Array(20).fill(NaN), 10, [])).toEqual([]);
      expect(opened.best(new Float32Array(20), 3, [])).toEqual(exact.best(new Float32Array(20), 3, []));
    }
    for (const opened of [exact, file, memory]) opened.close();
  });
});

describe('small and hostile catalogues', () => {
  test('one item: one list, nothing to miss', async () => {
    const { at10, rows, offsets, paths: own } = await build([[3, 4]]);
    expect([at10.recall, at10.lists, rows, offsets]).toEqual([
      { share: 1, interval: [1, 1], sampled: 1 },
      1,
      [0],
      [0, 1],
    ]);
    const ivf = search(own, at10);
    expect(ivf.best(ivf.vectorOf(0), 10, [0])).toEqual([]);
    expect(ivf.best(ivf.vectorOf(0), 10, [])).toHaveLength(1);
    ivf.close();
  });

  test('fewer items than lists: a list an item at most', async () => {
    const { numLists, at10 } = await build(randomRows(1, 5, 3), { lists: 1000, targetRecall: 1 });
    expect(numLists).toBeLessThanOrEqual(5);
    expect(at10.recall.share).toBe(1);
  });

  test('all vectors equal: one list of all, and ties in order of rows', async () => {
    const equal = await build(
      Array.from({ length: 700 }, () => [1, -2, 3]),
      { lists: 20 },
    );
    expect(equal.offsets).toEqual([0, 700]);
    expect([equal.at10.lists, equal.at10.recall.share]).toEqual([1, 1]);
    for (const inMemory of [false, true]) {
      const ivf = search(equal.paths, equal.at10, 12, inMemory);
      expect(ivf.best(ivf.vectorOf(4), 12, [4]).map(({ row }) => row)).toEqual([
        0, 1, 2, 3, 5, 6, 7, 8, 9, 10, 11, 12,
      ]);
      ivf.close();
    }
  });

  test('few directions, many items of each: ties are hits', async () => {
    // 60 directions of 20 items: any ten of an item's 19 equals are right.
    const directions = randomRows(3, 60, 6);
    const rows = Array.from({ length: 1200 }, (_, i) => directions[i % 60]!.map((x) => x * (1 + (i % 7))));
    const { at10 } = await build(rows, { targetRecall: 1 });
    expect([at10.lists, at10.recall.share]).toEqual([1, 1]);
  });

  test('zero vectors are in no list, and only they are missing', async () => {
    const rows = randomRows(5, 400, 4).map((row, i) => (i % 3 === 0 ? [0, 0, 0, 0] : row));
    const { rows: listed, paths: own, at10 } = await build(rows);
    expect(listed.toSorted((a, b) => a - b)).toEqual(rows.flatMap((_, i) => (i % 3 === 0 ? [] : [i])));
    for (const inMemory of [false, true]) {
      const ivf = search(own, at10, 1000, inMemory);
      expect([...ivf.vectorOf(3)]).toEqual([NaN, NaN, NaN, NaN]);
      expect(ivf.best(ivf.vectorOf(1), 1000, [])).toHaveLength(266);
      ivf.close();
    }
  });

  test('nothing but zero vectors: no lists, no answers', async () => {
    const {
      rows,
      offsets,
      at10,
      paths: own,
    } = await build([
      [0, 0],
      [0, 0],
    ]);
    expect([rows, offsets, at10.recall.share]).toEqual([[], [0], 1]);
    const ivf = search(own, at10);
    expect(ivf.best(Float32Array.of(1, 0), 10, [])).toEqual([]);
    ivf.close();
  });

  test.each([1, 7, 8, 9])('dims that are no multiple of 8: %i', async (dim) => {
    const rows = randomRows(dim, 500, dim, 10);
    const { paths: own, at10 } = await build(rows);
    expect(measuredRecall(own, at10, [0, 100, 200, 300, 499])).toBeGreaterThan(0.7);
    const [exact, all] = [exactOf(own), searchAll(own)];
    const query = exact.vectorOf(7);
    expect(all.best(query, 500, [])).toEqual(exact.best(query, 500, []));
    exact.close();
    all.close();
  });

  test('rows that lie far from all others do not blur theirs', async () => {
    const rows = randomRows(8, 600, 12, 5).map((row, i) =>
      i === 77 ? row.map((_, f) => (f === 3 ? 1e20 : 0)) : row,
    );
    const { paths: own } = await build(rows, { lists: 1 });
    const [exact, all] = [exactOf(own), searchAll(own)];
    for (const row of [0, 77, 300]) {
      const query = exact.vectorOf(row);
      expect(all.best(query, 20, [row])).toEqual(exact.best(query, 20, [row]));
    }
    exact.close();
    all.close();
  });

  test('targets that only all lists reach are reached', async () => {
    const { at10 } = await build(randomRows(2, 800, 30), { targetRecall: 1 });
    expect(at10.recall).toEqual({ share: 1, interval: [1, 1], sampled: 800 });
  });
});

describe('files that do not fit together', () => {
  let whole: Awaited<ReturnType<typeof buildIvfFiles>>;
  beforeAll(async () => {
    whole = await build(randomRows(1, 40, 2, 3), { lists: 3 }, 'whole');
  });
  /** The files of `whole`, but for one. */
  const withPart = (part: keyof IvfPaths, data: Buffer): IvfPaths => {
    const path = join(folder, 'damaged.npy');
    writeFileSync(path, data);
    return { ...whole.paths, [part]: path };
  };
  const u4 = (values: readonly number[]): Buffer =>
    Buffer.concat([npyHeader('<u4', [values.length]), Buffer.from(Uint32Array.from(values).buffer)]);
  const codes = (...shape: number[]): Buffer =>
    Buffer.concat([npyHeader('|i1', shape), Buffer.alloc(shape.reduce((product, n) => product * n, 1))]);
  const scales = (values: readonly number[]): Buffer =>
    Buffer.concat([npyHeader('<f4', [values.length / 2, 2]), Buffer.from(Float32Array.from(values).buffer)]);

  test.each([
    ['offsets', u4([0, 5, 3, 40]), 'ends before it starts'],
    ['offsets', u4([0, 5, 9, 39]), 'wanted all 40 rows'],
    ['offsets', u4([1, 5, 9, 40]), 'wanted all 40 rows'],
    ['offsets', u4([0, 40]), 'wanted all 1 lists'],
    ['offsets', u4([]), 'wanted at least one'],
    ['regionOffsets', u4([0, 2, 1, 3]), 'ends before it starts'],
    ['regionOffsets', u4([0, 4]), 'wanted all 3 lists'],
    ['rows', u4(new Array<number>(39).fill(0)), 'wanted all 39 rows'],
    ['regions', codes(1, 8, 8, 2), 'wanted |i1 of shape (1, 4, 8, 2)'],
    ['centroids', codes(2, 4, 8, 2), 'wanted |i1 of shape (1, 4, 8, 2)'],
    ['lists', codes(6, 4, 8, 2), 'wanted |i1 of shape (5, 4, 8, 2)'],
    ['scales', scales(new Array<number>(10).fill(0)), 'wanted <f4 of shape (7, 2)'],
    ['scales', scales(new Array<number>(14).fill(NaN)), 'wanted a number from 0 on'],
    ['scales', scales(new Array<number>(14).fill(-1)), 'wanted a number from 0 on'],
    ['scales', scales(new Array<number>(14).fill(Infinity)), 'wanted a number from 0 on'],
  ] as const)('%s are refused when opened', (part, data, message) => {
    expect(whole.numRegions).toBe(3);
    expect(() => search(withPart(part, data), { gap: 0, lists: 1 })).toThrow(
      expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining(message) }),
    );
  });

  test.each([false, true])(
    'a row that does not exist is refused when it is met (in memory: %s)',
    (inMemory) => {
      const forged = withPart('rows', u4(new Array<number>(40).fill(40)));
      expect(() => {
        const ivf = search(forged, { gap: 0, lists: 1 }, 10, inMemory);
        try {
          ivf.best(ivf.vectorOf(0), 10, []);
        } finally {
          ivf.close();
        }
      }).toThrow(
        expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining('got row 40') }),
      );
    },
  );
});
