/** `train` by Spark: what it takes of the executors, and the pool whose passes they run. */
import { paddedDim } from '../compute/factors.js';
import { openPool, type OpenPool } from '../compute/pool.js';
import type { Progress, TaskContext } from '../contracts.js';
import { sparkOnDemand, type SparkOnDemand } from './on-demand.js';
import { workerBytes, type Spark } from './open-spark.js';
import { poolBySpark } from './pool-by-spark.js';
import type { SparkOptions } from './spark-options.js';

type Step = Extract<Progress, { kind: 'step' }>;

/** What a model takes of an executor's memory is known once events are read, and the application starts before. */
const usualBytes = 2 ** 30;

/** What a training takes of Spark, about. */
export interface SparkNeeds {
  readonly executors: number;
  /** What reading the events has shuffled. Training shuffles nothing. */
  readonly shuffledBytes: number;
  /** Vectors that every executor gets in an epoch: each side once. */
  readonly broadcastBytes: number;
  /** Vectors that go out to be improved in an epoch, and come back. */
  readonly rowBytes: number;
  /** Pairs that are brought to executors once, in both orders. */
  readonly pairBytes: number;
  /** Of an executor's memory, beside its JVM: the worker with the longer side and its share of the pairs. */
  readonly executorBytes: number;
}

export function sparkForTraining(options: SparkOptions, context: TaskContext): SparkOnDemand {
  return sparkOnDemand(options, { openBytes: usualBytes }, context);
}

export async function needsOfTraining(
  spark: Spark,
  counts: { readonly users: number; readonly items: number; readonly interactions: number },
  dim: number,
): Promise<SparkNeeds> {
  const { users, items, interactions } = counts;
  const { executors, shuffledBytes } = await spark.spent();
  const rowBytes = 4 * paddedDim(dim);
  const pairBytes = 16 * interactions;
  return {
    executors,
    shuffledBytes,
    broadcastBytes: (users + items) * rowBytes,
    rowBytes: 2 * (users + items) * rowBytes,
    pairBytes,
    executorBytes: workerBytes + Math.max(users, items) * rowBytes + Math.ceil(pairBytes / executors),
  };
}

/** What trains by Spark: pools of this machine whose passes over pairs it runs, and a context that says how far each is. */
export function trainingBySpark(
  { open }: SparkOnDemand,
  context: TaskContext,
): { readonly context: TaskContext; readonly openPool: OpenPool } {
  let last: Step = { kind: 'step', phase: 'training', done: 0, total: undefined, unit: 'epochs' };
  const onTask = (done: number, total: number): void => {
    const task = `task ${String(done)} of ${String(total)}`;
    const note = last.note === undefined ? task : `${last.note}  ${task}`;
    context.onProgress({ ...last, note });
  };
  return {
    context: {
      ...context,
      onProgress(progress) {
        if (progress.kind === 'step') last = progress;
        context.onProgress(progress);
      },
    },
    openPool: (options) => poolBySpark(openPool(options), options, open, onTask),
  };
}
