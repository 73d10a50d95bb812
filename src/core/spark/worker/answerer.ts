import { openVectorFile } from '../../compute/vector-file.js';
import { openBlockSearch } from '../../query/many/block-search.js';
import { rowSetFromBits } from '../../search/row-set.js';
import { openNeighbourRanker } from '../../query/many/rank-neighbours.js';
import { openFold } from '../../models/folding/fold-in-everyone.js';
import { bytesOf } from '../../files/npy.js';
import { openModel } from '../../query/open-model.js';
import { rankingFrame } from '../ranking-blobs.js';
import type { SearchBlocks, RankNeighbours, FoldUsers, WorkerJob } from '../worker-jobs.js';
import { rowsIn } from '../history-chunks.js';
import type { Frame, Head } from '../frames.js';
import { Growing } from './growing.js';
import type { OpenJob } from './open-job.js';
import { openShared, readShared } from './shared-files.js';
import { answered } from './answered.js';
import { openRunRanges } from './run-ranges.js';

/** What a frame to a worker begins with. @see WorkerJob */
interface Asked extends Head {
  readonly job: WorkerJob;
  /** Where Spark puts the files that it brings. */
  readonly folder: string;
}

/** Keeps one job open at a time: that of the chunk before. */
export class Answerer {
  readonly #threads: number;
  #open: { readonly key: string; readonly job: OpenJob } | undefined;

  constructor(threads: number) {
    this.#threads = threads;
  }

  answer({ head, blobs }: Frame): Promise<Frame> {
    return answered(async () => {
      const { job, folder, ...rest } = head as Asked;
      const open = await this.#opened(job, folder);
      return open.answer({ head: rest, blobs });
    });
  }

  async #opened(job: WorkerJob, folder: string): Promise<OpenJob> {
    const key = JSON.stringify(job);
    if (this.#open?.key === key) return this.#open.job;
    await this.close();
    const opened = await openJob(job, folder, this.#threads);
    this.#open = { key, job: opened };
    return opened;
  }

  async close(): Promise<void> {
    const before = this.#open;
    this.#open = undefined;
    await before?.job.close();
  }
}

function openJob(job: WorkerJob, folder: string, threads: number): Promise<OpenJob> {
  switch (job.job) {
    case 'fold-users':
      return openFoldUsers(job, folder, threads);
    case 'run-ranges':
      return Promise.resolve(openRunRanges(job, threads));
    case 'search-blocks':
      return openSearchBlocks(job, folder, threads);
    case 'rank-neighbours':
      return openRankNeighbours(job, folder, threads);
  }
}

/** The fold by which everyone gets a vector on one machine, for one chunk of users after the other. */
async function openFoldUsers({ snapshot }: FoldUsers, folder: string, threads: number): Promise<OpenJob> {
  const model = openModel(await openShared(snapshot, folder));
  const fold = model.fold();
  const never = new AbortController().signal;
  const batches = new Growing((mostUsers) =>
    openFold(fold, model.itemVectors, { mostUsers, threads }, never),
  );
  return {
    async answer({ blobs }) {
      const rows = rowsIn(blobs);
      const batch = await batches.for(rows.numRows);
      const { values, unconverged } = await batch.allOf(rows);
      return { head: { unconverged }, blobs: [bytesOf(values)] };
    },
    async close() {
      await batches.close();
      model.close();
    },
  };
}

/** The ranker by which every item gets its neighbours on one machine, for some rows after the other. */
async function openRankNeighbours(
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

/** The search by which everyone is recommended to on one machine, for one block of users after the other. */
async function openSearchBlocks(
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
