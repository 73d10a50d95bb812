import type { DurableFile } from '../../files/durable-write.js';
import { itemBytesOf, npyHeader, type NpyDtype } from '../../files/npy.js';
import { shardFile, type UserFile } from '../layout.js';
import type { Shards } from './cut-into-shards.js';
import type { SnapshotDraft } from './write-snapshot.js';

/** A file of users/ with a row a user. */
export interface RowFile {
  readonly name: UserFile;
  readonly dtype: NpyDtype;
  /** Of one row. */
  readonly rowShape: readonly number[];
  /** The contents of the .npy file: its header, and then whole rows. */
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Of each shard, before they are written: pieces of a few KiB would each cost a system call. */
const bufferBytes = 64 << 10;

/** Writes the rows of an array into the files of their shards, in their order, in one pass over it. */
export async function scatterRows(
  draft: SnapshotDraft,
  { name, dtype, rowShape, chunks }: RowFile,
  { rows, shardOfRow }: Shards,
): Promise<void> {
  const rowBytes = rowShape.reduce((product, axis) => product * axis, itemBytesOf(dtype));
  const buffers = rows.map(() => new Uint8Array(Math.max(rowBytes, bufferBytes - (bufferBytes % rowBytes))));
  const filled = new Uint32Array(rows.length);
  const files: DurableFile[] = [];
  try {
    for (const [shard, { length }] of rows.entries()) {
      const file = draft.open(shardFile(shard, name));
      files.push(file);
      file.write(npyHeader(dtype, [length, ...rowShape]));
    }
    const flush = (shard: number): void => {
      files[shard]!.write(buffers[shard]!.subarray(0, filled[shard]));
      filled[shard] = 0;
    };
    let row = 0;
    let isHeader = true;
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !isHeader; at += rowBytes) {
        const shard = shardOfRow[row++]!;
        const buffer = buffers[shard]!;
        buffer.set(chunk.subarray(at, at + rowBytes), filled[shard]);
        filled[shard]! += rowBytes;
        if (filled[shard] === buffer.length) flush(shard);
      }
      isHeader = false;
    }
    if (row !== shardOfRow.length)
      throw new RangeError(`${row} rows of ${name}, wanted ${shardOfRow.length}`);
    for (const [shard, file] of files.entries()) {
      flush(shard);
      file.finish();
    }
  } finally {
    for (const file of files) file.discard();
  }
}
