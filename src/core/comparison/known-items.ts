import { closing } from '../closers.js';
import { openNpy } from '../files/npy.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { MatchedRows } from './match-ids.js';

/** An item of fewer users has neighbours by chance. */
const leastListeners = 5;

/** The items that both of two snapshots have, and which of them enough users have in their history to compare. */
export interface KnownItems extends MatchedRows {
  /** Rows of A, ascending. */
  readonly common: Uint32Array;
  /** [items of A] users who have a common item in the snapshot where those are fewer; undefined without histories. */
  readonly listeners: Uint32Array | undefined;
  /** Whether a common item (by row of A) has at least 5 users in both; without histories every one counts as known. */
  isKnown(row: number): boolean;
  /** How many are. */
  readonly numKnown: number;
}

export function findKnownItems(a: OpenSnapshot, b: OpenSnapshot, matched: MatchedRows): KnownItems {
  const { rowInA, rowInB, numCommon } = matched;
  const ofA = countListeners(a, rowInB.length);
  const ofB = countListeners(b, rowInA.length);
  const hasListeners = ofA !== undefined || ofB !== undefined;
  const listeners = hasListeners ? new Uint32Array(rowInB.length) : undefined;
  const common = new Uint32Array(numCommon);
  let next = 0;
  let numKnown = 0;
  for (const [row, other] of rowInB.entries()) {
    if (other === -1) continue;
    common[next++] = row;
    const seen = Math.min(ofA?.[row] ?? Infinity, ofB?.[other] ?? Infinity);
    if (listeners !== undefined) listeners[row] = seen;
    if (seen >= leastListeners) numKnown++;
  }
  const isKnown = (row: number): boolean =>
    listeners === undefined || (listeners[row] ?? 0) >= leastListeners;
  return { ...matched, common, listeners, isKnown, numKnown };
}

const chunkPairs = 1 << 20;

/** [numItems] how many users have each item in their history; undefined where the snapshot has no histories. */
function countListeners(snapshot: OpenSnapshot, numItems: number): Uint32Array | undefined {
  if (!snapshot.hasUsers(snapshotFile.historyItem)) return undefined;
  const listeners = new Uint32Array(numItems);
  for (const { file } of snapshot.userParts) countIn(file(snapshotFile.historyItem), listeners);
  return listeners;
}

function countIn(path: string, listeners: Uint32Array): void {
  closing(openNpy(path, { dtype: '<u4', shape: [undefined] }), (file) => {
    const numPairs = file.shape[0] ?? 0;
    const chunk = new Uint32Array(Math.min(chunkPairs, numPairs));
    for (let from = 0; from < numPairs; from += chunk.length) {
      const items = chunk.subarray(0, Math.min(chunk.length, numPairs - from));
      file.readInto(new Uint8Array(items.buffer, 0, items.byteLength), from * Uint32Array.BYTES_PER_ELEMENT);
      for (const item of items) listeners[item]!++;
    }
  });
}
