import { allocateSparseRows, type SparseRows } from './csr.js';
import { preferred } from './pairs.js';

/** The arrays of contracts.ts's Pairs that make weights. */
interface WeightedPairs {
  readonly numUsers: number;
  readonly indptr: Uint32Array;
  readonly item: Uint32Array;
  readonly weight: BigInt64Array;
  readonly lastAt: BigInt64Array;
  readonly flags: Uint8Array;
}

/** The high and low words of an int64 each. A BigInt each would cost more than the loops that read them. */
function wordsOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

const two32 = 4294967296;

/**
 * A user's pairs as the solver reads them: the confidence of each summed weight, negative for a dislike. Pairs that
 * hold nothing but bans (weight 0), or whose confidence underflows to 0, are left out. Exact int64 weights become f32
 * here, once, just before the confidence function.
 * @param decay what a weight is multiplied by, from the time of the pair's latest event in ms (`noTime`: unknown)
 */
export function trainingRows(
  pairs: WeightedPairs,
  confidence: (r: number) => number,
  decay?: (lastAtMs: number) => number,
): SparseRows {
  const nnz = pairs.item.length;
  const all = allocateSparseRows(pairs.numUsers, nnz);
  const words = wordsOf(pairs.weight);
  const times = wordsOf(pairs.lastAt);
  let kept = 0;
  for (let u = 0; u < pairs.numUsers; u++) {
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) {
      const units = words[2 * p + 1] * two32 + (words[2 * p] >>> 0);
      let r = units / 1e9;
      if (decay !== undefined) r *= decay(times[2 * p + 1] * two32 + (times[2 * p] >>> 0));
      const w = r === 0 ? 0 : confidence(Math.fround(r));
      if (w === 0) continue;
      all.idx[kept] = pairs.item[p];
      all.weight[kept] = (pairs.flags[p] & preferred) === 0 ? -w : w;
      kept++;
    }
    all.indptr[u + 1] = kept;
  }
  return kept === nnz
    ? all
    : { ...all, idx: all.idx.subarray(0, kept), weight: all.weight.subarray(0, kept) };
}
