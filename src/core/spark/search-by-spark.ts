/** The search of `recommend --all` by the workers of Spark's executors: the bits of `openBlockSearch`. */
import { factorsLayout } from '../compute/factors.js';
import { vectorBytes } from '../compute/vector-file.js';
import { openWorkspace } from '../compute/workspace.js';
import type { TaskContext } from '../contracts.js';
import { bytesOf } from '../files/npy.js';
import type { BlockSearchOptions, OpenBlockSearch } from '../query/many/block-search.js';
import { evenRanges } from '../numeric/csr.js';
import type { SingleFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { JobOnDemand, sparkOnDemand } from './on-demand.js';
import type { Spark } from './open-spark.js';
import { rankingIn } from './ranking-blobs.js';
import { shareSnapshot } from './shared-snapshot.js';
import type { SparkOptions } from './spark-options.js';
import type { SearchBlocks } from './worker-jobs.js';

/**
 * What opens such a search among the vectors of a kind, and how many blocks may be ranked at a time.
 * @param vectors the kind's @param numUsers who will be asked about in all
 */
export function searchBySpark(
  snapshot: OpenSnapshot,
  vectors: SingleFile,
  numUsers: number,
  options: SparkOptions,
  context: TaskContext,
): { readonly openSearch: OpenBlockSearch; readonly blocksAhead: () => number } {
  let ahead = (): number => 1;
  const openSearch: OpenBlockSearch = (found, limits) => {
    const { mostUsers } = limits;
    const { numRows, dim, paddedDim } = found;
    const layout = factorsLayout(mostUsers, paddedDim);
    const workspace = openWorkspace(layout.bytes);
    const queries = Number(layout.allocate(workspace).address);
    const needs = { openBytes: 2 * vectorBytes(numRows, dim) };
    const spark = sparkOnDemand(options, needs, context);
    const job = new JobOnDemand(spark, async (opened): Promise<SearchBlocks> => ({
      job: 'search-blocks',
      snapshot: await shareSnapshot(opened, snapshot, [vectors]),
      vectors,
      ...(await sharedLimits(opened, limits)),
    }));
    const numBlocks = Math.max(1, Math.ceil(numUsers / mostUsers));
    let partsABlock = 1;
    ahead = () => Math.max(1, Math.ceil(job.ahead() / partsABlock));
    return Promise.resolve({
      workspace,
      queries,
      async rank(numQueries, leaveOut) {
        // The next block is written over this one while it is searched.
        const copy = workspace.f32(queries, numQueries * paddedDim).slice();
        const lists = Array.from({ length: numQueries }, (_, q) => leaveOut(q));
        partsABlock = Math.ceil((await job.parallelism()) / numBlocks);
        const bounds = evenRanges(numQueries, Math.ceil(mostUsers / partsABlock));
        const asked = Array.from(bounds.subarray(1), (to, at) => {
          const from = bounds[at]!;
          const some = copy.subarray(from * paddedDim, to * paddedDim);
          return job.ask({}, [some, ...packed(lists.slice(from, to))].map(bytesOf));
        });
        return rankingIn(await Promise.all(asked));
      },
      close: () => job.close(),
    });
  };
  return { openSearch, blocksAhead: () => ahead() };
}

async function sharedLimits(
  spark: Spark,
  { k, among, cap }: BlockSearchOptions,
): Promise<Pick<SearchBlocks, 'k' | 'among' | 'cap'>> {
  return {
    k,
    among: among && (await spark.shareArray(among.bits)),
    cap: cap && { most: cap.most, groups: await spark.shareArray(cap.groupOf) },
  };
}

/** Where each list ends, and the lists end to end. */
function packed(lists: readonly Uint32Array[]): [ends: Uint32Array, rows: Uint32Array] {
  const ends = new Uint32Array(lists.length + 1);
  for (const [at, list] of lists.entries()) ends[at + 1] = ends[at]! + list.length;
  const rows = new Uint32Array(ends.at(-1) ?? 0);
  for (const [at, list] of lists.entries()) rows.set(list, ends[at]);
  return [ends, rows];
}
