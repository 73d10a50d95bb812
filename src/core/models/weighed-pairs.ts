import { openWorkspace } from '../compute/workspace.js';
import type { ModelFile } from '../contracts.js';
import { AppError } from '../errors.js';
import { bytesOf, npyHeader } from '../files/npy.js';
import type { SparseRows } from '../numeric/csr.js';
import { historyRows, historyWeights, type HistoryWeights } from './folding/history-weights.js';
import type { WeighingOptions } from './folding/weighing-options.js';
import type { TrainingData } from './model.js';

/** What is trained on, and how it was weighed. */
export interface WeighedPairs {
  readonly weights: HistoryWeights;
  readonly byUser: SparseRows;
}

/** AppError 'empty-input' where nothing weighs anything. */
export function weighPairs({ pairs }: TrainingData, options: WeighingOptions): WeighedPairs {
  const { kernels } = openWorkspace(0);
  const weights = historyWeights(pairs, options, kernels);
  const byUser = historyRows(weights, pairs, kernels);
  if (byUser.idx.length > 0) return { weights, byUser };
  throw new AppError(
    'empty-input',
    'nothing to train on: every pair of user and item is a ban or has no weight',
  );
}

/** The file of what items' weights are multiplied by; none where they are not. */
export function* itemWeightFiles({
  scale,
}: HistoryWeights): Generator<readonly [ModelFile, Iterable<Uint8Array>]> {
  const { itemFactor } = scale;
  if (itemFactor === undefined) return;
  yield ['itemWeights', [npyHeader('<f4', [itemFactor.length]), bytesOf(itemFactor)]];
}
