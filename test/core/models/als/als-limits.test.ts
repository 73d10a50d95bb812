import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { noTime } from '#dist/core/numeric/pairs.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { ModelPlan, Solver } from '#dist/core/models/model.js';
import { openPool, poolBytes } from '#dist/core/compute/pool.js';
import {
  alsSizes,
  partialSumsSizes,
  requireAlsFit,
  requireItemsFit,
} from '#dist/core/models/als/als-limits.js';
import { storedBytesOf } from '#dist/core/models/als/partial-sums.js';

/** Pairs of which only the counts matter: user u has `itemsOf(u)` pairs with the items from 0 on. */
function pairsWith(numUsers: number, numItems: number, itemsOf: (u: number) => number) {
  const indptr = new Uint32Array(numUsers + 1);
  for (let u = 0; u < numUsers; u++) indptr[u + 1] = indptr[u]! + itemsOf(u);
  const item = new Uint32Array(indptr[numUsers]!);
  for (let u = 0; u < numUsers; u++)
    for (let p = indptr[u]!; p < indptr[u + 1]!; p++) item[p] = p - indptr[u]!;
  return { numUsers, numItems, indptr, item };
}

function failureOf(pairs: ReturnType<typeof pairsWith>, factors: number): AppError {
  try {
    requireAlsFit(pairs, { numUsers: pairs.numUsers, numItems: pairs.numItems, longest: 3 }, factors, 2);
  } catch (error) {
    if (error instanceof AppError) return error;
  }
  throw new Error('it fits');
}

