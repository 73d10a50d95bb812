import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import type { Pairs } from '#dist/core/contracts.js';
import { findModel, resolveOptions } from '#dist/core/models/all-models.js';
import type { ModelPlan } from '#dist/core/models/model.js';
import { slimSeconds } from '#dist/core/models/slim/slim-cost.js';
import { settingsOf } from '#dist/core/models/slim/slim-settings.js';
import { allocateSparseRows, type SparseRows } from '#dist/core/numeric/csr.js';
import { sparseRows, type Entries } from '../../../helpers/sparse.js';

const { kernels } = openWorkspace(0);

/** So many items of which the first `popular` have two users and the others one. */
function catalogueOf(many: number, popular = 0, numUsers = many): Pairs {
  const nnz = popular + many;
  return {
    numUsers,
    numItems: many,
    indptr: Uint32Array.from({ length: numUsers + 1 }, (_, u) =>
      u === numUsers ? nnz : Math.min(2 * u, popular + u),
    ),
    item: Uint32Array.from({ length: nnz }, (_, p) => (p < 2 * popular ? p >> 1 : p - popular)),
    weight: new BigInt64Array(nnz).fill(1_000_000_000n),
    count: new Uint32Array(nnz).fill(1),
    lastAt: new BigInt64Array(nnz).fill(-(2n ** 63n)),
    flags: new Uint8Array(nnz).fill(1),
  };
}

function planOf(name: 'ease' | 'slim', pairs: Pairs, given: Record<string, number> = {}): ModelPlan {
  const model = findModel(name);
  return model.plan({ pairs }, resolveOptions(model, given), 1);
}

function thrownBy(make: () => unknown): { details?: Record<string, number> } {
  try {
    make();
  } catch (error) {
    return error as { details?: Record<string, number> };
  }
  throw new Error('nothing was thrown');
}

