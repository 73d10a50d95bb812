import { Worker } from 'node:worker_threads';
import {
  nextRange,
  stopRequested,
  type Crew,
  type DoneMessage,
  type JobMessage,
  type WorkerSetup,
} from './job.js';
import type { Workspace } from './workspace.js';

/** Threads that share the ranges of a job, one scratch address each. The calling thread only waits. */
export function workerThreads(workspace: Workspace, scratches: readonly number[]): Crew {
  const control = new Int32Array(new SharedArrayBuffer(8));
  const workers = scratches.map((scratch) => {
    const { module, memory } = workspace;
    const setup: WorkerSetup = { module, memory, scratch, control };
    return new Worker(new URL('./worker.js', import.meta.url), { workerData: setup });
  });

  return {
    async run(job, signal) {
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
