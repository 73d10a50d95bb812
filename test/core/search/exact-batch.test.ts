import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPool, type ComputePool } from '#dist/core/compute/pool.js';
import { batchBytes, bestOfMany, normalise } from '#dist/core/search/exact-batch.js';
import type { Matrix } from '#dist/core/search/exact-batch.js';
import { rowSetOf } from '#dist/core/search/row-set.js';
import { cosine, inner, randomRows, rankAll, type Rows } from '../../helpers/vectors.js';

let pool: ComputePool;
beforeAll(() => {
  pool = openPool({
    threads: 2,
    workspaceBytes: 2 ** 24,
    scratchBytes: 64,
    signal: new AbortController().signal,
  });
});
afterAll(() => pool.close());

/** Rows in kernel memory, 8 floats each. */
function place(rows: Rows): Matrix {
  const address = pool.workspace.allocate(rows.length * 32);
  const values = pool.workspace.f32(address, rows.length * 8);
  values.fill(0);
  rows.forEach((row, r) => values.set(row, r * 8));
  return { address, numRows: rows.length, paddedDim: 8 };
}

describe('many queries', () => {
  test('each find what a sort finds, with rows of their own left out', async () => {
    const [users, items] = [randomRows(1, 70, 6), randomRows(2, 3000, 6)];
    const leaveOut = (u: number) => [u, 2 * u + 1, 2999];
    const found = await bestOfMany(pool, place(users), place(items), 12, leaveOut);
    expect(found).toHaveLength(70);
    found.forEach((ranked, u) => {
      const wanted = rankAll(items, (item) => inner(item, users[u]!), leaveOut(u)).slice(0, 12);
      expect(ranked.map(({ row }) => row)).toEqual(wanted.map(({ row }) => row));
    });
  });

  test('find only what is allowed to all of them, and not what is left out for one', async () => {
    const [users, items] = [randomRows(1, 35, 6), randomRows(2, 1001, 6)];
    const leaveOut = (u: number) => [u, 1000];
    const allowed = [...items.keys()].filter((row) => row % 9 === 1 || row < 10);
    const among = rowSetOf(1001, allowed);
    const placed = [place(users), place(items)] as const;
    for (const without of [leaveOut, undefined]) {
      const found = await bestOfMany(pool, ...placed, 200, without, among);
      found.forEach((ranked, u) => {
        const wanted = rankAll(items, (item) => inner(item, users[u]!), without?.(u) ?? []);
        expect(ranked.map(({ row }) => row)).toEqual(
          wanted.map(({ row }) => row).filter((row) => allowed.includes(row)),
        );
      });
    }
  });

  test('by cosine after normalising, zero vectors left alone', async () => {
    const rows = [...randomRows(4, 150, 5, 7), [0, 0, 0, 0, 0]];
    const items = place(rows);
    await normalise(pool, items);
    const found = await bestOfMany(pool, items, items, 600);
    found.forEach((ranked, q) => {
      const wanted = rankAll(rows, (row) => cosine(row, rows[q]!));
      expect(ranked).toHaveLength(q === 150 ? 0 : 150);
      ranked.forEach(({ score }, at) => expect(score).toBeCloseTo(wanted[at]!.score, 5));
    });
  });

  test('give back the memory they take, which is what was announced', async () => {
    const [users, items] = [place(randomRows(1, 33, 6)), place(randomRows(2, 100, 6))];
    const before = pool.workspace.mark();
    await bestOfMany(pool, users, items, 5, () => []);
    expect(pool.workspace.mark()).toBe(before);
    expect(batchBytes(33, items, 5, true)).toBe(33 * 5 * 8 + 24 + 33 * 13 + 19);
    const none = await bestOfMany(pool, users, { ...items, numRows: 0 }, 5);
    expect(none).toEqual(new Array(33).fill([]));
  });
});
