import { writeFileSync } from 'node:fs';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPool } from '#dist/core/compute/pool.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { openExactSearch } from '#dist/core/index/exact-search.js';
import { allocateIvfRows, buildIvf, defaultLists, ivfPoolSizes } from '#dist/core/index/ivf-build.js';
import { openIvfSearch } from '#dist/core/index/ivf-search.js';
import type { IvfPaths } from '#dist/core/index/ivf-search.js';
import { rowSetOf } from '#dist/core/index/row-set.js';
import { openVectorFile, vectorFileChunks } from '#dist/core/vectors/vector-file.js';
import { randomRows, writeVectors, type Rows } from '../../helpers/vectors.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-ivf-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

interface Options {
  readonly lists?: number;
  readonly targetRecall?: number;
  readonly seed?: number;
  readonly threads?: number;
}

/** Builds over `rows` and writes the files; what it gives is copied out of the pool's memory. */
async function build(rows: Rows, options: Options = {}, name = 'index') {
  const { lists = defaultLists(rows.length), targetRecall = 0.95, seed = 42, threads = 2 } = options;
  const path = (part: string) => join(folder, `${name}.${part}.npy`);
  const file = openVectorFile(writeVectors(path('vectors'), rows));
  const sizes = ivfPoolSizes(file.numRows, file.paddedDim, lists);
  const pool = openPool({ threads, ...sizes, signal: new AbortController().signal });
  try {
    const matrix = allocateIvfRows(pool, file.numRows, file.paddedDim);
    file.readAllInto(pool.workspace, matrix.address);
    const ivf = await buildIvf(pool, matrix, { lists, targetRecall, seed }, () => {});
    const bytes = {
      centroids: Buffer.concat([
        ...copies(pool.workspace, ivf.centroids.address, ivf.centroids.numRows, file.dim),
      ]),
      lists: Buffer.concat([...copies(pool.workspace, ivf.lists.address, ivf.lists.numRows, file.dim)]),
      rows: u4(ivf.rows),
      offsets: u4(ivf.offsets),
    };
    for (const [part, data] of Object.entries(bytes)) writeFileSync(path(part), data);
    const paths: IvfPaths = {
      vectors: path('vectors'),
      centroids: path('centroids'),
      lists: path('lists'),
      rows: path('rows'),
      offsets: path('offsets'),
    };
    return { ...ivf.tuning, rows: [...ivf.rows], offsets: [...ivf.offsets], bytes, paths };
  } finally {
    await pool.close();
    file.close();
  }
}

function* copies(...args: Parameters<typeof vectorFileChunks>): Generator<Buffer> {
  for (const chunk of vectorFileChunks(...args)) yield Buffer.from(chunk);
}

function u4(values: Uint32Array): Buffer {
  return Buffer.concat([npyHeader('<u4', [values.length]), Buffer.from(values.slice().buffer)]);
}

const exactOf = (paths: IvfPaths) =>
  openExactSearch(openVectorFile(paths.vectors), { measure: 'cosine', maxK: 1000, inMemory: true });

/** Share of the true ten nearest of each row that a search finds, ties counted as right. */
function measuredRecall(paths: IvfPaths, probes: number, queries: readonly number[]): number {
  const [exact, ivf] = [exactOf(paths), openIvfSearch(paths, { probes, maxK: 10 })];
  let hits = 0;
  for (const row of queries) {
    const query = exact.vectorOf(row);
    const tenth = exact.best(query, 10, [row]).at(-1)!.score;
    hits += ivf.best(query, 10, [row]).filter(({ score }) => score >= tenth - 1e-6).length;
  }
  exact.close();
  ivf.close();
  return hits / (10 * queries.length);
}

const clustered = randomRows(7, 6000, 20, 150);

