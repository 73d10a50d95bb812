import { allocateSparseRows, type SparseRows } from './csr.js';
import { seededRandom } from './random.js';

export interface HeldOut {
  /** What is trained on. */
  readonly train: SparseRows;
  /** What is measured against: liked or played pairs only. */
  readonly test: SparseRows;
}

/**
 * Holds out a random share of each user's liked or played pairs: every such pair with probability `fraction`, but
 * never a user's last one. Disliked pairs are always trained on. The same split for the same pairs and seed.
 */
export function holdOut(rows: SparseRows, fraction: number, seed: number): HeldOut {
  const random = seededRandom(seed);
  const held = new Uint8Array(rows.idx.length);
  let numHeld = 0;
  for (let u = 0; u < rows.numRows; u++) {
    let left = 0;
    for (let p = rows.indptr[u]; p < rows.indptr[u + 1]; p++) left += rows.weight[p] > 0 ? 1 : 0;
    for (let p = rows.indptr[u]; p < rows.indptr[u + 1]; p++) {
      if (rows.weight[p] < 0 || random.nextFraction() >= fraction || left === 1) continue;
      held[p] = 1;
      left--;
      numHeld++;
    }
  }
  return {
    train: filtered(rows, held, 0, rows.idx.length - numHeld),
    test: filtered(rows, held, 1, numHeld),
  };
}

/** The pairs whose mark is `wanted`. */
function filtered(rows: SparseRows, marks: Uint8Array, wanted: number, nnz: number): SparseRows {
  const result = allocateSparseRows(rows.numRows, nnz);
  let next = 0;
  for (let u = 0; u < rows.numRows; u++) {
    for (let p = rows.indptr[u]; p < rows.indptr[u + 1]; p++) {
      if (marks[p] !== wanted) continue;
      result.idx[next] = rows.idx[p];
      result.weight[next] = rows.weight[p];
      next++;
    }
    result.indptr[u + 1] = next;
  }
  return result;
}
