/** Histories as they travel: cut into chunks of users, weighed, each array a blob. */
import { bytesOf } from '../files/npy.js';
import { allocateSparseRows, type SparseRows } from '../numeric/csr.js';
import type { PairArrays } from '../numeric/pairs.js';

/**
 * Of a chunk, at most: 16 MiB. A Spark job costs some 0.1 s of processor time however little it does, and all chunks under way
 * are in memory.
 */
const pairsAtOnce = 1 << 21;
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

/** Weighed histories, and their inverse. */
export function rowBlobs({ indptr, idx, weight }: SparseRows): Uint8Array[] {
  return [indptr, idx, weight].map(bytesOf);
}

/** In memory that threads share. */
export function rowsIn(blobs: readonly Uint8Array[]): SparseRows {
  const [indptr, idx, weight] = blobs;
  if (indptr === undefined || idx === undefined || weight === undefined)
    throw new RangeError(`histories in ${blobs.length} arrays`);
  const rows = allocateSparseRows(indptr.length / 4 - 1, idx.length / 4);
  bytesOf(rows.indptr).set(indptr);
  bytesOf(rows.idx).set(idx);
  bytesOf(rows.weight).set(weight);
  return rows;
}
