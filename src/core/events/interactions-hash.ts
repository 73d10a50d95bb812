/**
 * The sha256 of interactions: what a training is named after.
 *
 * It is taken over these bytes, every number little-endian, nothing between the parts:
 *
 *   16 bytes   "segue-events-1" in ASCII and two zero bytes
 *   4 × u64    numUsers, numItems, nnz (number of pairs), numEvents
 *   2 × i64    firstAt, lastAt: ms since 1970 UTC; −2⁶³ where no event has a time
 *   users      (numUsers + 1) × u32 byte offsets, then the UTF-8 of all user ids, by user row, end to end
 *   items      (numItems + 1) × u32 byte offsets, then the UTF-8 of all item ids, by item row, end to end
 *   indptr     (numUsers + 1) × u32
 *   item       nnz × u32
 *   weight     nnz × i64, multiples of 1e-9
 *   count      nnz × u32
 *   lastAt     nnz × i64, ms since 1970 UTC; −2⁶³ where there is none
 *   flags      nnz × u8
 *
 * and where the order of plays was read, also over these:
 *
 *   16 bytes   "segue-order-1" in ASCII and three zero bytes
 *   indptr     (numUsers + 1) × u32
 *   item       plays × u32
 *   at         plays × f64, ms since 1970 UTC, −2⁶³ where there is none; nothing where no play has a time
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import type { Interactions } from '../contracts.js';
import { noTime } from '../numeric/pairs.js';

/** Interactions before they have a hash. */
export type CountedEvents = Omit<Interactions, 'sha256'>;

export function hashInteractions(interactions: CountedEvents): string {
  const { users, items, pairs, numEvents, firstAt, lastAt } = interactions;
  const hash = createHash('sha256');
  hash.update('segue-events-1\0\0', 'latin1');
  update(hash, BigUint64Array.from([pairs.numUsers, pairs.numItems, pairs.item.length, numEvents], BigInt));
  update(hash, BigInt64Array.of(firstAt ?? noTime, lastAt ?? noTime));
  for (const ids of [users, items]) {
    update(hash, ids.offsets);
    update(hash, ids.bytes);
  }
  for (const name of ['indptr', 'item', 'weight', 'count', 'lastAt', 'flags'] as const)
    update(hash, pairs[name]);
  if (interactions.sequences !== undefined) {
    const { indptr, item, at } = interactions.sequences;
    hash.update('segue-order-1\0\0\0', 'latin1');
    for (const array of [indptr, item, ...(at === undefined ? [] : [at])]) update(hash, array);
  }
  return hash.digest('hex');
}

/** In pieces: one update takes less than 2 GiB. */
function update(hash: Hash, array: ArrayBufferView): void {
  const pieceBytes = 1 << 28;
  for (let at = 0; at < array.byteLength; at += pieceBytes) {
    const length = Math.min(pieceBytes, array.byteLength - at);
    hash.update(new Uint8Array(array.buffer, array.byteOffset + at, length));
  }
}
