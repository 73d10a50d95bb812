import { allocateSparseRows, type SparseRows } from './csr.js';
import { preferred, type PairArrays } from './pairs.js';

/** The arrays that make weights. */
export type WeightedPairs = Omit<PairArrays, 'numItems' | 'count'>;

/** The high and low words of an int64 each. A BigInt each would cost more than the loops that read them. */
function wordsOf(values: BigInt64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

const two32 = 4294967296;

/**
 * A user's pairs as the solver reads them, negative for a dislike. Pairs that hold nothing but bans (weight 0), or whose
 * weight underflows to 0, are left out. Exact int64 sums become f32 here, once, just before they are weighed.
 * @param counted r, from a pair's sum and the time of its latest event in ms (`noTime`: unknown)
 * @param weigh how a user's pairs are weighed, from how many there are with an r > 0 and their Σ r (f64, item by item)
 */
export function weighedRows(
  pairs: WeightedPairs,
  counted: (sum: number, lastAtMs: number) => number,
  weigh: (numPairs: number, plays: number) => (r: number, item: number) => number,
): SparseRows {
  const nnz = pairs.item.length;
  const all = allocateSparseRows(pairs.numUsers, nnz);
  const words = wordsOf(pairs.weight);
  const times = wordsOf(pairs.lastAt);
  let kept = 0;
  for (let u = 0; u < pairs.numUsers; u++) {
    const first = kept;
    let plays = 0;
    for (let p = pairs.indptr[u]; p < pairs.indptr[u + 1]; p++) {
      const units = words[2 * p + 1] * two32 + (words[2 * p] >>> 0);
      const r = Math.fround(counted(units / 1e9, times[2 * p + 1] * two32 + (times[2 * p] >>> 0)));
      if (r === 0) continue;
      plays += r;
      all.idx[kept] = pairs.item[p];
      all.weight[kept++] = (pairs.flags[p] & preferred) === 0 ? -r : r;
    }
    const weight = weigh(kept - first, plays);
    const end = kept;
    kept = first;
    for (let p = first; p < end; p++) {
      const r = all.weight[p];
      const w = Math.fround(weight(Math.abs(r), all.idx[p]));
      if (w === 0) continue;
      all.idx[kept] = all.idx[p];
      all.weight[kept++] = r < 0 ? -w : w;
    }
    all.indptr[u + 1] = kept;
  }
  return kept === nnz
    ? all
    : { ...all, idx: all.idx.subarray(0, kept), weight: all.weight.subarray(0, kept) };
}
