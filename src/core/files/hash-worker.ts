/** A hashing thread: hashes one open file after the other. Started by hash-lanes.ts. */
import { parentPort } from 'node:worker_threads';
import { errnoOf } from '../errors.js';
import type { HashOrder, HashReport } from './hash-order.js';
import { hashDescriptor } from './sha256.js';

parentPort?.on('message', ({ fd }: HashOrder) => {
  const report = (message: HashReport): void => {
    parentPort?.postMessage(message);
  };
  try {
    const digest = hashDescriptor(fd, (bytes) => {
      report({ bytes });
    });
    report({ digest });
  } catch (error) {
    report({ errno: errnoOf(error), message: error instanceof Error ? error.message : String(error) });
  }
});
