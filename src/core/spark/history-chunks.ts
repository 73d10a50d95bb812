/** Histories as they travel: cut into chunks of users, each an array a blob. */
import type { Pairs } from '../contracts.js';
import { bytesOf } from '../files/npy.js';
import type { PairArrays } from '../numeric/pairs.js';
import { usersOf } from '../numeric/split-pairs.js';

/** Of a chunk, about: enough to hide its way, and no more than a task's message holds. */
const pairsAtOnce = 1 << 18;
const usersAtOnce = 1 << 14;

/**
 * Bounds of consecutive chunks, ascending from 0 to numUsers: at least `parts` of them where there are as many users. A user
 * with more pairs than a chunk is to have is a chunk of their own.
 */
export function historyBounds(
  { numUsers, indptr }: Pick<PairArrays, 'numUsers' | 'indptr'>,
  parts: number,
): number[] {
  const nnz = indptr[numUsers] ?? 0;
  const mostUsers = Math.max(1, Math.min(usersAtOnce, Math.ceil(numUsers / parts)));
  const mostPairs = Math.max(1, Math.min(pairsAtOnce, Math.ceil(nnz / parts)));
  const bounds = [0];
  for (let u = 1, from = 0; u <= numUsers; u++) {
    const isFull =
      u - from >= mostUsers ||
      (indptr[u] ?? 0) - (indptr[from] ?? 0) >= mostPairs ||
      (indptr[u + 1] ?? 0) - (indptr[from] ?? 0) > pairsAtOnce;
    if (u < numUsers && !isFull) continue;
    bounds.push(u);
    from = u;
  }
  return bounds;
}

/** The histories of the users from … to − 1. */
export function historyBlobs(pairs: Pairs, from: number, to: number): Uint8Array[] {
  const { indptr, item, weight, count, lastAt, flags } = usersOf(pairs, from, to);
  return [indptr, item, weight, count, lastAt, flags].map(bytesOf);
}

/** The inverse. @param blobs memory of their own */
export function historiesIn(blobs: readonly Uint8Array[], numItems: number): Pairs {
  const [indptr, item, weight, count, lastAt, flags] = blobs.map((blob) => blob.slice().buffer);
  if (flags === undefined) throw new RangeError(`histories in ${blobs.length} arrays`);
  const arrays = { indptr: new Uint32Array(indptr!), item: new Uint32Array(item!) };
  return {
    ...{ numUsers: arrays.indptr.length - 1, numItems, ...arrays },
    weight: new BigInt64Array(weight!),
    count: new Uint32Array(count!),
    lastAt: new BigInt64Array(lastAt!),
    flags: new Uint8Array(flags),
  };
}
