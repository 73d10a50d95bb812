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
 *
 * That is one stream, which nobody can take in pieces. Past the limits of format version 1 it is a hash of hashes instead, of
 * blocks of 65,536 users, or items, by row, the last one shorter: any of them can be hashed where its users are. It is taken over
 *
 *   16 bytes   "segue-events-2" in ASCII and two zero bytes
 *   4 × u64, 2 × i64 as above
 *   a sha256 of 32 bytes for every block of users, then one for every block of items, and where the order of plays was read:
 *   16 bytes   "segue-order-2" in ASCII and three zero bytes; then one for every block of users
 *
 * The hash of a block is taken over its part of the arrays above, in that order, offsets and positions counted from its start and
 * positions u64: of users (n + 1) × u32 offsets, UTF-8, (n + 1) × u64 indptr, item, weight, count, lastAt, flags; of items offsets
 * and UTF-8; of plays (n + 1) × u64 indptr, item, at.
 */
import { createHash, type Hash } from 'node:crypto';
import type { Interactions, StringColumn } from '../contracts.js';
import { piecesOf } from '../files/npy.js';
import { arrayLimits, noTime, type ArrayLimits } from '../numeric/pairs.js';
import { usersOf } from '../numeric/split-pairs.js';
import { sliceStrings } from '../tables/string-column.js';

/** Interactions before they have a hash. */
export type CountedEvents = Omit<Interactions, 'sha256'>;

/** @param limits past which it is a hash of hashes */
export function hashInteractions(interactions: CountedEvents, limits: ArrayLimits = arrayLimits): string {
  const { users, items, pairs } = interactions;
  const idBytes = Math.max(users.bytes.length, items.bytes.length);
  if (idBytes > limits.idBytes || pairs.item.length > limits.pairs) return hashOfBlocks(interactions);
  const hash = beginHash('segue-events-1\0\0', interactions);
  for (const ids of [users, items]) updateIds(hash, ids);
  for (const name of ['indptr', 'item', 'weight', 'count', 'lastAt', 'flags'] as const)
    update(hash, pairs[name]);
  if (interactions.sequences !== undefined) {
    const { indptr, item, at } = interactions.sequences;
    hash.update('segue-order-1\0\0\0', 'latin1');
    for (const array of [indptr, item, ...(at === undefined ? [] : [at])]) update(hash, array);
  }
  return hash.digest('hex');
}

/** Users, or items. */
const blockRows = 65_536;

function hashOfBlocks(interactions: CountedEvents): string {
  const { users, items, pairs, sequences } = interactions;
  const hash = beginHash('segue-events-2\0\0', interactions);
  for (const [from, to] of blocksOf(users.length)) {
    const block = createHash('sha256');
    const own = usersOf(pairs, from, to);
    updateIds(block, sliceStrings(users, from, to));
    update(block, BigUint64Array.from(own.indptr, BigInt));
    for (const name of ['item', 'weight', 'count', 'lastAt', 'flags'] as const) update(block, own[name]);
    hash.update(block.digest());
  }
  for (const [from, to] of blocksOf(items.length)) {
    const block = createHash('sha256');
    updateIds(block, sliceStrings(items, from, to));
    hash.update(block.digest());
  }
  if (sequences === undefined) return hash.digest('hex');
  hash.update('segue-order-2\0\0\0', 'latin1');
  for (const [from, to] of blocksOf(users.length)) {
    const block = createHash('sha256');
    const [first, end] = [sequences.indptr[from]!, sequences.indptr[to]!];
    update(
      block,
      BigUint64Array.from(sequences.indptr.subarray(from, to + 1), (at) => BigInt(at - first)),
    );
    for (const array of [sequences.item, sequences.at])
      if (array !== undefined) update(block, array.subarray(first, end));
    hash.update(block.digest());
  }
  return hash.digest('hex');
}

function* blocksOf(numRows: number): Generator<readonly [from: number, to: number]> {
  for (let from = 0; from < numRows; from += blockRows) yield [from, Math.min(numRows, from + blockRows)];
}

function beginHash(name: string, { pairs, numEvents, firstAt, lastAt }: CountedEvents): Hash {
  const hash = createHash('sha256');
  hash.update(name, 'latin1');
  update(hash, BigUint64Array.from([pairs.numUsers, pairs.numItems, pairs.item.length, numEvents], BigInt));
  update(hash, BigInt64Array.of(firstAt ?? noTime, lastAt ?? noTime));
  return hash;
}

function updateIds(hash: Hash, { offsets, bytes }: StringColumn): void {
  update(hash, offsets);
  update(hash, bytes);
}

/** One update takes less than 2 GiB. */
function update(hash: Hash, array: ArrayBufferView): void {
  for (const piece of piecesOf(array)) hash.update(piece);
}
