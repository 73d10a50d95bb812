import type { SparseRows } from '../numeric/csr.js';
import { sparsePackBytes, sparseVectors, type Kernels } from './kernel-exports.js';
import type { StoredRows } from './stored-rows.js';

/** Kernels that read the sparse rows r0 … r1 − 1: the pool copies those into scratch memory first. */
type SparseKernel =
  'solveRows' | 'improveRows' | 'spmm' | 'improveByBlocks' | 'addPartialSums' | 'addPreferred';
type SparseParameters = [indptr: number, idx: number, weight: number, scratch: number];

/** Rows that stand outside of kernel memory: each thread copies those of its range into it. */
export interface StoredArgument {
  readonly rows: StoredRows;
  /** The thread's scratch memory, after what the kernel and sparse rows take of it; or the address where row 0 would stand. */
  readonly at: 'scratch' | number;
  /** Whether they are only read, or are copied back afterwards; `make`: the kernel begins with zeros. */
  readonly access: 'read' | 'change' | 'make';
}

/**
 * What a job gives for a kernel's parameter: a number; where that is an address also the worker's own scratch memory, an
 * address that advances by `perRange` bytes with every range (so that each range writes a place of its own), or stored
 * rows, which stand for the address where row 0 would be.
 */
export type JobArgument<Parameter = number> = 'isAddress' extends keyof Parameter
  ? Parameter
  : number | 'scratch' | { readonly base: number; readonly perRange: number } | StoredArgument;

/** Arguments of a kernel's parameters after those that the pool fills in. */
type JobArguments<Kernel extends keyof Kernels, Filled extends number[]> =
  Parameters<Kernels[Kernel]> extends [...Filled, ...infer Rest]
    ? { readonly [At in keyof Rest]: JobArgument<Rest[At]> }
    : never;

/**
 * One kernel over all ranges; its first two parameters are the bounds of a range. Which thread takes which range is chance;
 * since a range's result depends on its bounds alone, the bits do not.
 */
export type Job<Kernel extends keyof Kernels = keyof Kernels> = Kernel extends SparseKernel
  ? RangeJob<Kernel, [r0: number, r1: number, ...SparseParameters]> & {
      /** Its rows of a range are copied to scratch before the kernel runs; args follow its scratch argument. */
      readonly sparse: SparseRows;
    }
  : 'isAddress' extends keyof Parameters<Kernels[Kernel]>[0 | 1]
    ? RangeJob<Kernel, [r0: number, r1: number]>
    : never;

interface RangeJob<Kernel extends keyof Kernels, Filled extends number[]> {
  readonly kernel: Kernel;
  /** [numRanges + 1] ascending row numbers. */
  readonly bounds: Uint32Array;
  readonly args: JobArguments<Kernel, Filled>;
  /** Bytes of scratch that a kernel without sparse rows uses, where the job has stored rows too. */
  readonly kernelScratchBytes?: number;
}

/** Rows that a kernel may read past the last one (never used, never written). */
const slackRows = 3;

/** Bytes of scratch that so many stored rows of a range take. */
export function storedScratchBytes(maxRows: number, rowBytes: number): number {
  return alignedAt((maxRows + slackRows) * rowBytes);
}

function alignedAt(address: number): number {
  return Math.ceil(address / 64) * 64;
}

/** Whoever does a pool's work. */
export interface Crew {
  /** Runs all ranges and resolves with their results; or, when aborted, some of them, and resolves once all is quiet. */
  run(job: Job, signal: AbortSignal): Promise<Float64Array>;
  close(): Promise<void>;
}

/** What a worker is started with. */
export interface WorkerSetup {
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  /** Address of this worker's scratch memory. */
  readonly scratch: number;
  /** [2] shared by all: the next range to take, and whether to stop. */
  readonly control: Int32Array<SharedArrayBuffer>;
}

export const nextRange = 0;
export const stopRequested = 1;

/** Main thread → worker. */
export interface JobMessage {
  readonly job: Job;
  /** [numRanges] what the kernel returned for each range. */
  readonly results: Float64Array<SharedArrayBuffer>;
}

/** Worker → main thread, once it finds no more ranges. */
export interface DoneMessage {
  readonly error: Error | undefined;
}

/**
 * Bytes of scratch memory that a sparse kernel's own work takes, before the sparse rows: its vectors, the pack of gathered
 * ones, and a product for each of those. @param dim padded
 */
export function sparseKernelBytes(dim: number): number {
  return sparseVectors * dim * 4 + sparsePackBytes + sparsePackBytes / dim;
}

/** Bytes of scratch that a range of sparse rows needs: the kernel's own, indptr, idx and weight, which may be over-read. */
export function sparseScratchBytes(maxRows: number, maxEntries: number, dim: number): number {
  return sparseKernelBytes(dim) + 4 * (maxRows + 1) + 8 * maxEntries + 4 * 64;
}

/** Where in scratch memory a range's sparse rows go, after the kernel's own. */
export function sparseScratchLayout(
  scratch: number,
  dim: number,
  numRows: number,
  numEntries: number,
): { indptr: number; idx: number; weight: number; end: number } {
  const indptr = alignedAt(scratch + sparseKernelBytes(dim));
  const idx = alignedAt(indptr + 4 * (numRows + 1));
  const weight = alignedAt(idx + 4 * numEntries);
  // 12 bytes past the weights may be read.
  return { indptr, idx, weight, end: alignedAt(weight + 4 * numEntries + 12) };
}
