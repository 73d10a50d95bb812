import { readEventBatch, type TextColumn } from '../../events/event-batch.js';
import { bytesOf } from '../../files/npy.js';
import type { ReadEvents } from '../worker-jobs.js';
import type { OpenJob } from './open-job.js';

/** What rows hold, by the rules that files of one machine are read by. */
export function openReadEvents({ layout }: ReadEvents): OpenJob {
  return {
    answer({ blobs }) {
      const columns: TextColumn[] = [];
      for (let at = 0; at + 1 < blobs.length; at += 2) columns.push(columnOf(blobs[at]!, blobs[at + 1]!));
      const { users, items, weights, times, types, bad } = readEventBatch({ layout, columns });
      const found = [users.offsets, users.bytes, items.offsets, items.bytes, weights, times, types];
      return Promise.resolve({ head: { bad }, blobs: found.map(bytesOf) });
    },
    close: () => Promise.resolve(),
  };
}

function columnOf(offsets: Uint8Array, bytes: Uint8Array): TextColumn {
  return {
    offsets: new Int32Array(offsets.buffer, offsets.byteOffset, offsets.length / 4),
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length),
  };
}
