import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import {
  pairTotals,
  pairWeights,
  parsePlayFunction,
  playFunctionText,
  unobservedWeightOf,
  defaultRatio,
  defaultReg,
  weightScale,
  type Weighting,
} from '#dist/core/numeric/pair-weights.js';
import { usersOf } from '#dist/core/numeric/split-pairs.js';
import { pairsOf, plantedEntries, sparseRows, type Entries } from '../../helpers/sparse.js';

const math = openWorkspace(0).kernels;
const numItems = 30;
/** Weights of 1 … 40, some dislikes, a user and some items without a pair. */
const entries: Entries = plantedEntries(80, numItems - 2, { perUser: 9, dislikes: 0.1, seed: 7 }).map(
  (row, u) => row.map(([i, w]) => [i, Math.fround(Math.sign(w) * (1 + ((u * 7 + i * 3) % 40)))] as const),
);
entries[11] = [];
const pairs = pairsOf(entries, numItems);

function weighting(text: string, more: Partial<Weighting> = {}): Weighting {
  return { f: parsePlayFunction(text)!, cap: Infinity, itemDiscount: 0, userDiscount: 0, ...more };
}

const sum = (values: readonly number[]): number => values.reduce((total, x) => total + x, 0);

/** The formulas of pair-weights.ts as they are printed, in f64. */
function naive(text: string, { cap = Infinity, itemDiscount = 0, userDiscount = 0 }): Entries {
  const played = entries.map((row) =>
    row.map(([i, w]) => [i, Math.sign(w), Math.min(Math.abs(w), cap)] as const),
  );
  const nI = (item: number): number => played.filter((row) => row.some(([i]) => i === item)).length;
  const listeners = played.filter((row) => row.length > 0);
  const N = listeners.length;
  const meanU = sum(listeners.map((row) => row.length)) / N;
  const heard = Array.from({ length: numItems }, (_, i) => nI(i)).filter((n) => n > 0);
  const meanI = sum(heard) / heard.length;
  const length = (row: (typeof played)[number]): number => sum(row.map(([, , r]) => r));
  const meanLength = sum(listeners.map(length)) / N;
  const [k1, b] = text === 'bm25' ? [100, 0.8] : (text.split(':')[1] ?? '0,0').split(',').map(Number);
  const f = (r: number, item: number, row: (typeof played)[number]): number => {
    const n = nI(item);
    if (text === 'binary') return 1;
    if (text === 'log') return 1 + Math.log(r);
    if (text === 'tf-idf') return Math.sqrt(r) * (1 + Math.log((N + 1) / (n + 1)));
    const norm = k1! * (1 - b! + (b! * length(row)) / meanLength);
    return (Math.log(1 + (N - n + 0.5) / (n + 0.5)) * r * (k1! + 1)) / (r + norm);
  };
  return played.map((row) =>
    row.map(([i, sign, r]) => [
      i,
      sign * f(r, i, row) * (nI(i) / meanI) ** -itemDiscount * (row.length / meanU) ** -userDiscount,
    ]),
  );
}

