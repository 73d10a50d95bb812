/** `train` by Spark: what it takes of the executors, and the pool whose passes they run. */
import { openPool, type OpenPool } from '../compute/pool.js';
import type { Count, Progress, TaskContext } from '../contracts.js';
import type { PassBytes } from '../models/model.js';
import { sparkOnDemand, type SparkOnDemand } from './on-demand.js';
import { workerBytes, type Spark } from './open-spark.js';
import { poolBySpark, type TaskRunner } from './pool-by-spark.js';
import type { SparkOptions } from './spark-options.js';

type Step = Extract<Progress, { kind: 'step' }>;

/** What a model takes of an executor's memory is known once events are read, and the application starts before. */
const usualBytes = 2 ** 30;

/** What a training takes of Spark, about. */
export interface SparkNeeds {
  readonly executors: Count;
  /** What reading the events has shuffled. Training shuffles nothing. */
  readonly shuffledBytes: Count;
  /** Vectors that every executor gets in an epoch. */
  readonly broadcastBytes: Count;
  /** What goes out in an epoch to be improved or added to, and comes back. */
  readonly rowBytes: Count;
  /** Pairs that are brought to executors once, in both orders. */
  readonly pairBytes: Count;
  /** Of an executor's memory, beside its JVM: the worker with the fixed side and at most twice its share of the pairs. */
  readonly executorBytes: Count;
}

export function sparkForTraining(options: SparkOptions, context: TaskContext): SparkOnDemand {
  return sparkOnDemand(options, { openBytes: usualBytes }, context);
}

/** @param passes of the plan @param numPairs of the training */
export async function needsOfTraining(
  spark: Pick<Spark, 'spent'>,
  { fixedBytes, broadcastBytes, rowBytes }: PassBytes,
  numPairs: number,
): Promise<SparkNeeds> {
  const { executors, shuffledBytes } = await spark.spent();
  const pairBytes = 16 * numPairs;
  return {
    executors,
    shuffledBytes,
    broadcastBytes,
    rowBytes,
    pairBytes,
    executorBytes: workerBytes + fixedBytes + Math.ceil((2 * pairBytes) / executors),
  };
}

/** What trains by Spark: pools of this machine whose passes over pairs it runs, and a context that says how far each is. */
export function trainingBySpark(
  { open }: { open(): Promise<TaskRunner> },
  context: TaskContext,
): { readonly context: TaskContext; readonly openPool: OpenPool } {
  let last: Step = { kind: 'step', phase: 'training', done: 0, total: undefined, unit: 'epochs' };
  const tell = (task: string): void => {
    // How long it takes was told when it was true.
    const { secondsLeft, note, ...step } = last;
    context.onProgress({ ...step, note: note === undefined ? task : `${note}  ${task}` });
  };
  return {
    context: {
      ...context,
      onProgress(progress) {
        if (progress.kind === 'step') last = progress;
        context.onProgress(progress);
      },
    },
    openPool: (options) => poolBySpark(openPool(options), options, open, tell),
  };
}