describe('options of item-item models', () => {
  const weighing = { confidence: 'binary', 'item-discount': 0, 'user-discount': 0 };
  it.each([
    ['ease', {}, { reg: 150, ...weighing }],
    ['slim', {}, { reg: 'auto', neighbours: 'auto', ...weighing }],
    ['slim', { reg: 3, neighbours: 70 }, { reg: 3, neighbours: 70, ...weighing }],
  ] as const)('of %s %j have their defaults', (name, given, wanted) => {
    expect(resolveOptions(findModel(name), given)).toEqual(wanted);
    expect(findModel(name).dim({})).toBe(0);
  });

  it.each([
    ['ease', { reg: 0 }, /`reg` 0: wanted a number from 0.001/],
    ['ease', { reg: Number.POSITIVE_INFINITY }, /`reg`/],
    ['ease', { confidence: 'cubic' }, /`confidence` "cubic"/],
    ['ease', { epochs: 3 }, /`epochs` does not apply to `model` ease/],
    ['ease', { neighbours: 3 }, /`neighbours` does not apply to `model` ease/],
    ['ease', { 'unobserved-weight': 0.1 }, /`unobserved-weight` does not apply/],
    ['slim', { reg: 0 }, /`reg` 0: wanted a number from 0.001/],
    ['slim', { neighbours: 0 }, /`neighbours` 0: wanted a whole number from 1 to 1000/],
    ['slim', { neighbours: 2.5 }, /`neighbours`/],
    ['slim', { neighbours: 'many' }, /`neighbours`/],
    ['slim', { factors: 32 }, /`factors` does not apply to `model` slim/],
  ] as const)('of %s refuse %o', (name, given, message) => {
    expect(thrownBy(() => resolveOptions(findModel(name), given))).toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each(['ease', 'slim'] as const)('of %s say so where nothing is left to train on', (name) => {
    const nothing = { ...catalogueOf(5), weight: new BigInt64Array(5) };
    expect(thrownBy(() => planOf(name, nothing))).toMatchObject({ code: 'empty-input' });
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
    // Few users an item, many items a user.
    [2_000, 6_000, 9, { reg: 8, neighbours: 110, 'item-exponent': 0.15 }],
    [1_000, 20_000, 3, { reg: 8, neighbours: 50, 'item-exponent': 0.15 }],
    [200, 2_000, 9, { reg: 8, neighbours: 200, 'item-exponent': 0.15 }],
    // Few of either.
    [2_000, 1_000, 20, { reg: 8 * 1.6 ** 2, neighbours: 200, 'item-exponent': 0.05 * (4 - 1.6 ** 2) }],
    [8_000, 3_000, 20, { reg: 32, neighbours: 180, 'item-exponent': 0 }],
    [20_000, 9_000, 10, { reg: 32, neighbours: 100, 'item-exponent': 0 }],
    // More users an item.
    [4_000, 3_000, 40, { reg: 8 * 0.5 ** 1.5, neighbours: 200, 'item-exponent': 0.15 }],
    [1_000, 200, 160, { reg: 2, neighbours: 200, 'item-exponent': 0.15 }],
    [40_000, 100, 40, { reg: 32 * 0.5 ** 1.5, neighbours: 200, 'item-exponent': 0 }],
  ])('of %i users and %i items of %i users each', (users, items, ofItem, wanted) => {
    const found = settingsOf(rowsOf(users, items, ofItem), items + 1, {}, kernels);
    expect(found.reg).toBeCloseTo(wanted.reg, 12);
    expect(found['item-exponent']).toBeCloseTo(wanted['item-exponent'], 12);
    expect(found.neighbours).toBe(wanted.neighbours);
  });

  it('are what is given', () => {
    const rows = rowsOf(100, 10, 5);
    expect(settingsOf(rows, 10, { reg: 3, neighbours: 7 }, kernels)).toEqual({
      ...{ reg: 3, neighbours: 7, 'item-exponent': 0 },
    });
    expect(settingsOf(rows, 10, { reg: 'auto', neighbours: 7 }, kernels)).toMatchObject({
      reg: 32,
      neighbours: 7,
    });
  });

  it('are among the parameters of its snapshots', () => {
    expect(planOf('slim', catalogueOf(50), { neighbours: 9 }).parameters).toEqual({
      ...{ reg: 32, neighbours: 9, 'item-exponent': 0 },
    });
  });
});

describe('the seconds of slim', () => {
  /** Users who have all of the items `first` … `first` + many − 1. */
  const allOf = (users: number, many: number, first = 0): [number, number][][] =>
    Array.from({ length: users }, () => Array.from({ length: many }, (_, i) => [first + i, 1]));
  const seconds = (entries: Entries, numItems: number, neighbours = 10): number =>
    slimSeconds(sparseRows(entries), numItems, { reg: 8, neighbours, 'item-exponent': 0.15 });

  it('are those of columns, of what is looked up and of solving, of all items where these are few', () => {
    const ofItem = ((10 * 11) / 2) * 8e-9 + (10 ** 3 / 6) * 0.6e-9;
    expect(seconds(allOf(3, 40), 40)).toBeCloseTo(2.5 * 3 * 40 ** 2 * 3e-9 + 40 * ofItem, 12);
    // Fewer neighbours than are asked for.
    const alone = ((4 * 5) / 2) * 8e-9 + (4 ** 3 / 6) * 0.6e-9;
    expect(seconds(allOf(3, 5), 5)).toBeCloseTo(2.5 * 3 * 25 * 3e-9 + 5 * alone, 12);
  });

  it('are of a sample where items are many, and count the pairs of those whose Gram row is not kept', () => {
    const hot = seconds(allOf(4, 600), 600);
    expect(seconds([...allOf(4, 600), ...allOf(4, 600, 600)], 1200) / hot).toBeCloseTo(2, 1);
    const cold = seconds(allOf(4, 600, 12_000), 12_600);
    // The neighbours are the first ten: of their rows 1 … 10 entries of each user are read.
    const ofItem = 4 * (10 * 350e-9 + 55 * 0.6e-9) + (10 ** 3 / 6) * 0.6e-9;
    const wanted = 2.5 * 4 * 600 ** 2 * 3e-9 + 600 * ofItem;
    expect(Math.abs(cold / wanted - 1)).toBeLessThan(0.15);
  });
});

describe('the memory of item-item models', () => {
  it.each([
    ['ease', 20_000, {}, 4 * 20_000 ** 2],
    ['slim', 300_000, { neighbours: 100 }, 16 * 300_000 * 100 + 2 ** 28],
  ] as const)('of %s on %i items %j is known before', (name, items, given, bytes) => {
    const { expectation } = planOf(name, catalogueOf(items, 0, 1000), given);
    const [one, two] = [expectation(1), expectation(2)];
    expect(one.memoryBytes).toBeGreaterThan(bytes);
    expect(one.memoryBytes).toBeLessThan(1.1 * bytes + 300e6);
    expect(two.memoryBytes).toBeGreaterThan(one.memoryBytes);
    expect(two.seconds).toBe(one.seconds / 2);
  });

  it('has room for the scratch of as many threads as it takes, and takes no more', () => {
    // 15,000 users: 7.7 MB of scratch a thread, beside 4.0 GB of a catalogue of 27,500 and their own Gram matrix.
    const { expectation } = planOf('ease', catalogueOf(27_500, 0, 15_000));
    expect(expectation(256).memoryBytes).toBeLessThanOrEqual(2 ** 32 + 250e6);
    expect(expectation(256).memoryBytes).toBeGreaterThan(expectation(1).memoryBytes);
  });

  const limit = 2 ** 32 - 2 ** 16;
  it.each([
    [10_000, ['`minItemUsers` 2 keeps 10000 items, which fit'], { minItemUsers: 2, fittingItems: 10_000 }],
    // No minimum would leave an item.
    [0, [], {}],
  ])('refuses ease of too many items, %i of them popular', (popular, suggestions, details) => {
    expect(thrownBy(() => planOf('ease', catalogueOf(50_000, popular)))).toEqual(
      expect.objectContaining({
        code: 'too-large',
        exitCode: 2,
        message: expect.stringMatching(
          /ease on 50000 items needs 9.\d GiB .* the limit is 4.0 GiB/,
        ) as string,
        suggestions: [...suggestions, expect.stringContaining('`model` als')],
        details: { items: 50_000, bytes: expect.any(Number) as number, limit, ...details },
      }),
    );
  });

  it('refuses slim of too many neighbours, with how many would fit', () => {
    const pairs = catalogueOf(300_000, 0, 1000);
    const thrown = thrownBy(() => planOf('slim', pairs, { neighbours: 900 }));
    const fitting = thrown.details?.['neighbours'] ?? 0;
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
    expect(() => planOf('slim', pairs, { neighbours: fitting })).not.toThrow();
    expect(() => planOf('slim', pairs, { neighbours: fitting + 1 })).toThrow('needs 4.0 GiB');
  });
});
