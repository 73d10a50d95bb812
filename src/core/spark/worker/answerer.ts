import type { Frame, Head } from '../frames.js';
import type { WorkerJob } from '../worker-jobs.js';
import { answered } from './answered.js';
import { openFoldUsers } from './fold-users.js';
import type { OpenJob } from './open-job.js';
import { openRankNeighbours } from './rank-neighbours.js';
import { openRunRanges } from './run-ranges.js';
import { openSearchBlocks } from './search-blocks.js';

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
