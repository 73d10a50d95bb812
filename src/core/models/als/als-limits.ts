/** How much memory an als model takes, and where it takes too much, what would fit. docs/reference/training.md has the formulas. */
import { poolBytes, type PoolSizes } from '../../compute/pool.js';
import { mostAllocatedBytes } from '../../compute/workspace.js';
import { factorBytes, paddedDim } from '../../compute/factors.js';
import type { Pairs } from '../../contracts.js';
import type { PassBytes } from '../model.js';
import type { AlsOptions } from './als-options.js';
import { partialSumsMemory, type GroupSizes } from './partial-sums.js';
import { alsMemory, type AlsShape } from './train-als.js';
import { requireVectorsFit } from '../fitting.js';
import { usersAtOnce } from '../folding/fold-in-everyone.js';
import { normalEquationsSizes } from '../folding/user-fold.js';
import { rankMemory } from '../rank-by-inner-product.js';

/** Of training, and of the ranking and the fold-in of everyone that follow in the same memory. */
export function alsSizes(shape: AlsShape, factors: number): PoolSizes {
  const training = alsMemory(shape, factors);
  const fold = normalEquationsSizes(factors);
  const ranking = rankMemory(shape.numItems, fold);
  return {
    workspaceBytes: training.workspaceBytes + Math.max(fold.allBytes(shape.numUsers), ranking.workspaceBytes),
    scratchBytes: Math.max(training.scratchBytes, ranking.scratchBytes),
  };
}

/** Of the ranking and the fold-in of everyone, beside the vectors. */
function foldingSizes({ numUsers, numItems }: AlsShape, factors: number): PoolSizes {
  const fold = normalEquationsSizes(factors);
  const ranking = rankMemory(numItems, fold);
  const atOnce = usersAtOnce(numUsers, factors);
  const folded = factorBytes(atOnce, paddedDim(factors)) + fold.allBytes(atOnce);
  return {
    workspaceBytes: Math.max(folded, ranking.workspaceBytes),
    scratchBytes: Math.max(fold.scratchBytes(numItems), ranking.scratchBytes),
  };
}

/** The same of training by partial sums: while it trains, and afterwards in memory of its own. */
export function partialSumsSizes(
  shape: AlsShape,
  factors: number,
): { readonly training: PoolSizes; readonly after: PoolSizes } {
  const training = partialSumsMemory(shape, factors);
  const folding = foldingSizes(shape, factors);
  const items = factorBytes(shape.numItems, paddedDim(factors));
  return {
    training: {
      workspaceBytes: training.workspaceBytes + folding.workspaceBytes,
      scratchBytes: Math.max(training.scratchBytes, folding.scratchBytes),
    },
    after: { ...folding, workspaceBytes: items + folding.workspaceBytes },
  };
}

/** What an epoch's passes bring to other machines. @param groups rows of a side that are fixed at a time */
export function passBytes(
  { numUsers, numItems }: AlsShape,
  { factors, cgSteps }: Pick<AlsOptions, 'factors' | 'cgSteps'>,
  groups: Pick<GroupSizes, 'users' | 'items'>,
): PassBytes {
  const rowBytes = 4 * paddedDim(factors);
  // All at once, vectors go out and come back. In groups it is each step's direction and sums, for every group.
  const half = (free: number, fixed: number, group: number): number =>
    fixed <= group ? 2 * free : 3 * free * (cgSteps + 1) * Math.ceil(fixed / group);
  return {
    fixedBytes: rowBytes * Math.max(Math.min(numUsers, groups.users), Math.min(numItems, groups.items)),
    broadcastBytes: rowBytes * (numUsers + numItems),
    rowBytes: rowBytes * (half(numUsers, numItems, groups.items) + half(numItems, numUsers, groups.users)),
  };
}

/** AppError 'too-large' where the items alone would pass what 32 bits address: ranking and folding in need all of them. */
export function requireItemsFit(shape: AlsShape, factors: number): void {
  const bytesOf = (dim: number): number =>
    poolBytes({ threads: 1, ...partialSumsSizes(shape, dim).training });
  requireVectorsFit({ numUsers: 0, numItems: shape.numItems }, factors, bytesOf, 'items', () => ({
    suggestions: ['leave out rare items (`minItemUsers`)'],
    details: {},
  }));
}

/** Whether the vectors of both sides fit into kernel memory. It does not depend on threads, since the engine must not. */
export function fitsInMemory(shape: AlsShape, factors: number): boolean {
  return bytesInMemory(shape, factors) <= mostAllocatedBytes;
}

export function bytesInMemory(shape: AlsShape, factors: number): number {
  return poolBytes({ threads: 1, ...alsSizes(shape, factors) });
}

/**
 * AppError 'too-large' where the workspace would pass what 32 bits address; it says which --factors would fit, and which
 * least --min-user-items or --min-item-users.
 */
export function requireAlsFit(
  pairs: Pick<Pairs, 'numUsers' | 'numItems' | 'indptr' | 'item'>,
  shape: AlsShape,
  factors: number,
  threads: number,
): void {
  const bytesOf = (of: AlsShape, dim: number): number => poolBytes({ threads, ...alsSizes(of, dim) });
  const fits = (of: AlsShape): boolean => bytesOf(of, factors) <= mostAllocatedBytes;
  const ofShape = (dim: number): number => bytesOf(shape, dim);
  requireVectorsFit(shape, factors, ofShape, '(users + items)', () => {
    const userSizes = pairs.indptr.slice(1).map((end, u) => end - (pairs.indptr[u] ?? 0));
    const itemSizes = new Uint32Array(pairs.numItems);
    for (const item of pairs.item) itemSizes[item] = (itemSizes[item] ?? 0) + 1;
    const minUserItems = leastMinimum(userSizes, (numUsers) => fits({ ...shape, numUsers }));
    const minItemUsers = leastMinimum(itemSizes, (numItems) => fits({ ...shape, numItems }));
    return {
      suggestions: [
        ...(shape.hasFeatures === true
          ? []
          : ['`solver` partial-sums needs no more than the memory of the machine']),
        ...suggestion('`minUserItems`', minUserItems, 'users'),
        ...suggestion('`minItemUsers`', minItemUsers, 'items'),
      ],
      details: {
        ...(minUserItems === undefined ? {} : { minUserItems: minUserItems.least }),
        ...(minItemUsers === undefined ? {} : { minItemUsers: minItemUsers.least }),
      },
    };
  });
}

interface Minimum {
  readonly least: number;
  /** Rows that have so many. */
  readonly kept: number;
}

/** The least number of pairs a row must have, so that the rows that are left fit; undefined where none would be. */
function leastMinimum(sizes: Uint32Array, fits: (kept: number) => boolean): Minimum | undefined {
  const ascending = sizes.slice().sort();
  for (let below = 0; below < ascending.length;) {
    const least = (ascending[below] ?? 0) + 1;
    while (below < ascending.length && (ascending[below] ?? 0) < least) below++;
    const kept = ascending.length - below;
    if (kept > 0 && fits(kept)) return { least, kept };
  }
  return undefined;
}

function suggestion(flag: string, minimum: Minimum | undefined, what: string): string[] {
  if (minimum === undefined) return [];
  return [`${flag} ${String(minimum.least)} leaves ${String(minimum.kept)} ${what} at most, which fit`];
}
