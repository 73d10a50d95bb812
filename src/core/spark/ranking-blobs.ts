/** Rankings as they travel: rows, scores and counts, a blob each, and `k` in the head. */
import { bytesOf } from '../files/npy.js';
import type { RankedBatch } from '../search/ranked-batch.js';
import type { Frame } from './frames.js';

export function rankingFrame({ k, rows, scores, counts }: RankedBatch): Frame {
  return { head: { k }, blobs: [rows, scores, counts].map(bytesOf) };
}

/** The inverse, of one frame or of several, whose queries follow each other. */
export function rankingIn(frames: readonly Frame[]): RankedBatch {
  const [rows, scores, counts] = [0, 1, 2].map((part) =>
    joined(frames.map(({ blobs }) => blobs[part] ?? new Uint8Array())),
  );
  const queries = new Uint32Array(counts!);
  return {
    numQueries: queries.length,
    k: Number(frames[0]?.head['k'] ?? 0),
    rows: new Uint32Array(rows!),
    scores: new Float32Array(scores!),
    counts: queries,
  };
}

function joined(blobs: readonly Uint8Array[]): ArrayBuffer {
  const bytes = new Uint8Array(blobs.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const blob of blobs) {
    bytes.set(blob, at);
    at += blob.length;
  }
  return bytes.buffer;
}
