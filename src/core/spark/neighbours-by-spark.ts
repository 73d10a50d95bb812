/** The neighbours of `similar --all` by the workers of Spark's executors: the bits of `openNeighbourRanker`. */
import { evenRanges } from '../numeric/csr.js';
import {
  countWithNeighbours,
  wayToNeighbours,
  type OpenNeighbourRanker,
} from '../query/many/rank-neighbours.js';
import { JobOnDemand, sparkOnDemand } from './on-demand.js';
import { rankingIn } from './ranking-blobs.js';
import { shareSnapshot } from './shared-snapshot.js';
import type { SparkOptions } from './spark-options.js';
import type { RankNeighbours } from './worker-jobs.js';

export function neighboursBySpark(options: SparkOptions): OpenNeighbourRanker {
  return (snapshot, kind, { k, exact, among }, context) => {
    const { searched, files } = wayToNeighbours(snapshot, kind, { k, exact });
    const openBytes = files.reduce((sum, name) => sum + 2 * (snapshot.manifest.files[name]?.bytes ?? 0), 0);
    const spark = sparkOnDemand(options, { openBytes }, context);
    const job = new JobOnDemand(spark, async (opened): Promise<RankNeighbours> => ({
      job: 'rank-neighbours',
      snapshot: await shareSnapshot(opened, snapshot, files),
      ...{ kind, k, exact },
      among: among && { numRows: among.numRows, ...(await opened.shareArray(among.bits)) },
    }));
    const numRows = countWithNeighbours(snapshot, kind);
    let partsABlock = 1;
    return Promise.resolve({
      searched,
      ranksAhead: () => Math.max(1, Math.ceil(job.ahead() / partsABlock)),
      async rank(from, to) {
        // All of them are cut into as many parts as run at a time, or more.
        const most = Math.ceil(numRows / (await job.parallelism()));
        const bounds = evenRanges(to - from, Math.max(1, Math.min(most, to - from)));
        partsABlock = bounds.length - 1;
        const asked = Array.from(bounds.subarray(1), (end, at) =>
          job.ask({ from: from + bounds[at]!, to: from + end }),
        );
        return rankingIn(await Promise.all(asked));
      },
      close: () => job.close(),
    });
  };
}
