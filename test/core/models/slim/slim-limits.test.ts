import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import { settingsOf } from '#dist/core/models/slim/slim-settings.js';
import { allocateSparseRows, type SparseRows } from '#dist/core/numeric/csr.js';

const slim = findModel('slim');
const { kernels } = openWorkspace(0);

/** So many items, each of one user, one after the other. */
function catalogueOf(numItems: number): Pairs {
  const indptr = Uint32Array.from({ length: 1001 }, (_, u) => Math.round((u * numItems) / 1000));
  return {
    numUsers: 1000,
    numItems,
    indptr,
    item: Uint32Array.from({ length: numItems }, (_, p) => p),
    weight: new BigInt64Array(numItems).fill(1_000_000_000n),
    count: new Uint32Array(numItems).fill(1),
    lastAt: new BigInt64Array(numItems).fill(-(2n ** 63n)),
    flags: new Uint8Array(numItems).fill(1),
  };
}

describe('options of slim', () => {
  it('have their defaults', () => {
    expect(resolveOptions(slim, {})).toEqual({
      ...{ reg: 'auto', neighbours: 'auto', confidence: 'binary', 'item-discount': 0, 'user-discount': 0 },
    });
    expect(resolveOptions(slim, { reg: 3, neighbours: 70 })).toMatchObject({ reg: 3, neighbours: 70 });
    expect(slim.dim({})).toBe(0);
  });

  it.each([
    [{ reg: 0 }, /`reg` 0: wanted a number from 0.001/],
    [{ neighbours: 0 }, /`neighbours` 0: wanted a whole number from 1 to 1000/],
    [{ neighbours: 2.5 }, /`neighbours`/],
    [{ neighbours: 'many' }, /`neighbours`/],
    [{ factors: 32 }, /`factors` does not apply to `model` slim/],
  ])('refuse %o', (given, message) => {
    expect(() => resolveOptions(slim, given)).toThrow(
      expect.objectContaining({
        code: 'bad-usage',
        message: expect.stringMatching(message) as string,
      }) as Error,
    );
  });

  it('say so where nothing is left to train on', () => {
    const nothing = { ...catalogueOf(5), weight: new BigInt64Array(5) };
    expect(() => slim.plan({ pairs: nothing }, resolveOptions(slim, {}), 1)).toThrow(
      expect.objectContaining({ code: 'empty-input' }) as Error,
    );
  });
});

describe('λ and m of slim', () => {
  /** Users who have the first items in turn, so that each item has `ofItem` users on average. */
  function rowsOf(numUsers: number, numItems: number, ofItem: number): SparseRows {
    const rows = allocateSparseRows(numUsers + 1, numItems * ofItem);
    // The last user has nothing, and no one has the item after the last.
    rows.indptr.forEach((_, u) => {
      rows.indptr[u] = Math.round((Math.min(u, numUsers) * numItems * ofItem) / numUsers);
    });
    rows.idx.forEach((_, p) => (rows.idx[p] = p % numItems));
    return rows;
  }

  it.each([
    // Sparse: few users an item.
    [10_000, 6_000, 9, { reg: 8, neighbours: 50 }],
    [2_000, 500, 20, { reg: 8, neighbours: 200 }],
    [20_000, 1000, 20, { reg: 8, neighbours: 110 }],
    // More users an item.
    [40_000, 100, 40, { reg: 8 * 0.5 ** 1.5, neighbours: 200 }],
    [1_000, 100, 160, { reg: 2, neighbours: 200 }],
  ])('of %i users and %i items of %i users each', (users, items, ofItem, wanted) => {
    const { reg, neighbours } = settingsOf(rowsOf(users, items, ofItem), items + 1, {}, kernels);
    expect(reg).toBeCloseTo(wanted.reg, 12);
    expect(neighbours).toBe(wanted.neighbours);
  });

  it('are what is given', () => {
    const rows = rowsOf(100, 10, 5);
    expect(settingsOf(rows, 10, { reg: 3, neighbours: 7 }, kernels)).toEqual({ reg: 3, neighbours: 7 });
    expect(settingsOf(rows, 10, { reg: 'auto', neighbours: 7 }, kernels)).toMatchObject({
      reg: 8,
      neighbours: 7,
    });
  });

  it('are among the parameters of its snapshots', () => {
    const plan = slim.plan({ pairs: catalogueOf(50) }, resolveOptions(slim, { neighbours: 9 }), 1);
    expect(plan.parameters).toEqual({ reg: 8, neighbours: 9 });
  });
});

describe('the memory of slim', () => {
  const plan = (items: number, neighbours: number) =>
    slim.plan({ pairs: catalogueOf(items) }, resolveOptions(slim, { neighbours }), 1);

  it('is about 16 bytes × items × neighbours, and known before', () => {
    const { expectation, modelBytes } = plan(300_000, 100);
    const bytes = 16 * 300_000 * 100;
    expect(expectation(1).memoryBytes).toBeGreaterThan(bytes + 2 ** 28);
    expect(expectation(1).memoryBytes).toBeLessThan(1.1 * (bytes + 2 ** 28) + 300e6);
    expect(expectation(3).memoryBytes).toBeGreaterThan(expectation(1).memoryBytes);
    expect(expectation(2).seconds).toBe(expectation(1).seconds / 2);
    expect(modelBytes).toBe(8 * 300_000 * 100 + 4 * 300_000);
  });

  it('does not count neighbours that cannot be', () => {
    expect(plan(40, 1000).modelBytes).toBe(8 * 40 * 39 + 4 * 40);
  });

  it('is refused where it does not fit, with how many neighbours would', () => {
    let thrown: { details?: { neighbours?: number } } | undefined;
    try {
      plan(300_000, 900);
    } catch (error) {
      thrown = error as typeof thrown;
    }
    const fitting = thrown?.details?.neighbours ?? 0;
    expect(thrown).toMatchObject({
      code: 'too-large',
      exitCode: 2,
      message: expect.stringMatching(
        /slim on 300000 items with 900 neighbours needs 4.\d GiB .* is 4.0 GiB/,
      ) as string,
      suggestions: [
        `it fits with \`neighbours\` ${String(fitting)}`,
        expect.stringContaining('`minItemUsers`'),
      ],
    });
    expect(() => plan(300_000, fitting)).not.toThrow();
    expect(() => plan(300_000, fitting + 1)).toThrow('needs 4.0 GiB');
  });
});
