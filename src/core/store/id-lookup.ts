/** From ids to rows, in any store: items' and users'. */
import type { LmdbReader } from './lmdb-reader.js';
import { countKey, idKey } from './store-keys.js';

/** Number of rows of a kind; 0 for a kind that is not there. */
export function numRowsOf(store: LmdbReader, kind: string): number {
  return u32(store, store.get(countKey(kind))) ?? 0;
}

export function rowOfId(store: LmdbReader, kind: string, id: string): number | undefined {
  const key = idKey(kind, id);
  return key === undefined ? undefined : u32(store, store.get(key));
}

function u32(store: LmdbReader, value: Buffer | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (value.length !== 4) throw store.damaged(`holds a number of ${value.length} bytes, wanted 4`);
  return value.readUInt32LE(0);
}
