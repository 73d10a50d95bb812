/**
 * From what was played to the weights of the objective. A pair's weight is
 *
 *   w = f(r) · (n_i / n̄_i)^−γ · (n_u / n̄_u)^−δ,   r = min(Σ plays, cap) · 2^(−age / half-life)
 *
 * with n_i the users of its item, n_u the items of its user, and the means over the training's. With `binary` w has
 * 2^(−age / half-life) in place of f(r), which would be 1 at every age. Else f is a confidence of weighting.ts, or one of
 * two that information retrieval scales words with, a user being a document:
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

/** What a pair's latest event counts, by its age: 0 … 1 (models/folding/decay.ts). */
export type AgeFactor = (lastAtMs: number) => number;

/** implicit's, which are usual where plays are weighed. */
const defaultBm25 = { kind: 'bm25', k1: 100, b: 0.8 } as const;

/** `log`, `binary`, `linear:α`, `bm25`, `bm25:K1,B` or `tf-idf`; undefined for anything else. */
export function parsePlayFunction(text: string): PlayFunction | undefined {
  if (text === 'tf-idf') return { kind: 'tf-idf' };
  if (text === 'bm25') return defaultBm25;
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

/** Σ plays of a pair, as far as they count; of `binary`, which counts none of them, the weight as it is. */
function counted({ f, cap }: Weighting, age: AgeFactor = () => 1): (r: number, lastAtMs: number) => number {
  if (f.kind === 'binary') return (r, lastAtMs) => (r > 0 ? age(lastAtMs) : 0);
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
    case 'binary':
      return (r) => r;
    default:
      return confidenceFunction(f, math.ln);
  }
}

/** What all weighed pairs come to together: α₀ and λ are made from it. */
export interface PairTotals {
  readonly numPairs: number;
  /** Users · items, of those that have a pair. */
  readonly numCells: number;
  /** Σ |w| */
  readonly weight: number;
}

/** Counts and sums, in one pass. */
export function pairTotals(rows: SparseRows, numItems: number): PairTotals {
  const numPairs = rows.idx.length;
  let weight = 0;
  const met = new Uint8Array(numItems);
  for (let p = 0; p < numPairs; p++) {
    weight += Math.abs(rows.weight[p]);
    met[rows.idx[p]] = 1;
  }
  let numUsers = 0;
  for (let u = 0; u < rows.numRows; u++) if (rows.indptr[u + 1] > rows.indptr[u]) numUsers++;
  return { numPairs, numCells: numUsers * met.reduce((count, isMet) => count + isMet, 0), weight };
}

/** α₀ = ratio · Σ w / (users · items): all pairs together weigh `ratio` times what the observed ones do. */
export function unobservedWeightOf(ratio: number, { weight, numCells }: PairTotals): number {
  return (ratio * weight) / numCells;
}

/**
 * λ where none is said: a fixed share τ of how strong data is in which everybody likes everything alike,
 *
 *   λ = τ · (Σ w / √C) / ((n + α₀·C) / √C)^ν,   n pairs among C = users · items
 *
 * Near 0 the objective is λ (Σ s_u^ν ‖x_u‖² + Σ s_i^ν ‖y_i‖²) − 2 Σ w·p·x·y. With rows divided by the roots of what λ
 * multiplies it is λ (‖X‖² + ‖Y‖²) − 2 tr(XᵀMY), and of M only singular values above λ leave anything. Of data that is
 * alike everywhere the one singular value is what τ is multiplied by. So λ means the same at every density, ratio,
 * exponent and scale of the weights; with ν = 1 and weights of 1 it is τ / (1 + ratio).
 */
export function defaultReg(
  unobservedWeight: number,
  regExponent: number,
  { numPairs, numCells, weight }: PairTotals,
  power: Transcendental['power'],
): number {
  const root = Math.sqrt(numCells);
  const size = (numPairs + unobservedWeight * numCells) / root;
  const reg = (defaultShare * (weight / root)) / power(size, regExponent);
  return Math.min(Math.max(reg, leastReg), 1 / leastReg);
}

/** The α₀ that Rendle et al. 2021 found by search are 27 and 14; docs/internals/tuning.md has what it gives at other densities. */
export const defaultRatio = 20;
/** τ: λ = 0.007 for weights of 1 and the usual ratio. */
const defaultShare = 0.007 * (1 + defaultRatio);
/** λ is 1e-9 … 1e9, as where it is said. */
const leastReg = 1e-9;
