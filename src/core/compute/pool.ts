import { setImmediate } from 'node:timers/promises';
import { handingOn } from '../closers.js';
import { abortError } from '../errors.js';
import type { Crew, Job } from './job.js';
import { rangeRunner } from './run-range.js';
import { allocatedBytes, mostAllocatedBytes, openWorkspace, type Workspace } from './workspace.js';
import type { Kernels } from './kernel-exports.js';
import { workerThreads } from './worker-threads.js';

export interface PoolOptions {
  /**
   * ≥ 1. One is the calling thread, which turns its event loop between ranges; more are worker threads, and the
   * calling one only waits. Where memory cannot be shared there is only one.
   */
  readonly threads: number;
  /** Bytes that the caller will allocate in the workspace (sum of `allocatedBytes`). */
  readonly workspaceBytes: number;
  /** Bytes of scratch memory a thread. */
  readonly scratchBytes: number;
  readonly signal: AbortSignal;
}

/** Threads over one workspace. */
export interface ComputePool {
  readonly workspace: Workspace;
  /** How many there are. */
  readonly threads: number;
  /**
   * Runs one kernel over all ranges; resolves with what it returned for each. Rejects with the signal's AppError when
   * aborted: ranges in progress are finished first, so memory is quiet afterwards. One job at a time.
   */
  run<Kernel extends keyof Kernels>(job: Job<Kernel>): Promise<Float64Array>;
  close(): Promise<void>;
}

/** Bytes of memory that a pool takes, for plans and limits. */
export function poolBytes({ threads, workspaceBytes, scratchBytes }: Omit<PoolOptions, 'signal'>): number {
  return workspaceBytes + threads * allocatedBytes(scratchBytes);
}

/** What a pool is opened with, but for its threads: what they will allocate. */
export type PoolSizes = Pick<PoolOptions, 'workspaceBytes' | 'scratchBytes'>;

/** No more threads than there is room for their scratch in what WebAssembly addresses; at least one. */
export function threadsThatFit(wanted: number, { workspaceBytes, scratchBytes }: PoolSizes): number {
  const room = mostAllocatedBytes - workspaceBytes;
  return Math.max(1, Math.min(wanted, Math.floor(room / allocatedBytes(scratchBytes))));
}

/** What a pool is opened by: `openPool`, or what has a part of its work done elsewhere. */
export type OpenPool = (options: PoolOptions) => ComputePool;

/** What `make` makes in a pool of its own, which is closed with it, or at once where `make` fails. */
export async function inOwnPool<T extends object>(
  options: PoolOptions,
  make: (pool: ComputePool) => T | Promise<T>,
  open: OpenPool = openPool,
): Promise<T & { close(): Promise<void> }> {
  return handingOn(open(options), async (pool) => ({
    ...(await make(pool)),
    close: () => pool.close(),
  }));
}

export function openPool(options: PoolOptions): ComputePool {
  const { scratchBytes, signal } = options;
  const workspace = openWorkspace(poolBytes(options));
  const threads = workspace.shared ? options.threads : 1;
  const scratches = Array.from({ length: threads }, () => workspace.allocate(scratchBytes));
  const crew =
    threads === 1 ? callingThread(workspace, scratches[0] ?? 0) : workerThreads(workspace, scratches);

  return {
    workspace,
    threads,
    async run(job: Job) {
      if (signal.aborted) throw abortError(signal);
      const results = await crew.run(job, signal);
      // signal.aborted changed while we awaited, which the compiler cannot know.
      if ((signal as { aborted: boolean }).aborted) throw abortError(signal);
      return results;
    },
    close: () => crew.close(),
  };
}

/**
 * The calling thread itself: no worker is started and nothing has to be shared. The event loop turns between ranges, so
 * that signals and progress are served.
 */
function callingThread({ kernels, memory }: Workspace, scratch: number): Crew {
  const runRange = rangeRunner(kernels, memory.buffer, scratch);
  return {
    async run(job, signal) {
      const results = new Float64Array(Math.max(0, job.bounds.length - 1));
      for (let range = 0; range < results.length; range++) {
        results[range] = runRange(job, range);
        await setImmediate();
        if (signal.aborted) break;
      }
      return results;
    },
    close: () => Promise.resolve(),
  };
}
