/** A compute thread: takes ranges of the current job until none are left. Started by worker-threads.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  nextRange,
  stopRequested,
  type DoneMessage,
  type Job,
  type JobMessage,
  type WorkerSetup,
} from './job.js';
import { instantiateKernels } from './kernels.js';
import { rangeRunner } from './run-range.js';

const { module, memory, scratch, control } = workerData as WorkerSetup;
const run = rangeRunner(instantiateKernels(module, memory), memory.buffer, scratch);

parentPort?.on('message', ({ job, results }: JobMessage) => {
  let error: Error | undefined;
  try {
    work(job, results);
  } catch (thrown) {
    error = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
  const done: DoneMessage = { error };
  parentPort?.postMessage(done);
});

function work(job: Job, results: Float64Array): void {
  const numRanges = job.bounds.length - 1;
  for (;;) {
    const range = Atomics.add(control, nextRange, 1);
    if (range >= numRanges || Atomics.load(control, stopRequested) !== 0) return;
    results[range] = run(job, range);
  }
}
