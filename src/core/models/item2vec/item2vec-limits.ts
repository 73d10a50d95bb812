/** How much memory an item2vec model takes, and where it takes too much, what would fit. */
import { factorBytes, paddedDim } from '../../compute/factors.js';
import { poolBytes } from '../../compute/pool.js';
import type { SkipGramOptions } from './skip-gram-options.js';
import { skipGramShape, type SkipGramShape } from './skip-gram-plan.js';
import { requireVectorsFit } from '../fitting.js';
import type { FoldSizes } from '../folding/user-fold.js';
import { rankMemory } from '../rank-by-inner-product.js';

export interface Item2vecSize {
  readonly numUsers: number;
  readonly numItems: number;
  /** In sequences. */
  readonly numEvents: number;
}

/** Of training, and of the ranking or everyone's vectors that follow in the same memory. */
export function item2vecShape(
  { numUsers, numItems, numEvents }: Item2vecSize,
  options: SkipGramOptions,
  fold: FoldSizes,
): SkipGramShape {
  const training = skipGramShape(numItems, numEvents, options);
  const ranking = rankMemory(numItems, fold);
  const users = factorBytes(numUsers, paddedDim(options.factors));
  return {
    ...training,
    workspaceBytes: training.workspaceBytes + Math.max(users, ranking.workspaceBytes),
    scratchBytes: Math.max(training.scratchBytes, ranking.scratchBytes),
  };
}

/** AppError 'too-large' where the workspace would pass what 32 bits address; it says which --factors would fit. */
export function requireItem2vecFit(
  size: Item2vecSize,
  options: SkipGramOptions,
  fold: FoldSizes,
  threads: number,
): void {
  const bytesOf = (factors: number): number =>
    poolBytes({ threads, ...item2vecShape(size, { ...options, factors }, { ...fold, dim: factors }) });
  requireVectorsFit(size, options.factors, bytesOf, '(users + 2 × items)', () => ({
    suggestions: ['leave out rare users and items: `minUserItems`, `minItemUsers`'],
    details: {},
  }));
}
