import { sparseScratchLayout, type Job, type JobArgument } from './job.js';
import type { Kernels } from './kernel-exports.js';

/** Runs one range of a job; returns what its kernel returned, or 0. */
export type RangeRunner = (job: Job, range: number) => number;

/** What a thread calls for every range that it takes. @param scratch address of the thread's own scratch memory */
export function rangeRunner(kernels: Kernels, buffer: ArrayBufferLike, scratch: number): RangeRunner {
  return (job, range) => {
    const call = kernels[job.kernel] as (...args: number[]) => number | undefined;
    const r0 = job.bounds[range] ?? 0;
    const r1 = job.bounds[range + 1] ?? 0;
    const given: readonly JobArgument[] = job.args;
    const args = given.map((arg) =>
      typeof arg === 'number' ? arg : arg === 'scratch' ? scratch : arg.base + range * arg.perRange,
    );
    const rows = 'sparse' in job ? copySparse(job, r0, r1, buffer, scratch) : [];
    return call(r0, r1, ...rows, ...args) ?? 0;
  };
}

/** Copies the rows of a range into scratch memory; returns the addresses of indptr, idx, weight and the kernel's scratch. */
function copySparse(
  job: Extract<Job, { sparse: unknown }>,
  r0: number,
  r1: number,
  buffer: ArrayBufferLike,
  scratch: number,
): number[] {
  const { indptr, idx, weight } = job.sparse;
  const from = indptr[r0] ?? 0;
  const to = indptr[r1] ?? 0;
  const [, , dim] = job.args;
  const at = sparseScratchLayout(scratch, dim, r1 - r0, to - from);
  new Uint32Array(buffer, at.indptr, r1 - r0 + 1).set(indptr.subarray(r0, r1 + 1));
  new Uint32Array(buffer, at.idx, to - from).set(idx.subarray(from, to));
  new Float32Array(buffer, at.weight, to - from).set(weight.subarray(from, to));
  return [at.indptr, at.idx, at.weight, scratch];
}