describe('an inverted file', () => {
  test('finds what it promises, with as few lists as do', async () => {
    const built = await build(clustered, { targetRecall: 0.9 });
    expect(built.recallAt10).toBeGreaterThanOrEqual(0.9);
    expect([built.sampled, built.offsets.length - 1]).toEqual([1000, 155]);
    // 600 other items: within what 1,000 sampled ones can tell.
    const others = Array.from({ length: 600 }, (_, i) => i * 10);
    expect(measuredRecall(built.paths, built.probes, others)).toBeGreaterThan(0.87);
    expect(measuredRecall(built.paths, built.probes - 1, others)).toBeLessThan(0.92);
    expect(measuredRecall(built.paths, built.offsets.length - 1, others)).toBe(1);
  });

  test('holds every row once, lists in order of rows, each row with the centroid nearest to it', async () => {
    const { rows, offsets, bytes } = await build(clustered);
    expect([...rows].sort((a, b) => a - b)).toEqual(clustered.map((_, row) => row));
    expect([offsets[0], offsets.at(-1)]).toEqual([0, 6000]);
    const centroids = new Float32Array(bytes.centroids.buffer, bytes.centroids.byteOffset + 128);
    const numLists = offsets.length - 1;
    for (let list = 0; list < numLists; list++) {
      const members = rows.slice(offsets[list], offsets[list + 1]);
      expect(members.length).toBeGreaterThan(0);
      expect(members).toEqual(members.toSorted((a, b) => a - b));
      const row = clustered[members[0]!]!;
      const length = Math.hypot(...row);
      const near = Array.from({ length: numLists }, (_, c) =>
        row.reduce((sum, x, f) => sum + (x / length) * centroids[c * 20 + f]!, 0),
      );
      expect(near[list]).toBeGreaterThan(Math.max(...near) - 4e-4);
    }
  });

  test('has the same bits at any number of threads, and others with another seed', async () => {
    const [one, two, three] = [
      await build(clustered, { threads: 1 }),
      await build(clustered, { threads: 2 }),
      await build(clustered, { threads: 3 }),
    ];
    for (const { bytes, paths: _, ...measured } of [two, three]) {
      for (const [part, wanted] of Object.entries(one.bytes))
        expect([part, bytes[part as keyof typeof bytes].equals(wanted)]).toEqual([part, true]);
      expect(measured).toEqual({ ...one, bytes: undefined, paths: undefined });
    }
    const other = await build(clustered, { seed: 43 });
    expect(other.bytes.centroids.equals(one.bytes.centroids)).toBe(false);
  });

  test('gives similarities with the bits of the exact scan', async () => {
    const { paths, offsets } = await build(clustered);
    const [exact, ivf] = [exactOf(paths), openIvfSearch(paths, { probes: offsets.length - 1, maxK: 1000 })];
    for (const row of [0, 17, 5999]) {
      const query = ivf.vectorOf(row);
      expect(query).toEqual(exact.vectorOf(row));
      expect(ivf.best(query, 1000, [row, 3])).toEqual(exact.best(query, 1000, [row, 3]));
    }
    exact.close();
    ivf.close();
  });

  test('finds k wherever k exist, reading more lists than it was tuned to', async () => {
    const { paths } = await build(clustered, { targetRecall: 0.5 });
    const ivf = openIvfSearch(paths, { probes: 1, maxK: 7000 });
    const query = ivf.vectorOf(9);
    expect(ivf.best(query, 2500, [9])).toHaveLength(2500);
    expect(ivf.best(query, 7000, [9])).toHaveLength(5999);
    // Everything in the nearest list and beyond is left out: the next best are found all the same.
    const near = ivf.best(query, 1000, []).map(({ row }) => row);
    expect(ivf.best(query, 10, near)).toHaveLength(10);
    ivf.close();
  });

  test('among few rows compares with all of them, among many finds k of them', async () => {
    const { paths } = await build(clustered, { targetRecall: 0.5 });
    const [exact, ivf] = [exactOf(paths), openIvfSearch(paths, { probes: 1, maxK: 7000 })];
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
  });

  test('answers queries that are no item, and none for one without direction', async () => {
    const { paths } = await build(clustered);
    const ivf = openIvfSearch(paths, { probes: 20, maxK: 10 });
    const exact = exactOf(paths);
    const [a, b] = [ivf.vectorOf(1), ivf.vectorOf(2)];
    const between = a.map((x, f) => x + b[f]!);
    expect(ivf.best(between, 3, []).map(({ row }) => row)).toEqual(
      exact.best(between, 3, []).map(({ row }) => row),
    );
    expect(ivf.best(new Float32Array(20).fill(NaN), 10, [])).toEqual([]);
    ivf.close();
    exact.close();
  });
});

