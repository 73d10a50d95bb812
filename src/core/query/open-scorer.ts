import type { Pairs, RankedItem } from '../contracts.js';
import { Closers } from '../closers.js';
import { openVectorFile } from '../compute/vector-file.js';
import { openWorkspace } from '../compute/workspace.js';
import { readNpy } from '../files/npy.js';
import { hasLikes } from '../histories/opinions.js';
import { scoredHistories } from '../models/ease/scored-histories.js';
import type { Decay } from '../models/folding/decay.js';
import type { HistoryWeights } from '../models/folding/history-weights.js';
import type { UserFold } from '../models/folding/user-fold.js';
import { openExactSearch } from '../search/exact-search.js';
import { openItemItemSearch } from '../search/item-item-search.js';
import type { RowSet } from '../search/row-set.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { visitRowSums } from '../search/score-scan.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { scorerOf } from '../snapshot/scorer.js';
import { openItemsByProduct } from './open-items-by-product.js';
import { openModel } from './open-model.js';
import { storedWeights } from './stored-weights.js';

/** Scores of a kind for one user at a time, by their history. */
export interface Scorer {
  /**
   * The best k rows for a history (pairs with a single row) among the rows of `among` (undefined: all; else a set over
   * numRows), the rows of `leaveOut` left out, both during the search: fewer than k only where fewer are left.
   */
  best(history: Pairs, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedItem[];
  /**
   * Whether nothing in a history says what its listener likes: nothing of it is liked, or what is liked tells nothing
   * here. Every item scores 0 then, or by its distance from what is disliked, and the order of items means nothing. Never
   * where scores are the same for everyone.
   */
  isColdStart(history: Pairs): boolean;
}

/** A snapshot's model, open. */
export interface OpenScorer extends Scorer {
  readonly numRows: number;
  /** The same model where older listening counts less in this way, whatever it did in training; open as long as this one is. */
  aged(decay: Decay): Scorer;
  close(): void;
}

/**
 * The scorer that the snapshot's manifest names. AppError 'newer-format' for one that this version does not know.
 * @param inMemory many histories will be asked about: keep what is searched in memory
 */
export function openScorer(
  snapshot: OpenSnapshot,
  kind: Pick<FoundKind, 'name' | 'vectors'>,
  inMemory: boolean,
): OpenScorer {
  switch (scorerOf(snapshot)) {
    case 'item-item':
      return scoreByHistory(snapshot);
    case 'constant':
      return scoreAlike(snapshot);
    case 'inner-product':
      return scoreByVector(snapshot, kind, inMemory);
  }
}

/** A vector that a history brings along is the user's; an artist's score is the mean of its items', each weighed by its events. */
function scoreByVector(
  snapshot: OpenSnapshot,
  kind: Pick<FoundKind, 'name' | 'vectors'>,
  inMemory: boolean,
): OpenScorer {
  const opened = new Closers();
  try {
    const model = opened.keep(openModel(snapshot));
    const { itemVectors } = model;
    const search = opened.keep(
      kind.name === trainedKind
        ? openItemsByProduct(snapshot, itemVectors, { maxK: Infinity, inMemory })
        : openExactSearch(openVectorFile(snapshot.file(kind.vectors)), {
            ...{ measure: 'inner-product', maxK: Infinity, inMemory },
          }),
    );
    const scoreBy = (fold: UserFold): Scorer => {
      const vectorOf = (history: Pairs): Float32Array =>
        history.vector ?? fold.one(history, itemVectors).vector;
      return {
        best: (history, ...limits) => search.best(vectorOf(history), ...limits),
        isColdStart: (history) => !hasLikes(history) || vectorOf(history).every((x) => x === 0),
      };
    };
    return {
      numRows: search.numRows,
      ...scoreBy(model.fold()),
      aged: (decay) => scoreBy(model.fold(decay)),
      close: () => opened.close(),
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** Reads the rows of the items that a history holds, however many are asked about. */
function scoreByHistory(snapshot: OpenSnapshot): OpenScorer {
  const stored = storedWeights(snapshot);
  const { kernels } = openWorkspace(0);
  const matrix = openVectorFile(snapshot.file(snapshotFile.similarity));
  const search = openItemItemSearch(matrix, Infinity);
  const scoreBy = (weights: HistoryWeights): Scorer => ({
    best(history, ...limits) {
      const { idx, weight } = scoredHistories(history, weights, kernels);
      return search.best(idx, weight, ...limits);
    },
    isColdStart(history) {
      if (!hasLikes(history)) return true;
      const { idx, weight } = scoredHistories(history, weights, kernels);
      let isColdStart = true;
      visitRowSums(matrix, idx, weight, (_, sums) => (isColdStart = sums.every((sum) => sum === 0)));
      return isColdStart;
    },
  });
  return {
    numRows: search.numItems,
    ...scoreBy(stored),
    aged: (decay) => scoreBy({ ...stored, decay }),
    close: () => search.close(),
  };
}

/** The items by their own score, the same for everyone but for what is left out. */
function scoreAlike(snapshot: OpenSnapshot): OpenScorer {
  const { data } = readNpy(snapshot.file(snapshotFile.scores), { dtype: '<f4', shape: [undefined] });
  const ranked = rankScores(data);
  const scorer: Scorer = {
    best: (_, k, leaveOut, among) => firstBut(ranked, leaveOut, k, among),
    isColdStart: () => false,
  };
  return {
    numRows: data.length,
    ...scorer,
    aged: () => scorer,
    close: () => undefined,
  };
}
