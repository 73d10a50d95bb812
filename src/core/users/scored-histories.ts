import type { Kernels } from '../compute/kernels.js';
import type { Pairs } from '../contracts.js';
import { AppError } from '../errors.js';
import { allocateSparseRows, type SparseRows } from '../numeric/csr.js';
import { trainingRows } from '../numeric/training-rows.js';
import { confidenceFunction, parseConfidence, type Confidence } from '../numeric/weighting.js';

/**
 * Histories as models read them that score with the history itself: every pair, its weight the confidence of what was
 * listened to, negative for a dislike, and 0 for what only filters (a ban) or weighs nothing.
 */
export function scoredHistories(histories: Pairs, confidence: Confidence, kernels: Kernels): SparseRows {
  const weighed = trainingRows(histories, confidenceFunction(confidence, kernels.ln));
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

/** The confidence that a manifest's model options name. AppError 'damaged-snapshot' for anything else. */
export function confidenceFromOptions(options: Readonly<Record<string, unknown>>): Confidence {
  const confidence = parseConfidence(String(options['confidence']));
  if (confidence !== undefined) return confidence;
  throw new AppError(
    'damaged-snapshot',
    `manifest.json: model option confidence is ${String(options['confidence'])}, wanted log, binary or linear:α`,
  );
}