describe('a training that is too large', () => {
  it('says how many dimensions would fit, and which minimum of items a user', () => {
    // 4.5 GB of users alone; a third of them have one item, a third two, a third three.
    const pairs = pairsWith(1_100_000, 1000, (u) => 1 + (u % 3));
    const failure = failureOf(pairs, 1024);
    expect(failure).toMatchObject({ code: 'too-large', exitCode: 2 });
    expect(failure.message).toMatch(
      /^1100000 users and 1000 items of 1024 dimensions need 4\.\d GiB .*limit is 4\.0 GiB$/,
    );
    const { factors, minUserItems } = failure.details;
    expect(minUserItems).toBe(2);
    expect(failure.suggestions).toEqual([
      `it fits with \`factors\` ${String(factors)}`,
      '`solver` partial-sums needs no more than the memory of the machine',
      '`minUserItems` 2 leaves 733333 users at most, which fit',
    ]);
    const fits = (dim: number): void => {
      requireAlsFit(pairs, { numUsers: 1_100_000, numItems: 1000, longest: 3 }, dim, 2);
    };
    fits(Number(factors));
    expect(() => fits(Number(factors) + 8)).toThrow(AppError);
    requireAlsFit(pairs, { numUsers: 733_333, numItems: 1000, longest: 3 }, 1024, 2);
  });

  it('is by partial sums where nobody asked for a solver, and says so', () => {
    const numUsers = 1_100_000;
    const pairs = {
      ...pairsWith(numUsers, 1000, () => 1),
      weight: new BigInt64Array(numUsers).fill(1_000_000_000n),
      count: new Uint32Array(numUsers).fill(1),
      lastAt: new BigInt64Array(numUsers).fill(noTime),
      flags: new Uint8Array(numUsers).fill(1),
    };
    const als = findModel('als');
    const plan = (solver?: Solver): ModelPlan =>
      als.plan({ pairs }, resolveOptions(als, { factors: 1024 }), 1, solver);
    const { solver, expectation } = plan();
    expect(solver).toMatchObject({ name: 'partial-sums', engine: { name: 'partial-sums' } });
    expect(solver!.remark).toMatch(
      /^the vectors of 1100000 users and 1000 items need 4\.\d GiB, more than the 4\.0 GiB .*partial sums$/,
    );
    // Vectors outside of kernel memory, 2 GiB of blocks in it, the pairs, and Node.
    expect(expectation(2).memoryBytes).toBeGreaterThan(4 * 1024 * numUsers + 2 ** 31);
    expect(expectation(2).memoryBytes).toBeLessThan(1.5 * (4 * 1024 * numUsers + 2 ** 31));
    expect(plan('partial-sums').solver!.remark).toBeUndefined();
    expect(() => plan('in-memory')).toThrow(AppError);
  });

  it('is refused where the items alone pass what kernel memory holds', () => {
    const shape = { numUsers: 10, numItems: 17_000_000, longest: 10 };
    expect(() => requireItemsFit(shape, 64)).toThrow(
      expect.objectContaining({ code: 'too-large', message: expect.stringContaining('17000000 items') }),
    );
    requireItemsFit({ ...shape, numItems: 12_000_000 }, 64);
  });

  it('says which minimum of users an item would do, where the items are too many', () => {
    const items = 1_200_000;
    const pairs = {
      ...pairsWith(1, items, () => 2),
      item: Uint32Array.from({ length: items + 9 }, (_, p) => p % items),
    };
    expect(failureOf(pairs, 1000).suggestions).toEqual([
      expect.stringMatching(/^it fits with `factors` \d+$/),
      '`solver` partial-sums needs no more than the memory of the machine',
      '`minItemUsers` 2 leaves 9 items at most, which fit',
    ]);
  });

  it.each([
    [10_000_000, 1_000_000, 64, 50_000],
    [20_000, 10_000, 128, 9000],
    [358_000, 160_000, 256, 100_000],
    [1000, 2_000_000, 24, 1000],
  ])('takes what the reference says: %i users × %i items × %i', (users, items, d, n) => {
    const threads = 2;
    const packed = (2 * d + 16) * items + Math.max(4.2e6, 12 * items);
    const ranking = packed <= 2 ** 27 ? packed : 32 * items + 2e6;
    const formula =
      4 * (d + 1) * (users + items) +
      516 * d * d +
      Math.max(4 * users, ranking + 4096 * d) +
      8 * threads * Math.max(n, items);
    const sizes = alsSizes({ numUsers: users, numItems: items, longest: n }, d);
    expect(poolBytes({ threads, ...sizes }) / formula).toBeGreaterThan(0.9);
    expect(poolBytes({ threads, ...sizes }) / formula).toBeLessThan(1.03);
  });

  it.each([
    [30_000_000, 2_000_000, 64, 8_000_000],
    [100_000_000, 10_000_000, 64, 8_000_000],
    [1_100_000, 1000, 1024, 5000],
    [200_000, 50_000, 128, 40_000],
  ])('takes by partial sums what the reference says: %i users × %i items × %i', (users, items, d, n) => {
    const threads = 2;
    const packed = (2 * d + 16) * items + Math.max(4.2e6, 12 * items);
    const ranking = packed <= 2 ** 27 ? packed : 32 * items + 2e6;
    const inKernels = Math.max(items, Math.min(users, 2 ** 31 / (4 * d)));
    const kernel =
      4 * d * inKernels +
      548 * d * d +
      Math.max(2 ** 26, ranking) +
      threads * (40_960 * d + 8 * Math.max(n, items));
    const outside =
      (4 * d + 8) * (users + items) +
      (4 * d * users > 2 ** 31 ? (12 * d + 16) * Math.min(items, 2_097_152) : 0);
    const shape = { numUsers: users, numItems: items, longest: n };
    const { training } = partialSumsSizes(shape, d);
    expect(poolBytes({ threads, ...training }) / kernel).toBeGreaterThan(0.9);
    expect(poolBytes({ threads, ...training }) / kernel).toBeLessThan(1.06);
    expect(storedBytesOf(shape, d) / outside).toBeCloseTo(1, 2);
  });

  it('takes what the table of the guide says, within a tenth', async () => {
    const guide = await readFile(new URL('../../../../docs/training.md', import.meta.url), 'utf8');
    const rows = [...guide.matchAll(/^\| ([\d,]+) +\| ([\d,]+) +\| (\d+) +\| ([\d.]+) GB +\|/gm)];
    expect(rows.length).toBeGreaterThan(5);
    for (const [row, ...cells] of rows) {
      const [numUsers, numItems, each, gigabytes] = cells.map((cell) => Number(cell.replaceAll(',', '')));
      const sizes = alsSizes({ numUsers: numUsers!, numItems: numItems!, longest: numUsers! / 10 }, 64);
      // What als.ts adds to kernel memory, and ids of 10 bytes.
      const bytes =
        250e6 + 49 * numUsers! * each! + 60 * (numUsers! + numItems!) + poolBytes({ threads: 2, ...sizes });
      expect(Math.abs(bytes / (gigabytes! * 1e9) - 1), row).toBeLessThan(0.1);
    }
  });

  it('is told before any memory is asked for: what fits by the formula can be opened', () => {
    const sizes = alsSizes({ numUsers: 100_000, numItems: 20_000, longest: 5000 }, 64);
    const dense = 4 * 64 * 120_000;
    expect(sizes.workspaceBytes).toBeGreaterThan(dense);
    expect(sizes.workspaceBytes).toBeLessThan(1.4 * dense);
    const pool = openPool({ threads: 1, ...sizes, signal: new AbortController().signal });
    expect(pool.workspace.memory.buffer.byteLength).toBeGreaterThan(sizes.workspaceBytes);
  });
});
