import { Worker } from 'node:worker_threads';
import { abortError } from '../errors.js';
import {
  nextRange,
  stopRequested,
  type DoneMessage,
  type Job,
  type JobMessage,
  type WorkerSetup,
} from './job.js';
import { allocatedBytes, openWorkspace, type Workspace } from './workspace.js';

export interface PoolOptions {
  /** ≥ 1 worker threads; the calling thread only waits, so that signals and progress are served. */
  readonly threads: number;
  /** Bytes that the caller will allocate in the workspace (sum of `allocatedBytes`). */
  readonly workspaceBytes: number;
  /** Bytes of scratch memory a worker. */
  readonly scratchBytes: number;
  readonly signal: AbortSignal;
}

/** Worker threads over one workspace. */
export interface ComputePool {
  readonly workspace: Workspace;
  readonly threads: number;
  /**
   * Runs one kernel over all ranges; resolves with what it returned for each. Rejects with the signal's AppError when
   * aborted: ranges in progress are finished first, so memory is quiet afterwards. One job at a time.
   */
  run(job: Job): Promise<Float64Array>;
  close(): Promise<void>;
}

/** Bytes of memory that a pool takes, for plans and limits. */
export function poolBytes({ threads, workspaceBytes, scratchBytes }: Omit<PoolOptions, 'signal'>): number {
  return workspaceBytes + threads * allocatedBytes(scratchBytes);
}

export function openPool(options: PoolOptions): ComputePool {
  const { threads, scratchBytes, signal } = options;
  const workspace = openWorkspace(poolBytes(options));
  const control = new Int32Array(new SharedArrayBuffer(8));
  const workers = Array.from({ length: threads }, () => {
    const setup: WorkerSetup = {
      module: workspace.module,
      memory: workspace.memory,
      scratch: workspace.allocate(scratchBytes),
      control,
    };
    return new Worker(new URL('./worker.js', import.meta.url), { workerData: setup });
  });

  return {
    workspace,
    threads,
    async run(job) {
      if (signal.aborted) throw abortError(signal);
      const results = new Float64Array(new SharedArrayBuffer(8 * Math.max(0, job.bounds.length - 1)));
      Atomics.store(control, nextRange, 0);
      Atomics.store(control, stopRequested, 0);
      const stop = (): void => {
        Atomics.store(control, stopRequested, 1);
      };
      signal.addEventListener('abort', stop, { once: true });
      try {
        const message: JobMessage = { job, results };
        await Promise.all(workers.map((worker) => runOn(worker, message)));
      } finally {
        signal.removeEventListener('abort', stop);
      }
      // signal.aborted changed while we awaited, which the compiler cannot know.
      if ((signal as { aborted: boolean }).aborted) throw abortError(signal);
      return results;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

function runOn(worker: Worker, message: JobMessage): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      done();
    };
    const onMessage = ({ error }: DoneMessage): void => {
      settle(() => {
        if (error === undefined) resolve();
        else reject(error);
      });
    };
    const onError = (error: Error): void => {
      settle(() => {
        reject(error);
      });
    };
    const onExit = (code: number): void => {
      settle(() => {
        reject(new Error(`a compute thread ended with code ${code}`));
      });
    };
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    worker.postMessage(message);
  });
}
