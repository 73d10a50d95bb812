/** What share of the true neighbours was found, and between what bounds that lies for all items. */
import type { RankedRow } from '../numeric/top-k.js';

export interface Recall {
  /** Share of the true neighbours that were found; 1 where there was nothing to find. */
  readonly share: number;
  /** 95 % interval of it for all items. */
  readonly interval: readonly [number, number];
  /** Items it was measured on. */
  readonly sampled: number;
}

export interface Share {
  readonly share: number;
  /** Over items, since the neighbours of one are found or missed together; 0 where all items were looked at. */
  readonly standardError: number;
}

/** Similarities that differ by less are equal: any of the items that are equally near is right. */
const tolerance = 1e-6;
/** Two-sided 95 % of the normal distribution. */
const z = 1.96;

/** @param population items that there are, of which the sample was drawn without putting back */
export function recallOf(
  truth: readonly (readonly RankedRow[])[],
  found: readonly (readonly RankedRow[])[],
  population: number,
): Recall {
  const hits = Float64Array.from(truth, (neighbours, q) => {
    const last = neighbours.at(-1)?.score ?? Infinity;
    return found[q]!.filter(({ score }) => score >= last - tolerance).length;
  });
  const { share, standardError } = shareOf(hits, truth, population);
  return { share, interval: wilson(share, standardError, truth.length, population), sampled: truth.length };
}

/** The share of hits among what was to be found. Ratio estimate, with the correction for a finite population. */
export function shareOf(
  hits: ArrayLike<number>,
  truth: readonly { readonly length: number }[],
  population: number,
): Share {
  const numQueries = truth.length;
  let wanted = 0;
  let found = 0;
  for (let q = 0; q < numQueries; q++) {
    wanted += truth[q]!.length;
    found += hits[q]!;
  }
  if (wanted === 0) return { share: 1, standardError: 0 };
  const share = found / wanted;
  let squares = 0;
  for (let q = 0; q < numQueries; q++) squares += (hits[q]! - share * truth[q]!.length) ** 2;
  const left = Math.max(0, 1 - numQueries / population);
  return { share, standardError: Math.sqrt(left * squares) / wanted };
}

/** Wilson's interval, for as many independent items as have this standard error: it stays within 0 … 1. */
function wilson(
  share: number,
  standardError: number,
  numQueries: number,
  population: number,
): readonly [number, number] {
  if (numQueries >= population) return [share, share];
  const variance = standardError * standardError;
  // Where every item was a hit, or none, nothing is known of how they differ: each counts once.
  const count = variance > 0 ? (share * (1 - share)) / variance : numQueries;
  const square = (z * z) / count;
  const middle = (share + square / 2) / (1 + square);
  const half = (z / (1 + square)) * Math.sqrt((share * (1 - share)) / count + square / (4 * count));
  return [Math.max(0, middle - half), Math.min(1, middle + half)];
}
