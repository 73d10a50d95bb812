import type { Pairs, RankedItem } from '../contracts.js';
import { openWorkspace } from '../compute/workspace.js';
import { readNpy } from '../files/npy.js';
import { openHistorySearch } from '../search/history-search.js';
import type { RowSet } from '../search/row-set.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { visitRowSums } from '../search/score-scan.js';
import type { Decay } from '../models/folding/decay.js';
import { hasLikes } from '../histories/opinions.js';
import { scoredHistories } from '../models/ease/scored-histories.js';
import { openVectorFile } from '../compute/vector-file.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openItemsByProduct } from './open-items-by-product.js';
import { openModel } from './open-model.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { scorerOf } from '../snapshot/scorer.js';
import { storedWeights } from './stored-weights.js';

/** A snapshot's model, asked about one person at a time. */
export interface OpenScorer {
  readonly numItems: number;
  /**
   * The best k items for a history (pairs with a single row) among the rows of `among` (undefined: all; else a set over
   * numItems), the rows of `leaveOut` left out, both during the search: fewer than k only where fewer are left.
   */
  best(history: Pairs, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedItem[];
  /**
   * Whether nothing in a history says what its listener likes: nothing of it is liked, or what is liked tells nothing
   * here. Every item scores 0 then, or by its distance from what is disliked, and the order of items means nothing. Never
   * where scores are the same for everyone.
   */
  isBlank(history: Pairs): boolean;
  close(): void;
}

export interface ScorerOptions {
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Many people will be asked about: keep what is searched in memory. */
  readonly inMemory: boolean;
  /** How older listening counts less; as in training without this. */
  readonly decay?: Decay | undefined;
}

/** The scorer that the snapshot's manifest names. AppError 'newer-format' for one that this version does not know. */
export function openScorer(snapshot: OpenSnapshot, options: ScorerOptions): OpenScorer {
  switch (scorerOf(snapshot)) {
    case 'item-item':
      return scoreByHistory(snapshot, options);
    case 'constant':
      return scoreAlike(snapshot);
    case 'inner-product':
      return scoreByVector(snapshot, options);
  }
}

function scoreByVector(snapshot: OpenSnapshot, options: ScorerOptions): OpenScorer {
  const model = openModel(snapshot);
  const { itemVectors } = model;
  const userFold = model.fold(options.decay);
  const search = openItemsByProduct(snapshot, itemVectors, options);
  return {
    numItems: search.numRows,
    best: (history, k, leaveOut, among) =>
      search.best(userFold.one(history, itemVectors).vector, k, leaveOut, among),
    isBlank: (history) =>
      !hasLikes(history) || userFold.one(history, itemVectors).vector.every((x) => x === 0),
    close() {
      search.close();
      model.close();
    },
  };
}

/** Reads the rows of the items that somebody has heard, however many people are asked about. */
function scoreByHistory(snapshot: OpenSnapshot, { maxK, decay }: ScorerOptions): OpenScorer {
  const stored = storedWeights(snapshot);
  const weights = decay === undefined ? stored : { ...stored, decay };
  const { kernels } = openWorkspace(0);
  const matrix = openVectorFile(snapshot.file(snapshotFile.similarity));
  const search = openHistorySearch(matrix, maxK);
  return {
    numItems: search.numItems,
    best(history, k, leaveOut, among) {
      const { idx, weight } = scoredHistories(history, weights, kernels);
      return search.best(idx, weight, k, leaveOut, among);
    },
    isBlank(history) {
      if (!hasLikes(history)) return true;
      const { idx, weight } = scoredHistories(history, weights, kernels);
      let isBlank = true;
      visitRowSums(matrix, idx, weight, (_, sums) => (isBlank = sums.every((sum) => sum === 0)));
      return isBlank;
    },
    close: () => search.close(),
  };
}

/** The items by their own score, the same for everyone but for what is left out. */
function scoreAlike(snapshot: OpenSnapshot): OpenScorer {
  const { data } = readNpy(snapshot.file(snapshotFile.scores), { dtype: '<f4', shape: [undefined] });
  const ranked = rankScores(data);
  return {
    numItems: data.length,
    best: (_, k, leaveOut, among) => firstBut(ranked, leaveOut, k, among),
    isBlank: () => false,
    close: () => undefined,
  };
}
