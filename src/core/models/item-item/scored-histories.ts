import type { Kernels } from '../../compute/kernel-exports.js';
import type { Pairs } from '../../contracts.js';
import { allocateSparseRows, type SparseRows } from '../../numeric/csr.js';
import { historyRows, type HistoryWeights } from '../folding/history-weights.js';

/**
 * Histories as models read them that score with the history itself: every pair, its weight as in training, negative
 * for a dislike, and 0 for what only filters (a ban) or weighs nothing.
 */
export function scoredHistories(histories: Pairs, weights: HistoryWeights, kernels: Kernels): SparseRows {
  const weighed = historyRows(weights, histories, kernels);
  const all = allocateSparseRows(histories.numUsers, histories.item.length);
  all.indptr.set(histories.indptr);
  all.idx.set(histories.item);
  for (let u = 0; u < histories.numUsers; u++) {
    let from = weighed.indptr[u] ?? 0;
    for (let p = histories.indptr[u] ?? 0; p < (histories.indptr[u + 1] ?? 0); p++) {
      const weighs = from < (weighed.indptr[u + 1] ?? 0) && weighed.idx[from] === histories.item[p];
      all.weight[p] = weighs ? (weighed.weight[from++] ?? 0) : 0;
    }
  }
  return all;
}
