/** A compute thread: takes ranges of the current job until none are left. Started by pool.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import {
  nextRange,
  sparseScratchLayout,
  stopRequested,
  type DoneMessage,
  type Job,
  type JobMessage,
  type WorkerSetup,
} from './job.js';
import { instantiateKernels } from './kernels.js';

const { module, memory, scratch, control } = workerData as WorkerSetup;
const kernels = instantiateKernels(module, memory);
const buffer = memory.buffer as SharedArrayBuffer;

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
  const call = kernels[job.kernel] as (...args: number[]) => number | undefined;
  const numRanges = job.bounds.length - 1;
  for (;;) {
    const range = Atomics.add(control, nextRange, 1);
    if (range >= numRanges || Atomics.load(control, stopRequested) !== 0) return;
    const r0 = job.bounds[range] ?? 0;
    const r1 = job.bounds[range + 1] ?? 0;
    const args = job.args.map((arg) =>
      typeof arg === 'number' ? arg : arg === 'scratch' ? scratch : arg.base + range * arg.perRange,
    );
    results[range] =
      ('sparse' in job ? call(r0, r1, ...copySparse(job, r0, r1), ...args) : call(r0, r1, ...args)) ?? 0;
  }
}

/** Copies the rows of a range into scratch memory; returns the addresses of indptr, idx, weight and the kernel's scratch. */
function copySparse(job: Extract<Job, { sparse: unknown }>, r0: number, r1: number): number[] {
  const { indptr, idx, weight } = job.sparse;
  const from = indptr[r0] ?? 0;
  const to = indptr[r1] ?? 0;
  const dim = job.args[2];
  if (typeof dim !== 'number')
    throw new TypeError(`${job.kernel}: its third argument after scratch is the dimension`);
  const at = sparseScratchLayout(scratch, dim, r1 - r0, to - from);
  new Uint32Array(buffer, at.indptr, r1 - r0 + 1).set(indptr.subarray(r0, r1 + 1));
  new Uint32Array(buffer, at.idx, to - from).set(idx.subarray(from, to));
  new Float32Array(buffer, at.weight, to - from).set(weight.subarray(from, to));
  return [at.indptr, at.idx, at.weight, scratch];
}
