import { allocateSparseRows, type SparseRows } from './csr.js';
import { preferred } from './pairs.js';

/** The arrays of contracts.ts's Pairs that make weights. */
interface WeightedPairs {
  readonly numUsers: number;
  readonly indptr: Uint32Array;
  readonly item: Uint32Array;
  readonly weight: BigInt64Array;
  readonly flags: Uint8Array;
}

/**
 * A user's pairs as the solver reads them: the confidence of each summed weight, negative for a dislike. Pairs that
 * hold nothing but bans (weight 0), or whose confidence underflows to 0, are left out. Exact int64 weights become f32
 * here, once, just before the confidence function.
 */
export function trainingRows(pairs: WeightedPairs, confidence: (r: number) => number): SparseRows {
  const nnz = pairs.item.length;
  const all = allocateSparseRows(pairs.numUsers, nnz);
  const words = new Int32Array(pairs.weight.buffer, pairs.weight.byteOffset, nnz * 2);
  let kept = 0;
  for (let u = 0; u < pairs.numUsers; u++) {
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) {
      // The int64 as two words: a BigInt each would cost more than the rest of this loop.
      const units = words[2 * p + 1] * 4294967296 + (words[2 * p] >>> 0);
      const w = units === 0 ? 0 : confidence(Math.fround(units / 1e9));
      if (w === 0) continue;
      all.idx[kept] = pairs.item[p];
      all.weight[kept] = (pairs.flags[p] & preferred) === 0 ? -w : w;
      kept++;
    }
    all.indptr[u + 1] = kept;
  }
  return kept === nnz ? all : { ...all, idx: all.idx.subarray(0, kept), weight: all.weight.subarray(0, kept) };
}