describe('pairWeights', () => {
  it.each<[string, Partial<Weighting>]>([
    ['binary', {}],
    ['log', { cap: 10 }],
    ['bm25', {}],
    ['bm25:1.2,0.75', { cap: 5.5 }],
    ['bm25:3,0', { userDiscount: 0.5 }],
    ['bm25:3,1', {}],
    ['tf-idf', {}],
    ['tf-idf', { itemDiscount: 0.3, userDiscount: -0.2 }],
    ['binary', { itemDiscount: 0.4 }],
    ['log', { itemDiscount: -0.1, userDiscount: 0.25 }],
  ])('are those of the formulas: %s %o', (text, more) => {
    const w = weighting(text, more);
    const rows = pairWeights(pairs, w, weightScale(pairs, w, math), math);
    const wanted = naive(text, more);
    expect([...rows.indptr]).toEqual([...sparseRows(wanted).indptr]);
    wanted.flat().forEach(([item, weight], p) => {
      expect(rows.idx[p]).toBe(item);
      expect(Math.abs(rows.weight[p]! / weight - 1)).toBeLessThan(1e-6);
    });
  });

  it('are the same bits for a user alone as among others', () => {
    const w = weighting('bm25:2,0.5', { itemDiscount: 0.2, userDiscount: 0.1, cap: 17 });
    const age = (at: number): number => (at < 0 ? 0.75 : 0.5);
    const scale = weightScale(pairs, w, math, age);
    const all = pairWeights(pairs, w, scale, math, age);
    for (let u = 0; u < pairs.numUsers; u++) {
      const one = pairWeights(usersOf(pairs, u, u + 1), w, scale, math, age);
      expect([...one.weight]).toEqual([...all.weight.subarray(all.indptr[u], all.indptr[u + 1])]);
    }
  });

  it('cap plays first and age them then, in the lengths of histories too', () => {
    const two = pairsOf(
      [
        [
          [0, 8],
          [1, 2],
        ],
        [[0, 1]],
      ] as unknown as Entries,
      2,
    );
    const w = weighting('bm25:1,1', { cap: 4 });
    const age = (): number => 0.5;
    const scale = weightScale(two, w, math, age);
    expect(scale).toMatchObject({ meanItems: 1.5, meanPlays: (2 + 1 + 0.5) / 2 });
    const { weight } = pairWeights(two, w, scale, math, age);
    const idf = Math.log(1 + 1.5 / 1.5);
    expect(weight[1]).toBeCloseTo((idf * 2) / (1 + 3 / 1.75), 6);
  });

  it('leave out what no longer weighs anything', () => {
    const w = weighting('log');
    const scale = weightScale(pairs, w, math);
    expect(pairWeights(pairs, w, scale, math, () => 0).idx).toHaveLength(0);
  });

  it('know an item that nobody played in training', () => {
    for (const text of ['bm25', 'tf-idf', 'binary']) {
      const { itemFactor } = weightScale(pairs, weighting(text, { itemDiscount: 0.5 }), math);
      expect(itemFactor!.every((x) => x > 0 && Number.isFinite(x))).toBe(true);
    }
  });
});

describe('parsePlayFunction', () => {
  it.each(['log', 'binary', 'linear:2.5', 'bm25:1.2,0.75', 'bm25:3,0', 'tf-idf'])(
    'reads %s, and back',
    (text) => expect(playFunctionText(parsePlayFunction(text)!)).toBe(text),
  );

  it('means implicit’s constants by bm25', () => {
    expect(playFunctionText(parsePlayFunction('bm25')!)).toBe('bm25:100,0.8');
  });

  it.each(['bm25:', 'bm25:1', 'bm25:0,1', 'bm25:1,1.1', 'bm25:-1,0', 'bm25:1,2,3', 'tfidf', 'bm25 '])(
    'refuses %j',
    (text) => expect(parsePlayFunction(text)).toBeUndefined(),
  );
});

/** Everybody likes `perUser` items in a ring, each with weight w: rows alike, and columns. */
function alike(users: number, items: number, perUser: number, w = 1): ReturnType<typeof pairTotals> {
  const ring = Array.from({ length: users }, (_, u) =>
    Array.from({ length: perUser }, (_, at): [number, number] => [(u + at) % items, w]),
  );
  return pairTotals(sparseRows(ring), items);
}

const regOf = (totals: ReturnType<typeof pairTotals>, ratio = defaultRatio, exponent = 1): number =>
  defaultReg(unobservedWeightOf(ratio, totals), exponent, totals, math.power);

