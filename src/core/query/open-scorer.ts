/**
 * How an open snapshot scores: the one place that asks which scorer its model has. Each answers in the same forms: for one
 * user at a time, for blocks of users and for many histories on several threads, and with what a score is made of. Nothing is
 * opened before a form needs it.
 */
import type { OpenRanker, Pairs, RankedItem, TaskContext } from '../contracts.js';
import { Closers, handingOn } from '../closers.js';
import { openVectorFile, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { openWorkspace } from '../compute/workspace.js';
import { openNpy, readNpy } from '../files/npy.js';
import { hasLikes } from '../histories/opinions.js';
import { scoredHistories } from '../models/ease/scored-histories.js';
import type { Decay } from '../models/folding/decay.js';
import type { HistoryWeights } from '../models/folding/history-weights.js';
import type { ScoreParts } from '../models/folding/score-parts.js';
import type { UserFold } from '../models/folding/user-fold.js';
import { openExactSearch } from '../search/exact-search.js';
import { openItemItemSearch } from '../search/item-item-search.js';
import type { RowSet } from '../search/row-set.js';
import type { SearchThread, SearchWays } from '../search/search-thread.js';
import { firstBut, rankByScore, rankScores } from '../search/score-ranking.js';
import { visitInnerProducts, visitRowSums, type EachScores } from '../search/score-scan.js';
import { requireKind, type FoundKind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { scorerOf } from '../snapshot/scorer.js';
import { openStoredVectors } from '../snapshot/users/stored-arrays.js';
import type { BlockQuery, BlockScorer } from './many/score-blocks.js';
import { openItemsByProduct } from './open-items-by-product.js';
import { openModel } from './open-model.js';
import { storedWeights } from './stored-weights.js';

/** Scores of a kind for one user at a time, by their history. */
export interface Scorer {
  /**
   * The best k rows for a history (pairs with a single row) among the rows of `among` (undefined: all; else a set over the
   * kind's rows), the rows of `leaveOut` left out, both during the search: fewer than k only where fewer are left.
   */
  best(history: Pairs, k: number, leaveOut: Iterable<number>, among?: RowSet): RankedItem[];
  /**
   * Whether nothing in a history says what its user likes: nothing of it is liked, or the model knows nothing of what is.
   * Every item scores 0 then, or by its distance from what is disliked, and the order of items means nothing. Never where
   * scores are the same for everyone.
   */
  isColdStart(history: Pairs): boolean;
}

/** One user's scores, and what they are made of. */
export interface ExplainedScores {
  /** Every score, in the order of rows: the bits that the scorer ranks by. */
  visit(each: EachScores): void;
  /** What each item of the history adds to the score of a row; undefined where scores are the same for everyone. */
  parts(): ScoreParts<number> | undefined;
}

/** A snapshot's model, open. What it opens is closed before it. */
export interface OpenScorer extends Scorer {
  /** The same model where older listening counts less in this way, whatever it did in training. */
  aged(decay: Decay): Scorer;
  explain(history: Pairs): ExplainedScores;
  /** For users of the snapshot, a block at a time. AppError 'too-large' where what is searched does not fit. */
  openBlocks(question: BlockQuery, context: TaskContext): Promise<BlockScorer>;
  /** For many histories of whomever: to measure a model by. What is searched is read into memory. AppError 'too-large' past 4 GiB. */
  openRanker(threads: number, context: TaskContext): Promise<OpenRanker>;
  close(): void;
}

/**
 * The scorer that the snapshot's manifest names. AppError 'newer-format' for one that this version does not know.
 * @param ways.inMemory many histories will be asked about
 */
export function openScorer(snapshot: OpenSnapshot, kind: FoundKind, ways: SearchWays): OpenScorer {
  switch (scorerOf(snapshot)) {
    case 'inner-product':
      return scoreByVector(snapshot, kind, ways);
    case 'item-item':
      return scoreByHistory(snapshot, ways.thread);
    case 'constant':
      return scoreAlike(snapshot);
  }
}

/** The `openRanker` of a snapshot's scorer, with which that is closed. Close it before the snapshot. */
export async function openRanker(
  snapshot: OpenSnapshot,
  threads: number,
  context: TaskContext,
): Promise<OpenRanker> {
  return handingOn(
    openScorer(snapshot, requireKind(snapshot, trainedKind), { inMemory: false }),
    async (scorer) => {
      const ranker = await scorer.openRanker(threads, context);
      const close = async (): Promise<void> => {
        await ranker.close();
        scorer.close();
      };
      return { ...ranker, close };
    },
  );
}

/** A vector that a history brings along is the user's; an artist's score is the mean of its items', each weighed by its events. */
function scoreByVector(snapshot: OpenSnapshot, kind: FoundKind, ways: SearchWays): OpenScorer {
  const opened = new Closers();
  // Rows that were read are kept where one thread folds; of several, each would keep its own.
  const keepsRows = ways.inMemory && ways.thread === undefined;
  const model = opened.lazy(() => openModel(snapshot, keepsRows));
  const targets = opened.lazy(() => openVectorFile(snapshot.file(kind.vectors)));
  const userVectors = opened.lazy(() => openStoredVectors(snapshot));
  const search = opened.lazy(() =>
    kind.name === trainedKind
      ? openItemsByProduct(snapshot, model().itemVectors, { ...ways, maxK: Infinity })
      : openExactSearch(openVectorFile(snapshot.file(kind.vectors)), {
          ...{ ...ways, measure: 'inner-product', maxK: Infinity },
        }),
  );
  let kept: UserFold | undefined;
  const defaultFold = (): UserFold => (kept ??= model().fold());
  const vectorBy = (fold: () => UserFold, history: Pairs): Float32Array =>
    history.vector ?? fold().one(history, model().itemVectors).vector;
  const vectorOf = (history: Pairs): Float32Array => vectorBy(defaultFold, history);
  const scoreBy = (fold: () => UserFold): Scorer => ({
    best: (history, ...limits) => search().best(vectorBy(fold, history), ...limits),
    isColdStart: (history) => !hasLikes(history) || vectorBy(fold, history).every((x) => x === 0),
  });
  return {
    ...scoreBy(defaultFold),
    aged(decay) {
      const fold = model().fold(decay);
      return scoreBy(() => fold);
    },
    explain(history) {
      const { itemVectors } = model();
      const { vector } = defaultFold().one(history, itemVectors);
      const targetOf = vectorReader(targets());
      let parts: ScoreParts<Float32Array> | undefined;
      return {
        visit: (each) => visitInnerProducts(targets(), vector, each, ways.thread),
        parts() {
          const { items, of } = (parts ??= defaultFold().parts(history, vector, itemVectors));
          return { items, of: (row) => of(targetOf(row)) };
        },
      };
    },
    async openBlocks(question, context) {
      const { scoreByVectors } = await import('./many/score-blocks.js');
      return scoreByVectors(targets(), { stored: userVectors(), vectorOf }, question, context);
    },
    async openRanker(threads, context) {
      const { openInnerProductRanker } = await import('../models/open-ranker.js');
      return openInnerProductRanker(model().itemVectors, defaultFold(), threads, context);
    },
    close: () => opened.close(),
  };
}

/** A function that reads a row's vector, over the one before it. */
function vectorReader(file: VectorFile): (row: number) => Float32Array {
  const bytes = vectorBytes(1, file.dim);
  const workspace = openWorkspace(bytes + 64);
  const address = workspace.allocate(bytes);
  return (row) => {
    file.readRangeInto(workspace, address, row, row + 1);
    return workspace.f32(address, file.dim);
  };
}

/** Reads the rows of the items that a history holds, however many are asked about. */
function scoreByHistory(snapshot: OpenSnapshot, thread: SearchThread | undefined): OpenScorer {
  const stored = storedWeights(snapshot);
  const { kernels } = openWorkspace(0);
  const opened = new Closers();
  const matrix = opened.keep(openVectorFile(snapshot.file(snapshotFile.similarity)));
  const search = opened.lazy(() => openItemItemSearch(matrix, Infinity, thread));
  const entries = opened.lazy(() =>
    openNpy(matrix.path, { dtype: '<f4', shape: [matrix.numRows, matrix.numRows] }),
  );
  const scoreBy = (weights: HistoryWeights): Scorer => ({
    best(history, ...limits) {
      const { idx, weight } = scoredHistories(history, weights, kernels);
      return search().best(idx, weight, ...limits);
    },
    isColdStart(history) {
      if (!hasLikes(history)) return true;
      const { idx, weight } = scoredHistories(history, weights, kernels);
      let isColdStart = true;
      visitRowSums(matrix, idx, weight, (_, sums) => (isColdStart = sums.every((sum) => sum === 0)));
      return isColdStart;
    },
  });
  const openRanker: OpenScorer['openRanker'] = async (threads, context) => {
    const { openItemItemRanker } = await import('../models/open-ranker.js');
    return openItemItemRanker(matrix, stored, threads, context);
  };
  return {
    ...scoreBy(stored),
    aged: (decay) => scoreBy({ ...stored, decay }),
    explain(history) {
      const { idx, weight } = scoredHistories(history, stored, kernels);
      return {
        visit: (each) => visitRowSums(matrix, idx, weight, each),
        parts() {
          const weighed = [...idx.keys()].filter((p) => weight[p] !== 0);
          const entry = new Float32Array(1);
          const entryAt = (item: number, row: number): number => {
            const at = item * matrix.numRows + row;
            entries().readInto(new Uint8Array(entry.buffer), at * Float32Array.BYTES_PER_ELEMENT);
            return entry[0] ?? 0;
          };
          return {
            items: Uint32Array.from(weighed, (p) => idx[p] ?? 0),
            of: (row) => Float64Array.from(weighed, (p) => (weight[p] ?? 0) * entryAt(idx[p] ?? 0, row)),
          };
        },
      };
    },
    async openBlocks(question, context) {
      const { suitsRanker, scoreByRanker, scoreOneByOne } = await import('./many/score-blocks.js');
      return suitsRanker(question)
        ? scoreByRanker(await openRanker(question.threads, context), question)
        : scoreOneByOne(question, context);
    },
    openRanker,
    close: () => opened.close(),
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
    ...scorer,
    aged: () => scorer,
    explain: () => scoresAlike(data),
    async openBlocks(question, context) {
      const { scoreOneByOne } = await import('./many/score-blocks.js');
      return scoreOneByOne(question, context);
    },
    openRanker: () => Promise.resolve(rankByScore(data)),
    close: () => undefined,
  };
}

/** Scores that are the same for everyone: nothing of a history made them. */
export function scoresAlike(scores: Float32Array): ExplainedScores {
  return {
    visit: (each) => {
      each(0, scores);
    },
    parts: () => undefined,
  };
}
