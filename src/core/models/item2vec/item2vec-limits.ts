/** How much memory an item2vec model takes, and where it takes too much, what would fit. */
import { factorBytes, paddedDim } from '../../compute/factors.js';
import { poolBytes } from '../../compute/pool.js';
import { mostAllocatedBytes } from '../../compute/workspace.js';
import { AppError } from '../../errors.js';
import type { SkipGramOptions } from './skip-gram-options.js';
import { skipGramShape, type SkipGramShape } from './skip-gram-plan.js';
import type { UserFold } from '../folding/user-fold.js';
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
  fold: Pick<UserFold, 'dim' | 'allBytes' | 'scratchBytes'>,
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
  fold: Pick<UserFold, 'dim' | 'allBytes' | 'scratchBytes'>,
  threads: number,
): void {
  const bytesOf = (factors: number): number =>
    poolBytes({ threads, ...item2vecShape(size, { ...options, factors }, { ...fold, dim: factors }) });
  const needed = bytesOf(options.factors);
  if (needed <= mostAllocatedBytes) return;
  let fewer = 8 * Math.floor((options.factors - 1) / 8);
  while (fewer > 0 && bytesOf(fewer) > mostAllocatedBytes) fewer -= 8;
  const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
  const { numUsers, numItems } = size;
  throw new AppError(
    'too-large',
    `${String(numUsers)} users and ${String(numItems)} items of ${String(options.factors)} dimensions need ` +
      `${gib(needed)} GiB (about 4 bytes × (users + 2 × items) × dimensions); the limit is ${gib(mostAllocatedBytes)} GiB`,
    {
      suggestions: [
        ...(fewer > 0 ? [`it fits with \`factors\` ${String(fewer)}`] : []),
        'leave out rare users and items: `minUserItems`, `minItemUsers`',
      ],
      details: {
        ...{ users: numUsers, items: numItems, bytes: needed, limit: mostAllocatedBytes },
        ...(fewer > 0 ? { factors: fewer } : {}),
      },
    },
  );
}
