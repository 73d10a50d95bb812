import { openVectorFile } from '../../compute/vector-file.js';
import { openBlockSearch } from '../../query/many/block-search.js';
import { rowSetFromBits } from '../../search/row-set.js';
import { rankingFrame } from '../ranking-blobs.js';
import type { SearchBlocks } from '../worker-jobs.js';
import { Growing } from './growing.js';
import type { OpenJob } from './open-job.js';
import { openShared, readShared } from './shared-files.js';

/** The search by which everyone is recommended to on one machine, for one block of users after the other. */
export async function openSearchBlocks(
  { snapshot, vectors, k, among, cap }: SearchBlocks,
  folder: string,
  threads: number,
): Promise<OpenJob> {
  const found = openVectorFile((await openShared(snapshot, folder)).file(vectors));
  const limits = {
    k,
    among: among && rowSetFromBits(found.numRows, new Uint8Array(await readShared(among, folder))),
    cap: cap && { most: cap.most, groupOf: new Uint32Array(await readShared(cap.groups, folder)) },
  };
  const never = new AbortController().signal;
  const searches = new Growing((mostUsers) =>
    openBlockSearch(found, { ...limits, mostUsers, threads }, never),
  );
  return {
    async answer({ blobs }) {
      const [queries, ends, rows] = blobs.map((blob) => blob.slice().buffer);
      const indptr = new Uint32Array(ends!);
      const leftOut = new Uint32Array(rows!);
      const numQueries = indptr.length - 1;
      const search = await searches.for(numQueries);
      search.workspace.u8(search.queries, queries!.byteLength).set(new Uint8Array(queries!));
      return rankingFrame(await search.rank(numQueries, (q) => leftOut.subarray(indptr[q], indptr[q + 1])));
    },
    async close() {
      await searches.close();
      found.close();
    },
  };
}
