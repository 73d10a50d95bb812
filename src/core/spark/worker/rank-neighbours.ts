import { openNeighbourRanker } from '../../query/many/rank-neighbours.js';
import { rowSetFromBits } from '../../search/row-set.js';
import { rankingFrame } from '../ranking-blobs.js';
import type { RankNeighbours } from '../worker-jobs.js';
import type { OpenJob } from './open-job.js';
import { openShared, readShared } from './shared-files.js';

/** The ranker by which every item gets its neighbours on one machine, for some rows after the other. */
export async function openRankNeighbours(
  { snapshot, kind, k, exact, among }: RankNeighbours,
  folder: string,
  threads: number,
): Promise<OpenJob> {
  const bits = among && new Uint8Array(await readShared(among, folder));
  const ranker = await openNeighbourRanker(
    await openShared(snapshot, folder),
    kind,
    { k, exact, threads, among: among && bits && rowSetFromBits(among.numRows, bits) },
    { signal: new AbortController().signal, onProgress: () => undefined },
  );
  return {
    answer: async ({ head }) => rankingFrame(await ranker.rank(Number(head['from']), Number(head['to']))),
    close: () => ranker.close(),
  };
}