describe('unobservedWeightOf', () => {
  it('makes all pairs of those who have one weigh so many times what the observed ones do', () => {
    const rows = pairWeights(pairs, weighting('log'), weightScale(pairs, weighting('log'), math), math);
    const users = entries.filter((row) => row.length > 0).length;
    const items = new Set(entries.flat().map(([i]) => i)).size;
    const observed = sum([...rows.weight].map(Math.abs));
    for (const ratio of [0, 1, 20])
      expect(unobservedWeightOf(ratio, pairTotals(rows, numItems)) * users * items).toBeCloseTo(
        ratio * observed,
        6,
      );
  });

  it('grows with the share of pairs that are observed, from one in 200 to all of them', () => {
    const weights = [1, 2, 20, 200].map((perUser) => unobservedWeightOf(20, alike(200, 200, perUser)));
    expect(weights).toEqual([0.1, 0.2, 2, 20]);
  });
});

describe('defaultReg', () => {
  it('is 0.007 for weights of 1 at every density, and follows the ratio', () => {
    for (const perUser of [1, 20, 200]) expect(regOf(alike(200, 200, perUser))).toBeCloseTo(0.007, 12);
    expect(regOf(alike(300, 200, 9), 0)).toBeCloseTo(0.147, 12);
    expect(regOf(alike(300, 200, 9), 5)).toBeCloseTo(0.147 / 6, 12);
    expect(regOf(alike(300, 200, 9), 200)).toBeCloseTo(0.147 / 201, 12);
  });

  it.each([0, 0.5, 1, 1.7])(
    'is one share of the only singular value there is, with exponent %d',
    (exponent) => {
      const [users, items, w, unobserved] = [70, 40, 2.5, 3];
      const totals = alike(users, items, items, w);
      // All entries of the matrix divided by what λ multiplies are alike: then √(users · items) times one is the value.
      const size = (own: number, others: number): number => (own + unobserved * others) ** exponent;
      const entry = w / Math.sqrt(size(items, items) * size(users, users));
      const share = defaultReg(unobserved, exponent, totals, math.power) / (entry * Math.sqrt(users * items));
      expect(share).toBeCloseTo(0.147, 9);
    },
  );

  it('falls with α₀ and with the exponent, and grows with the weights', () => {
    const falling = (values: readonly number[]): void => {
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      expect(new Set(values).size).toBe(values.length);
    };
    const totals = alike(300, 200, 9);
    falling([0, 0.1, 1, 10].map((weight) => defaultReg(weight, 1, totals, math.power)));
    falling([0, 0.5, 1, 1.5].map((exponent) => regOf(totals, 20, exponent)));
    falling([10, 1, 0.1, 0.01].map((w) => regOf(alike(300, 200, 9, w))));
    // Weights that are all so much larger change nothing but through what a row counts beside them.
    expect(regOf(alike(300, 200, 9, 1000)) / 0.147).toBeCloseTo(1 / 20, 5);
  });

  it('is a number that --reg takes for one user, one item, one pair, and the oddest exponents', () => {
    for (const totals of [alike(1, 50, 50), alike(50, 1, 1), alike(1, 1, 1), alike(80, 80, 80, 1e-9)])
      for (const exponent of [0, 1, 4])
        for (const ratio of [0, 20, 1e6]) {
          const reg = regOf(totals, ratio, exponent);
          expect(reg).toBeGreaterThanOrEqual(1e-9);
          expect(reg).toBeLessThanOrEqual(1e9);
        }
    expect(regOf(alike(1, 50, 50))).toBeCloseTo(0.007, 12);
    expect(regOf(alike(50, 1, 1))).toBeCloseTo(0.007, 12);
  });

  it('knows nothing of users and items without a pair', () => {
    const row: Entries[number] = [
      [0, 2],
      [3, 1],
    ];
    const few = pairTotals(sparseRows([row, row]), 4);
    expect(pairTotals(sparseRows([[], row, [], row, []]), 9)).toEqual(few);
    expect(few).toEqual({ numPairs: 4, numCells: 4, weight: 6 });
  });
});
