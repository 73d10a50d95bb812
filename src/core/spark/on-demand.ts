/** An application, and a job of one, that are started when they are first asked for something. */
import type { Frame, Head } from './frames.js';
import { leastAhead, openSpark, type Spark } from './open-spark.js';
import type { WorkerJob } from './worker-jobs.js';

/** One application for all that a command asks of it. */
export interface SparkOnDemand {
  open(): Promise<Spark>;
  /** Ends it, where there is one. */
  close(): Promise<void>;
}

/** Arguments as `openSpark`. */
export function sparkOnDemand(...args: Parameters<typeof openSpark>): SparkOnDemand {
  let opened: Promise<Spark> | undefined;
  return {
    open: () => (opened ??= openSpark(...args)),
    async close() {
      // Whoever opened it has had its error.
      const spark = await opened?.catch(() => undefined);
      await spark?.close();
    },
  };
}

/** The only job of an application of its own. */
export class JobOnDemand {
  readonly #spark: SparkOnDemand;
  readonly #make: (spark: Spark) => Promise<WorkerJob>;
  #started: Promise<{ readonly spark: Spark; readonly job: WorkerJob }> | undefined;
  #running: Spark | undefined;

  constructor(spark: SparkOnDemand, make: (spark: Spark) => Promise<WorkerJob>) {
    this.#spark = spark;
    this.#make = make;
  }

  /** How many chunks should be under way. */
  ahead(): number {
    return this.#running?.ahead() ?? leastAhead;
  }

  /** How many chunks all of the work should be cut into at least. */
  async parallelism(): Promise<number> {
    return (await this.#start()).spark.parallelism;
  }

  async ask(head: Head, blobs: readonly Uint8Array[] = []): Promise<Frame> {
    const { spark, job } = await this.#start();
    return spark.ask(job, head, blobs);
  }

  close(): Promise<void> {
    return this.#spark.close();
  }

  #start(): Promise<{ readonly spark: Spark; readonly job: WorkerJob }> {
    return (this.#started ??= this.#spark.open().then(async (spark) => {
      const job = await this.#make(spark);
      this.#running = spark;
      return { spark, job };
    }));
  }
}
