/** A thread that makes one map, so that the event loop of whoever wants it stays free. Started by map-maker.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { thrownAs, type Thrown } from '../compute/thrown.js';
import type { Progress } from '../contracts.js';
import { leaseSnapshot, openLeased } from '../snapshot/open-snapshot.js';
import { snapshotMap } from './snapshot-map.js';

export interface MapOrder {
  readonly root: string;
  readonly snapshot: string;
  readonly threads: number;
}

export type MapReport =
  { readonly progress: Progress } | { readonly bytes: Uint8Array<ArrayBuffer> } | { readonly thrown: Thrown };

const { root, snapshot, threads } = workerData as MapOrder;
const say = (report: MapReport): void => parentPort?.postMessage(report);

try {
  // Whoever wants it ends the thread.
  const { signal } = new AbortController();
  const opened = openLeased(await leaseSnapshot(root, snapshot));
  try {
    say({
      bytes: await snapshotMap(opened, threads, { signal, onProgress: (progress) => say({ progress }) }),
    });
  } finally {
    opened.close();
  }
} catch (error) {
  say({ thrown: thrownAs(error) });
}
