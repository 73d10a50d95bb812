/** The entries of a store that lead from ids to rows: the same for items and users. */
import type { StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import { rowsByBytes } from './byte-order.js';
import type { StoreEntry } from './lmdb-writer.js';
import { countKey, keyPrefix, maxIdBytes } from './store-keys.js';

/** The number of rows. Its key comes before those of all ids. */
export function countEntry(kind: string, numRows: number): StoreEntry {
  const value = Buffer.alloc(4);
  value.writeUInt32LE(numRows);
  return [countKey(kind), value];
}

/** The row of every id, by key ascending. Throws AppError 'bad-row' for what is no id. */
export function* idEntries(kind: string, ids: StringColumn): Generator<StoreEntry> {
  const value = Buffer.alloc(4);
  const prefix = keyPrefix('i', kind);
  const key = Buffer.alloc(prefix.length + maxIdBytes);
  prefix.copy(key);
  const idBytes = Buffer.from(ids.bytes.buffer, ids.bytes.byteOffset, ids.bytes.byteLength);
  for (const row of rowsByBytes(ids.bytes, ids.offsets)) {
    const start = ids.offsets[row] ?? 0;
    const end = ids.offsets[row + 1] ?? 0;
    if (end === start || end - start > maxIdBytes) {
      throw new AppError('bad-row', `an id of ${end - start} bytes, wanted 1 to ${maxIdBytes}`);
    }
    idBytes.copy(key, prefix.length, start, end);
    value.writeUInt32LE(row);
    yield [key.subarray(0, prefix.length + end - start), value];
  }
}
