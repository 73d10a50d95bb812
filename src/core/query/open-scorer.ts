/**
 * How an open snapshot scores: the one place that asks which scorer its model has. Each answers in the same forms: for one
 * user at a time, for blocks of users and for many histories on several threads, and with what a score is made of. Nothing is
 * opened before a form needs it.
 */
import type { OpenRanker, Pairs, TaskContext } from '../contracts.js';
import { Closers, handingOn } from '../closers.js';
import { KeptWorkspace } from '../compute/kept-workspace.js';
import { openVectorFile, vectorBytes, type VectorFile } from '../compute/vector-file.js';
import { openWorkspace } from '../compute/workspace.js';
import { readNpy } from '../files/npy.js';
import { hasLikes } from '../histories/opinions.js';
import { scoredHistories } from '../models/item-item/scored-histories.js';
import type { HistoryWeights } from '../models/folding/history-weights.js';
import type { ScoreParts } from '../models/folding/score-parts.js';
import type { UserFold } from '../models/folding/user-fold.js';
import { openExactSearch } from '../search/exact-search.js';
import { openItemItemSearch } from '../search/item-item-search.js';
import type { SearchThread, SearchWays } from '../search/search-thread.js';
import { firstBut, rankByScore, rankScores } from '../search/score-ranking.js';
import { visitInnerProducts, visitRowSums } from '../search/score-scan.js';
import { requireKind, type FoundKind } from '../snapshot/kinds.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { openItemItem } from '../snapshot/item-item.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { scorerOf } from '../snapshot/scorer.js';
import { openStoredVectors } from '../snapshot/users/stored-arrays.js';
import { openItemsByProduct } from './open-items-by-product.js';
import { openModel } from './open-model.js';
import { scoreByBlend } from './scoring/score-by-blend.js';
import type { ExplainedScores, OpenScorer, Scorer } from './scoring/scorer.js';
import { storedBlend, weightsOfSecond } from './scoring/stored-blend.js';
import { storedWeights } from './stored-weights.js';

/**
 * The scorer that the snapshot's manifest names. AppError 'newer-format' for one that this version does not know.
 * @param ways.inMemory many histories will be asked about
 */
export function openScorer(snapshot: OpenSnapshot, kind: FoundKind, ways: SearchWays): OpenScorer {
  switch (scorerOf(snapshot)) {
    case 'inner-product':
      return scoreByVector(snapshot, kind, ways);
    case 'item-item':
    case 'sparse-item-item':
      return scoreByHistory(snapshot, storedWeights(snapshot), ways.thread);
    case 'constant':
      return scoreAlike(snapshot);
    case 'blend': {
      const first = scoreByVector(snapshot, kind, ways);
      // Artists and albums have vectors, and are scored by those alone.
      if (kind.name !== trainedKind) return first;
      return handingOn(first, () =>
        scoreByBlend(storedBlend(snapshot), {
          first,
          second: scoreByHistory(snapshot, weightsOfSecond(snapshot), ways.thread),
        }),
      );
    }
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
  const memory = new KeptWorkspace();
  const scoreBy = (fold: () => UserFold): Scorer => ({
    best: (history, ...limits) => search().best(vectorBy(fold, history), ...limits),
    isColdStart: (history) => !hasLikes(history) || vectorBy(fold, history).every((x) => x === 0),
    explain(history) {
      const { itemVectors } = model();
      const { vector } = fold().one(history, itemVectors);
      let targetOf: ReturnType<typeof vectorReader> | undefined;
      let parts: ScoreParts<Float32Array> | undefined;
      return {
        vector,
        visit: (each) => visitInnerProducts(targets(), vector, each, ways.thread, memory),
        parts() {
          const read = (targetOf ??= vectorReader(targets()));
          const { items, of } = (parts ??= fold().parts(history, vector, itemVectors));
          return { items, of: (row) => of(read(row)) };
        },
      };
    },
  });
  return {
    ...scoreBy(defaultFold),
    aged(decay) {
      const fold = model().fold(decay);
      return scoreBy(() => fold);
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
function scoreByHistory(
  snapshot: OpenSnapshot,
  stored: HistoryWeights,
  thread: SearchThread | undefined,
): OpenScorer {
  const { kernels } = openWorkspace(0);
  const opened = new Closers();
  const matrix = opened.keep(openItemItem(snapshot));
  const search = opened.lazy(() => openItemItemSearch(matrix, Infinity, thread));
  const memory = new KeptWorkspace();
  const scoreBy = (weights: HistoryWeights): Scorer => ({
    best(history, ...limits) {
      const { idx, weight } = scoredHistories(history, weights, kernels);
      return search().best(idx, weight, ...limits);
    },
    isColdStart(history) {
      if (!hasLikes(history)) return true;
      const { idx, weight } = scoredHistories(history, weights, kernels);
      let isColdStart = true;
      visitRowSums(matrix, idx, weight, (_, sums) => (isColdStart = sums.every((sum) => sum === 0)), memory);
      return isColdStart;
    },
    explain(history) {
      const { idx, weight } = scoredHistories(history, weights, kernels);
      return {
        visit: (each) => visitRowSums(matrix, idx, weight, each, memory),
        parts() {
          const weighed = [...idx.keys()].filter((p) => weight[p] !== 0);
          return {
            items: Uint32Array.from(weighed, (p) => idx[p] ?? 0),
            of: (row) => Float64Array.from(weighed, (p) => (weight[p] ?? 0) * matrix.entry(idx[p] ?? 0, row)),
          };
        },
      };
    },
  });
  const openRanker: OpenScorer['openRanker'] = async (threads, context) => {
    const { openItemItemRanker } = await import('../models/open-ranker.js');
    return openItemItemRanker(matrix, stored, threads, context);
  };
  return {
    ...scoreBy(stored),
    aged: (decay) => scoreBy({ ...stored, decay }),
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
    explain: () => scoresAlike(data),
  };
  return {
    ...scorer,
    aged: () => scorer,
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
