import { openNpy } from '../files/npy.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

const chunkPairs = 1 << 20;

/** [numItems] how many users have each item in their history; undefined where the snapshot has no histories. */
export function countListeners(snapshot: OpenSnapshot, numItems: number): Uint32Array | undefined {
  if (!snapshot.hasUsers(snapshotFile.historyItem)) return undefined;
  const listeners = new Uint32Array(numItems);
  for (const { file } of snapshot.userParts) countIn(file(snapshotFile.historyItem), listeners);
  return listeners;
}

function countIn(path: string, listeners: Uint32Array): void {
  const file = openNpy(path, { dtype: '<u4', shape: [undefined] });
  try {
    const numPairs = file.shape[0] ?? 0;
    const chunk = new Uint32Array(Math.min(chunkPairs, numPairs));
    for (let from = 0; from < numPairs; from += chunk.length) {
      const items = chunk.subarray(0, Math.min(chunk.length, numPairs - from));
      file.readInto(new Uint8Array(items.buffer, 0, items.byteLength), from * Uint32Array.BYTES_PER_ELEMENT);
      for (const item of items) listeners[item]!++;
    }
  } finally {
    file.close();
  }
}
