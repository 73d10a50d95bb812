import { openNpy } from '../files/npy.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

const chunkPairs = 1 << 20;

/** [numItems] how many users have each item in their history; undefined where the snapshot has no histories. */
export function countListeners(snapshot: OpenSnapshot, numItems: number): Uint32Array | undefined {
  if (!snapshot.has(snapshotFile.historyItem)) return undefined;
  const listeners = new Uint32Array(numItems);
  const file = openNpy(snapshot.file(snapshotFile.historyItem), { dtype: '<u4', shape: [undefined] });
  try {
    const numPairs = file.shape[0] ?? 0;
    const chunk = new Uint32Array(Math.min(chunkPairs, numPairs));
    for (let from = 0; from < numPairs; from += chunk.length) {
      const items = chunk.subarray(0, Math.min(chunk.length, numPairs - from));
      file.readInto(new Uint8Array(items.buffer, 0, items.byteLength), from * Uint32Array.BYTES_PER_ELEMENT);
      for (const item of items) listeners[item]!++;
    }
    return listeners;
  } finally {
    file.close();
  }
}
