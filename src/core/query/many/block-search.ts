/** The search for the best rows of a block of users' vectors, apart from how those are read. */
import { allocateFactors, factorBytes } from '../../compute/factors.js';
import { inOwnPool, type PoolOptions } from '../../compute/pool.js';
import { vectorBytes, type VectorFile } from '../../compute/vector-file.js';
import type { Workspace } from '../../compute/workspace.js';
import { bestOfManyCapped } from '../../search/capped-ranking.js';
import { openProductScan, productScanBytes, productScanScratchBytes } from '../../search/product-scan.js';
import { emptyBatch, packRanking, type RankedBatch } from '../../search/ranked-batch.js';
import type { Limits } from '../exclusions.js';

/** What is searched for in every block. */
export interface BlockSearchOptions extends Pick<Limits, 'k' | 'among' | 'cap'> {
  readonly mostUsers: number;
  readonly threads: number;
}

export interface BlockSearch {
  /** Where the vectors of a block are to be written before it is ranked: f32 [mostUsers × paddedDim] at `queries`. */
  readonly workspace: Workspace;
  readonly queries: number;
  /**
   * The best of each, in memory of its own.
   * @param leaveOut rows that a query is not to get, ascending; read before this returns, unless there is a cap
   */
  rank(numQueries: number, leaveOut: (query: number) => Uint32Array): Promise<RankedBatch>;
  close(): Promise<void>;
}

/** Opens a search for the users of a model among these vectors, whose file stays the caller's. */
export type OpenBlockSearch = (
  found: VectorFile,
  options: BlockSearchOptions,
  signal: AbortSignal,
) => Promise<BlockSearch>;

/** On this machine. AppErrors 'too-large', 'out-of-memory'. */
export const openBlockSearch: OpenBlockSearch = async (
  found,
  { k, among, cap, mostUsers, threads },
  signal,
) => {
  const { numRows, dim, paddedDim } = found;
  const blocks = cap === undefined ? 1 : 2;
  const options: PoolOptions = {
    ...{ threads, signal, scratchBytes: productScanScratchBytes(paddedDim) },
    workspaceBytes:
      factorBytes(numRows, paddedDim) +
      blocks * factorBytes(mostUsers, paddedDim) +
      productScanBytes(numRows, paddedDim),
  };
  return inOwnPool(options, async (pool) => {
    const { workspace } = pool;
    const items = allocateFactors(workspace, numRows, paddedDim);
    found.readAllInto(workspace, items.address);
    const queries = allocateFactors(workspace, mostUsers, paddedDim);
    const scan = await openProductScan(pool, { address: items.address, numRows, paddedDim });
    const vectorAt = (address: number, at: number): Float32Array =>
      workspace.f32(address + vectorBytes(at, dim), paddedDim);
    const capped =
      cap === undefined ? undefined : { cap, block: allocateFactors(workspace, mostUsers, paddedDim) };
    return {
      workspace,
      queries: queries.address,
      async rank(numQueries, leaveOut) {
        if (capped === undefined) {
          const block = { address: queries.address, numRows: numQueries, paddedDim };
          return scan.best(block, k, { leaveOut, among });
        }
        const { address } = capped.block;
        const best: Parameters<typeof bestOfManyCapped>[0] = (some, count, out) => {
          some.forEach((q, at) => vectorAt(address, at).set(vectorAt(queries.address, q)));
          const block = { address, numRows: some.length, paddedDim };
          return scan.best(block, count, { leaveOut: out, among });
        };
        const ranked = emptyBatch(numQueries, Math.min(k, numRows));
        const rankings = await bestOfManyCapped(best, numQueries, k, leaveOut, capped.cap);
        rankings.forEach((ranking, q) => packRanking(ranked, q, ranking));
        return ranked;
      },
    };
  });
};
