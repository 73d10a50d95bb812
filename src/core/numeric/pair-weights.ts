/**
 * From what was played to the weights of the objective. A pair's weight is
 *
 *   w = f(r) · (n_i / n̄_i)^−γ · (n_u / n̄_u)^−δ,   r = min(Σ plays, cap) · 2^(−age / half-life)
 *
 * with n_i the users of its item, n_u the items of its user, and the means over the training's. f is a confidence of
 * weighting.ts, or one of two that information retrieval scales words with, a user being a document:
 *
 * - `bm25:K1,B` (Robertson and Zaragoza 2009, §3.3): idf · r·(K1 + 1) / (r + K1·(1 − B + B·ℓ_u / ℓ̄)), ℓ a user's Σ r,
 *   idf = ln(1 + (N − n_i + ½) / (n_i + ½)), which is never negative;
 * - `tf-idf` (as Lucene has it): √r · (1 + ln((N + 1) / (n_i + 1))).
 *
 * What is relative to the training data is its `WeightScale`: a fold-in with the same scale gives the same weights.
 */
import type { SparseRows } from './csr.js';
import { weighedRows, type WeightedPairs } from './training-rows.js';
import { confidenceFunction, confidenceText, parseConfidence, type Confidence } from './weighting.js';

export type PlayFunction =
  | Confidence
  | { readonly kind: 'bm25'; readonly k1: number; readonly b: number }
  | { readonly kind: 'tf-idf' };

export interface Weighting {
  readonly f: PlayFunction;
  /** Infinity: none. */
  readonly cap: number;
  /** γ: how far pairs of items with many users weigh less. */
  readonly itemDiscount: number;
  /** δ: how far pairs of users with many items weigh less. */
  readonly userDiscount: number;
}

/** What weights are relative to: taken from the training data, once. */
export interface WeightScale {
  /** n̄_u, over users with a pair. */
  readonly meanItems: number;
  /** ℓ̄, over users with a pair. */
  readonly meanPlays: number;
  /** f32 [numItems]: what all of an item's weights are multiplied by; undefined where that is 1. */
  readonly itemFactor: Float32Array | undefined;
}

/** Of the kernels: Math's differ between engines. */
export interface Transcendental {
  readonly ln: (x: number) => number;
  readonly power: (x: number, y: number) => number;
}

/** What a pair's latest event counts, by its age: 0 … 1 (users/decay.ts). */
export type AgeFactor = (lastAtMs: number) => number;

/** implicit's, which are usual where plays are weighed. */
const usualBm25 = { kind: 'bm25', k1: 100, b: 0.8 } as const;

/** `log`, `binary`, `linear:α`, `bm25`, `bm25:K1,B` or `tf-idf`; undefined for anything else. */
export function parsePlayFunction(text: string): PlayFunction | undefined {
  if (text === 'tf-idf') return { kind: 'tf-idf' };
  if (text === 'bm25') return usualBm25;
  const match = /^bm25:(\d+(?:\.\d+)?),(\d+(?:\.\d+)?)$/.exec(text);
  if (match === null) return parseConfidence(text);
  const k1 = Number(match[1]);
  const b = Number(match[2]);
  return k1 > 0 && Number.isFinite(k1) && b <= 1 ? { kind: 'bm25', k1, b } : undefined;
}

/** The inverse of `parsePlayFunction`. */
export function playFunctionText(f: PlayFunction): string {
  if (f.kind === 'bm25') return `bm25:${String(f.k1)},${String(f.b)}`;
  return f.kind === 'tf-idf' ? f.kind : confidenceText(f);
}

/** Whether an item's weights are multiplied by something of its own. */
export function hasItemFactor({ f, itemDiscount }: Weighting): boolean {
  return itemDiscount !== 0 || f.kind === 'bm25' || f.kind === 'tf-idf';
}

