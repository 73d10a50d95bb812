import type { Pairs, RankedItem } from '../contracts.js';
import { openExactSearch } from '../index/exact-search.js';
import { openModel } from './open-model.js';
import type { OpenSnapshot } from './open-snapshot.js';

/** A snapshot's model, asked about one person at a time. */
export interface OpenScorer {
  readonly numItems: number;
  /** The best k items for a history (pairs with a single row), the rows of `leaveOut` left out during the search. */
  best(history: Pairs, k: number, leaveOut: Iterable<number>): RankedItem[];
  close(): void;
}

export interface ScorerOptions {
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Many people will be asked about: keep what is searched in memory. */
  readonly inMemory: boolean;
}

/** The scorer that the snapshot's manifest names. */
export function openScorer(snapshot: OpenSnapshot, options: ScorerOptions): OpenScorer {
  const { itemVectors, fold } = openModel(snapshot);
  const userFold = fold();
  const search = openExactSearch(itemVectors, { measure: 'inner-product', ...options });
  return {
    numItems: search.numRows,
    best: (history, k, leaveOut) => search.best(userFold.one(history, itemVectors).vector, k, leaveOut),
    close: () => search.close(),
  };
}
