import { allocateFactors, type Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import { vectorFileChunks } from '../compute/vector-file.js';
import { vectorsOfFactors } from './fitting.js';
import { foldInPieces, usersAtOnce } from './folding/fold-in-everyone.js';
import { factorInputs, meanFold, type MeanFoldModel } from './folding/mean-fold.js';
import type { FittedModel } from './model.js';
import { rankByInnerProduct } from './rank-by-inner-product.js';
import { itemWeightFiles } from './weighed-pairs.js';

/**
 * A model whose users are means of its items' input vectors, and whose scores are inner products with the output vectors,
 * both of which stand in the pool's memory and stay the caller's.
 */
export function meanModel(
  pool: ComputePool,
  { input, output }: { readonly input: Factors; readonly output: Factors },
  { dim, weights, recency }: Omit<MeanFoldModel, 'inputs'>,
): Omit<FittedModel, 'epochs' | 'close'> {
  const { workspace } = pool;
  const { numRows } = output;
  const fold = meanFold({ dim, weights, recency, inputs: factorInputs(workspace, input) });
  return {
    ...rankByInnerProduct(pool, output, fold),
    *files() {
      yield ['itemVectors', vectorFileChunks(workspace, output.address, numRows, dim)];
      yield ['inputVectors', vectorFileChunks(workspace, input.address, numRows, dim)];
      yield* itemWeightFiles(weights);
    },
    userVectors(histories, context) {
      const { address } = allocateFactors(workspace, usersAtOnce(histories.numUsers, dim), output.dim);
      return foldInPieces(pool, fold, output, histories, address, context);
    },
    itemVectors: () => vectorsOfFactors(workspace, output, dim),
  };
}
