/**
 * Hashing several files at a time: the calling thread is one lane, each further one a worker thread. A lane holds a
 * chunk at a time, whatever the size of its file.
 */
import { closeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { abortError } from '../errors.js';
import type { HashOrder, HashReport } from './hash-order.js';
import { openRegularFile } from './safe-open.js';
import { hashFile, type FileDigest, type HashFileOptions } from './sha256.js';

export interface HashLane {
  /** What `hashFile` returns and throws. One file at a time. */
  hash(path: string, options: HashFileOptions): Promise<FileDigest>;
  close(): Promise<void>;
}

/** `count` lanes, at least the calling thread's own. */
export function openHashLanes(count: number): HashLane[] {
  const own: HashLane = { hash: hashFile, close: () => Promise.resolve() };
  return [own, ...Array.from({ length: count - 1 }, openWorkerLane)];
}

function openWorkerLane(): HashLane {
  const worker = new Worker(new URL('./hash-worker.js', import.meta.url));
  let ended = false;
  worker.once('exit', () => (ended = true));
  return {
    async hash(path, options) {
      if (ended) return hashFile(path, options);
      const fd = openRegularFile(path);
      try {
        return await hashOn(worker, { fd }, options);
      } finally {
        // It may be reading still, and the number of a closed descriptor may come to mean another file.
        if (options.signal?.aborted === true) await worker.terminate();
        closeSync(fd);
      }
    },
    async close() {
      await worker.terminate();
    },
  };
}

function hashOn(worker: Worker, order: HashOrder, { signal, onBytes }: HashFileOptions): Promise<FileDigest> {
  return new Promise((resolve, reject) => {
    const stopListening = (): void => {
      worker.off('message', onMessage).off('error', fail).off('exit', onExit);
      signal?.removeEventListener('abort', onAbort);
    };
    const fail = (error: Error): void => {
      stopListening();
      reject(error);
    };
    const onMessage = (report: HashReport): void => {
      if ('bytes' in report) onBytes?.(report.bytes);
      else if ('digest' in report) {
        stopListening();
        resolve(report.digest);
      } else fail(Object.assign(new Error(report.message), { code: report.errno }));
    };
    const onExit = (code: number): void => {
      fail(new Error(`a hashing thread ended with code ${code}`));
    };
    const onAbort = (): void => {
      if (signal !== undefined) fail(abortError(signal));
    };
    worker.on('message', onMessage).on('error', fail).on('exit', onExit);
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted === true) onAbort();
    else worker.postMessage(order);
  });
}
