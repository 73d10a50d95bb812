import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import {
  pairWeights,
  parsePlayFunction,
  playFunctionText,
  unobservedWeightOf,
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
    (text) => {
      expect(playFunctionText(parsePlayFunction(text)!)).toBe(text);
    },
  );

  it('means implicit’s constants by bm25', () => {
    expect(playFunctionText(parsePlayFunction('bm25')!)).toBe('bm25:100,0.8');
  });

  it.each(['bm25:', 'bm25:1', 'bm25:0,1', 'bm25:1,1.1', 'bm25:-1,0', 'bm25:1,2,3', 'tfidf', 'bm25 '])(
    'refuses %j',
    (text) => {
      expect(parsePlayFunction(text)).toBeUndefined();
    },
  );
});

describe('unobservedWeightOf', () => {
  it('makes all pairs of those who have one weigh so many times what the observed ones do', () => {
    const rows = pairWeights(pairs, weighting('log'), weightScale(pairs, weighting('log'), math), math);
    const users = entries.filter((row) => row.length > 0).length;
    const items = new Set(entries.flat().map(([i]) => i)).size;
    const observed = sum([...rows.weight].map(Math.abs));
    expect(unobservedWeightOf(20, rows, numItems) * users * items).toBeCloseTo(20 * observed, 6);
    // This data is dense: 20 times would make what was not heard weigh more than what was.
    const meanWeight = observed / rows.idx.length;
    expect(unobservedWeightOf('auto', rows, numItems)).toBeCloseTo(0.1 * meanWeight, 9);
  });

  it('is 20 times the observed weight for sparse data', () => {
    const sparse = sparseRows(Array.from({ length: 300 }, (_, u) => [[u, 2] as const]));
    expect(unobservedWeightOf('auto', sparse, 300)).toBeCloseTo((20 * 600) / 300 ** 2, 9);
  });
});