describe('small and hostile catalogues', () => {
  test('one item: one list, nothing to miss', async () => {
    const { probes, recallAt10, sampled, rows, offsets, paths } = await build([[3, 4]]);
    expect({ probes, recallAt10, sampled, rows, offsets }).toEqual({
      probes: 1,
      recallAt10: 1,
      sampled: 1,
      rows: [0],
      offsets: [0, 1],
    });
    const ivf = openIvfSearch(paths, { probes, maxK: 10 });
    expect(ivf.best(ivf.vectorOf(0), 10, [0])).toEqual([]);
    expect(ivf.best(ivf.vectorOf(0), 10, [])).toHaveLength(1);
    ivf.close();
  });

  test('fewer items than lists: a list an item at most', async () => {
    const rows = randomRows(1, 5, 3);
    const { offsets, recallAt10 } = await build(rows, { lists: 1000, targetRecall: 1 });
    expect(offsets.length - 1).toBeLessThanOrEqual(5);
    expect(recallAt10).toBe(1);
  });

  test('all vectors equal: one list of all', async () => {
    const rows = Array.from({ length: 700 }, () => [1, -2, 3]);
    const built = await build(rows);
    expect(built.offsets).toEqual([0, 700]);
    expect([built.probes, built.recallAt10]).toEqual([1, 1]);
  });

  test('few directions, many items of each: ties are hits', async () => {
    // 60 directions of 50 items: any ten of an item's 49 equals are right.
    const directions = randomRows(3, 60, 6);
    const rows = Array.from({ length: 3000 }, (_, i) => directions[i % 60]!.map((x) => x * (1 + (i % 7))));
    const built = await build(rows, { targetRecall: 1 });
    expect([built.probes, built.recallAt10]).toEqual([1, 1]);
  });

  test('zero vectors are in no list, and only they are missing', async () => {
    const rows = randomRows(5, 400, 4).map((row, i) => (i % 3 === 0 ? [0, 0, 0, 0] : row));
    const { rows: listed, paths, probes } = await build(rows);
    expect([...listed].sort((a, b) => a - b)).toEqual(rows.flatMap((_, i) => (i % 3 === 0 ? [] : [i])));
    const ivf = openIvfSearch(paths, { probes, maxK: 1000 });
    expect([...ivf.vectorOf(3)]).toEqual([NaN, NaN, NaN, NaN]);
    expect(ivf.best(ivf.vectorOf(1), 1000, [])).toHaveLength(266);
    ivf.close();
  });

  test('nothing but zero vectors: no lists, no answers', async () => {
    const { rows, offsets, recallAt10, paths } = await build([
      [0, 0],
      [0, 0],
    ]);
    expect([rows, offsets, recallAt10]).toEqual([[], [0], 1]);
    const ivf = openIvfSearch(paths, { probes: 1, maxK: 10 });
    expect(ivf.best(Float32Array.of(1, 0), 10, [])).toEqual([]);
    ivf.close();
  });

  test.each([1, 7, 8, 9])('dims that are no multiple of 8: %i', async (dim) => {
    const rows = randomRows(dim, 500, dim, 10);
    const built = await build(rows);
    expect(measuredRecall(built.paths, built.probes, [0, 100, 200, 300, 499])).toBeGreaterThan(0.7);
  });

  test('targets that only all lists reach are reached', async () => {
    const { recallAt10 } = await build(randomRows(2, 800, 30), { targetRecall: 1 });
    expect(recallAt10).toBe(1);
  });
});

describe('files that do not fit together', () => {
  test.each([
    ['offsets', u4(Uint32Array.of(0, 5, 3, 40)), 'ends before it starts'],
    ['offsets', u4(Uint32Array.of(0, 5, 9, 39)), 'wanted all 40 rows'],
    ['offsets', u4(Uint32Array.of(1, 5, 9, 40)), 'wanted all 40 rows'],
    ['offsets', u4(Uint32Array.of(0, 40)), 'wanted <u4 of shape (4)'],
    ['rows', u4(new Uint32Array(39)), 'wanted <u4 of shape (40)'],
    ['centroids', Buffer.concat([npyHeader('<f4', [3, 1]), Buffer.alloc(12)]), 'dimensions'],
    ['lists', Buffer.concat([npyHeader('<f4', [40, 3]), Buffer.alloc(480)]), 'dimensions'],
  ] as const)('%s are refused when opened', async (part, data, message) => {
    const { paths } = await build(randomRows(1, 40, 2, 3), { lists: 3 }, 'damaged');
    writeFileSync(paths[part], data);
    expect(() => openIvfSearch(paths, { probes: 1, maxK: 10 })).toThrow(
      expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining(message) }),
    );
  });

  test('a row that does not exist is refused when it is met', async () => {
    const { paths } = await build(randomRows(1, 40, 2, 3), { lists: 3 }, 'damaged');
    writeFileSync(paths.rows, u4(new Uint32Array(40).fill(40)));
    const ivf = openIvfSearch(paths, { probes: 1, maxK: 10 });
    expect(() => ivf.best(ivf.vectorOf(0), 10, [])).toThrow(
      expect.objectContaining({ code: 'damaged-snapshot', message: expect.stringContaining('got row 40') }),
    );
    ivf.close();
  });
});
