import {
  sparseScratchLayout,
  storedScratchBytes,
  type Job,
  type JobArgument,
  type StoredArgument,
} from './job.js';
import type { Kernels } from './kernel-exports.js';
import { storedBytes } from './stored-rows.js';

/** Runs one range of a job; returns what its kernel returned, or 0. */
export type RangeRunner = (job: Job, range: number) => number;

/** Stored rows of a range: where they are, and where they stand in kernel memory. */
interface Copied {
  readonly outside: Uint8Array;
  readonly inside: Uint8Array;
  readonly access: StoredArgument['access'];
}

/** What a thread calls for every range that it takes. @param scratch address of the thread's own scratch memory */
export function rangeRunner(kernels: Kernels, buffer: ArrayBufferLike, scratch: number): RangeRunner {
  return (job, range) => {
    const call = kernels[job.kernel] as (...args: number[]) => number | undefined;
    const r0 = job.bounds[range] ?? 0;
    const r1 = job.bounds[range + 1] ?? 0;
    const sparse = 'sparse' in job ? copySparse(job, r0, r1, buffer, scratch) : undefined;
    let next = sparse?.end ?? scratch + Math.ceil((job.kernelScratchBytes ?? 0) / 64) * 64;
    const copied: Copied[] = [];
    /** Where row 0 would stand: it may be below 0, and WebAssembly's addresses wrap around. */
    const copyRows = ({ rows, at, access }: StoredArgument): number => {
      const { rowBytes } = rows;
      const base = at === 'scratch' ? next - r0 * rowBytes : at;
      if (at === 'scratch') next += storedScratchBytes(r1 - r0, rowBytes);
      const inside = new Uint8Array(buffer, base + r0 * rowBytes, (r1 - r0) * rowBytes);
      const outside = storedBytes(rows, r0, r1);
      if (access === 'make') inside.fill(0);
      else inside.set(outside);
      copied.push({ outside, inside, access });
      return base;
    };
    const given: readonly JobArgument[] = job.args;
    const args = given.map((arg) => {
      if (typeof arg === 'number') return arg;
      if (arg === 'scratch') return scratch;
      return 'rows' in arg ? copyRows(arg) : arg.base + range * arg.perRange;
    });
    const result = call(r0, r1, ...(sparse?.args ?? []), ...args) ?? 0;
    for (const { outside, inside, access } of copied) if (access !== 'read') outside.set(inside);
    return result;
  };
}

/** Copies the rows of a range into scratch memory; gives the addresses of indptr, idx, weight and the kernel's scratch. */
function copySparse(
  job: Extract<Job, { sparse: unknown }>,
  r0: number,
  r1: number,
  buffer: ArrayBufferLike,
  scratch: number,
): { readonly args: readonly number[]; readonly end: number } {
  const { indptr, idx, weight } = job.sparse;
  const from = indptr[r0] ?? 0;
  const to = indptr[r1] ?? 0;
  const [, , dim] = job.args;
  const at = sparseScratchLayout(scratch, dim, r1 - r0, to - from);
  new Uint32Array(buffer, at.indptr, r1 - r0 + 1).set(indptr.subarray(r0, r1 + 1));
  new Uint32Array(buffer, at.idx, to - from).set(idx.subarray(from, to));
  new Float32Array(buffer, at.weight, to - from).set(weight.subarray(from, to));
  return { args: [at.indptr, at.idx, at.weight, scratch], end: at.end };
}
