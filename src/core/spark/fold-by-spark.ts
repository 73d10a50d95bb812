/** Everyone's vectors, folded in by the workers of Spark's executors: the bits of `foldInEveryone`. */
import { vectorBytes } from '../compute/vector-file.js';
import { openWorkspace } from '../compute/workspace.js';
import type { Pairs, TaskContext } from '../contracts.js';
import type { Decay } from '../models/folding/decay.js';
import { usersOf } from '../numeric/split-pairs.js';
import { openModel } from '../query/open-model.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { historyBounds, rowBlobs } from './history-chunks.js';
import type { UserVectors } from '../models/model.js';
import type { Frame } from './frames.js';
import { inOrder } from './in-order.js';
import { sparkOnDemand, type SparkOnDemand } from './on-demand.js';
import { shareSnapshot, watched } from './shared-snapshot.js';
import type { SparkOptions } from './spark-options.js';

/** The application that folds in a snapshot's users. */
export function sparkForFolding(
  { manifest }: OpenSnapshot,
  options: SparkOptions,
  context: TaskContext,
): SparkOnDemand {
  const openBytes = 2 * vectorBytes(manifest.inputs.interactions.items, manifest.model.dim);
  return sparkOnDemand(options, { openBytes }, context);
}

/** Batch after batch, as they arrive. AppErrors of `openSpark`. */
export function foldBySpark(
  { open }: SparkOnDemand,
  snapshot: OpenSnapshot,
  histories: Pairs,
  decay: Decay | undefined,
  context: TaskContext,
): UserVectors {
  let unconverged = 0;
  return {
    unconverged: () => unconverged,
    batches: (async function* () {
      // Workers open what is opened here.
      const watching = watched(snapshot);
      const model = openModel(watching.snapshot);
      const { dim } = model.itemVectors;
      const fold = model.fold(decay);
      model.close();
      // Weights are made here: 8 bytes a pair go out, not 25.
      const { kernels } = openWorkspace(0);
      const spark = await open();
      const job = {
        job: 'fold-users',
        snapshot: await shareSnapshot(spark, snapshot, watching.asked),
      } as const;
      const bounds = historyBounds(histories, spark.parallelism);
      const chunks = bounds.slice(1).map((to, at) => ({ from: bounds[at] ?? 0, to }));
      const foldIn = ({ from, to }: (typeof chunks)[number]): Promise<Frame> =>
        spark.ask(job, {}, rowBlobs(fold.rowsOf(usersOf(histories, from, to), kernels)));
      const total = histories.numUsers;
      const progress = { kind: 'step', phase: 'user vectors', total, unit: 'users' } as const;
      let done = 0;
      context.onProgress({ ...progress, done });
      for await (const { head, blobs } of inOrder(chunks, foldIn, () => spark.ahead())) {
        const [bytes = new Uint8Array()] = blobs;
        const values = new Float32Array(bytes.slice().buffer);
        unconverged += Number(head['unconverged']);
        yield values;
        done += values.length / dim;
        context.onProgress({ ...progress, done });
      }
    })(),
  };
}