/** Measures the training data. Cost: two passes over its pairs. */
export function weightScale(
  pairs: WeightedPairs & { readonly numItems: number },
  weighting: Weighting,
  math: Transcendental,
  age?: AgeFactor,
): WeightScale {
  let [numUsers, plays] = [0, 0];
  const users = new Uint32Array(pairs.numItems);
  const rows = weighedRows(pairs, counted(weighting, age), (numPairs, sum) => {
    if (numPairs > 0) numUsers++;
    plays += sum;
    return () => 1;
  });
  for (let p = 0; p < rows.idx.length; p++) users[rows.idx[p]]++;
  const numItems = users.reduce((count, n) => count + (n > 0 ? 1 : 0), 0);
  const meanUsers = rows.idx.length / numItems;
  const { f, itemDiscount } = weighting;
  const factor = (n: number): number => {
    const discount = itemDiscount === 0 ? 1 : math.power(Math.max(1, n) / meanUsers, -itemDiscount);
    if (f.kind === 'bm25') return discount * math.ln(1 + (numUsers - n + 0.5) / (n + 0.5));
    return f.kind === 'tf-idf' ? discount * (1 + math.ln((numUsers + 1) / (n + 1))) : discount;
  };
  return {
    meanItems: rows.idx.length / numUsers,
    meanPlays: plays / numUsers,
    itemFactor: hasItemFactor(weighting) ? Float32Array.from(users, factor) : undefined,
  };
}

/**
 * Users' pairs as the solver reads them: the weight of each, negative for a dislike; pairs that weigh nothing are left
 * out. A user's weights depend on that user's pairs and the scale alone.
 */
export function pairWeights(
  pairs: WeightedPairs,
  weighting: Weighting,
  scale: WeightScale,
  math: Transcendental,
  age?: AgeFactor,
): SparseRows {
  const { f, userDiscount } = weighting;
  const { meanItems, itemFactor } = scale;
  return weighedRows(pairs, counted(weighting, age), (numPairs, plays) => {
    const ofPlays = playWeight(f, plays / scale.meanPlays, math);
    const ofUser = userDiscount === 0 ? 1 : math.power(numPairs / meanItems, -userDiscount);
    if (itemFactor === undefined) return (r) => ofPlays(r) * ofUser;
    return (r, item) => ofPlays(r) * ofUser * itemFactor[item];
  });
}

/** Σ plays of a pair, as far as they count. */
function counted({ cap }: Weighting, age: AgeFactor | undefined): (r: number, lastAtMs: number) => number {
  if (age === undefined) return (r) => Math.min(r, cap);
  return (r, lastAtMs) => Math.min(r, cap) * age(lastAtMs);
}

/** f without its idf, which is the item's. @param length ℓ_u / ℓ̄ */
function playWeight(f: PlayFunction, length: number, math: Transcendental): (r: number) => number {
  switch (f.kind) {
    case 'bm25': {
      const norm = f.k1 * (1 - f.b + f.b * length);
      return (r) => (r * (f.k1 + 1)) / (r + norm);
    }
    case 'tf-idf':
      return Math.sqrt;
    default:
      return confidenceFunction(f, math.ln);
  }
}

/**
 * α₀ = ratio · Σ w / (users · items) over those who have a pair: all pairs together weigh `ratio` times what the observed
 * ones do. `auto` is 20, or less where data is so dense that α₀ would be more than a tenth of the mean observed weight.
 */
export function unobservedWeightOf(ratio: number | 'auto', rows: SparseRows, numItems: number): number {
  const numPairs = rows.idx.length;
  let sum = 0;
  const met = new Uint8Array(numItems);
  for (let p = 0; p < numPairs; p++) {
    sum += Math.abs(rows.weight[p]);
    met[rows.idx[p]] = 1;
  }
  let numUsers = 0;
  for (let u = 0; u < rows.numRows; u++) if (rows.indptr[u + 1] > rows.indptr[u]) numUsers++;
  const cells = numUsers * met.reduce((count, isMet) => count + isMet, 0);
  const effective = ratio === 'auto' ? Math.min(usualRatio, (usualShare * cells) / numPairs) : ratio;
  return (effective * sum) / cells;
}

/** Chosen on four sets of data (docs/tuning.md). The α₀ that Rendle et al. 2021 found by search are 27 and 14. */
const usualRatio = 20;
/** Of the mean observed weight: α₀ at most. */
const usualShare = 0.1;
