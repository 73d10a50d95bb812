import { inScope } from '../compute/workspace.js';
import { allocateFactors, factorBytes, paddedDim, type Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import type { Pairs, Ranker } from '../contracts.js';
import { batchBytes, bestOfMany, type Matrix } from '../search/exact-batch.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../search/product-scan.js';
import { rankingOf } from '../search/ranked-batch.js';
import { evenRanges } from '../numeric/csr.js';
import { usersOf } from '../numeric/split-pairs.js';
import type { RankedRow } from '../numeric/top-k.js';
import type { FoldSizes, UserFold } from './folding/user-fold.js';

/** The longest ranking that can be asked for. */
export const maxRanked = 1000;
/** Users folded in at once, and of those the ones whose rankings are found at once. */
const usersAtOnce = 1024;
const rankedAtOnce = 256;
/** Scores that are found at once, and at least those of so many users: no more memory than ranking takes. */
const scoresAtOnce = 2 ** 20;
const fewestScored = 8;
const queriesARange = 4;
/** A catalogue whose packed copy would take more is ranked without one: a training may need that memory. */
const mostScanBytes = 2 ** 27;

/** Bytes of workspace that ranking allocates (and gives back), and of scratch a worker. */
export function rankMemory(
  numItems: number,
  fold: FoldSizes,
): { readonly workspaceBytes: number; readonly scratchBytes: number } {
  const dim = paddedDim(fold.dim);
  return {
    workspaceBytes:
      factorBytes(usersAtOnce, dim) +
      fold.allBytes(usersAtOnce) +
      (isPacked(numItems, dim)
        ? productScanBytes(numItems, dim)
        : batchBytes(rankedAtOnce, { numRows: numItems, paddedDim: dim }, maxRanked, true)),
    scratchBytes: Math.max(fold.scratchBytes(numItems), productScanScratchBytes(dim)),
  };
}

function isPacked(numItems: number, dim: number): boolean {
  return productScanBytes(numItems, dim) <= mostScanBytes;
}

/** Finds the best k items for each row of `queries`; the same bits either way. */
type Search = (
  queries: Matrix,
  k: number,
  leaveOut: (query: number) => Uint32Array,
) => Promise<readonly RankedRow[][]>;

async function openSearch(pool: ComputePool, matrix: Matrix): Promise<Search> {
  if (!isPacked(matrix.numRows, matrix.paddedDim)) {
    return (queries, k, leaveOut) => bestOfMany(pool, queries, matrix, k, leaveOut);
  }
  const scan = await openProductScan(pool, matrix);
  return async (queries, k, leaveOut) => {
    const batch = await scan.best(queries, k, { leaveOut });
    return Array.from({ length: queries.numRows }, (_, q) => rankingOf(batch, q));
  };
}

function scoredAtOnce(numItems: number): number {
  return Math.max(fewestScored, Math.min(rankedAtOnce, Math.floor(scoresAtOnce / numItems)));
}

/** Ranks by the inner product of a folded-in vector with every item's, exactly. `items` stay the caller's. */
export function rankByInnerProduct(pool: ComputePool, items: Factors, fold: UserFold): Ranker {
  const { workspace } = pool;
  const matrix = { address: items.address, numRows: items.numRows, paddedDim: items.dim };
  /** Folds in a block of users at a time; `use` gets their histories, the row of the first and where their vectors stand. */
  const inBlocks = async (
    histories: Pairs,
    use: (block: Pairs, from: number, address: number) => Promise<void>,
  ): Promise<void> => {
    const { address } = allocateFactors(workspace, usersAtOnce, items.dim);
    for (let from = 0; from < histories.numUsers; from += usersAtOnce) {
      const block = usersOf(histories, from, Math.min(histories.numUsers, from + usersAtOnce));
      await fold.all(pool, items, block, { address, numRows: block.numUsers, dim: items.dim });
      await use(block, from, address);
    }
  };
  const queriesOf = ({ numUsers }: Pairs, address: number, first: number, most: number): Matrix => ({
    address: address + first * items.dim * 4,
    numRows: Math.min(most, numUsers - first),
    paddedDim: items.dim,
  });
  return {
    numItems: items.numRows,
    async rank(histories, k, each) {
      await inScope(workspace, async () => {
        const search = await openSearch(pool, matrix);
        await inBlocks(histories, async (block, from, address) => {
          for (let first = 0; first < block.numUsers; first += rankedAtOnce) {
            const rankings = await search(queriesOf(block, address, first, rankedAtOnce), k, (q) =>
              block.item.subarray(block.indptr[first + q], block.indptr[first + q + 1]),
            );
            rankings.forEach((ranking, q) => {
              each(from + first + q, ranking);
            });
          }
        });
      });
    },
    async score(histories, each) {
      const { numRows } = items;
      const atOnce = scoredAtOnce(numRows);
      await inScope(workspace, async () => {
        const out = workspace.allocate(4 * atOnce * numRows);
        await inBlocks(histories, async (block, from, address) => {
          for (let first = 0; first < block.numUsers; first += atOnce) {
            const queries = queriesOf(block, address, first, atOnce);
            await pool.run({
              kernel: 'scoreMany',
              bounds: evenRanges(queries.numRows, queriesARange),
              args: [queries.address, items.address, numRows, items.dim, out],
            });
            for (let q = 0; q < queries.numRows; q++)
              each(from + first + q, workspace.f32(out + 4 * q * numRows, numRows));
          }
        });
      });
    },
  };
}
