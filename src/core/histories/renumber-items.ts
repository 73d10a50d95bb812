import type { Pairs } from '../contracts.js';

/**
 * Pairs with items numbered as a model numbers them: ascending within a user, those that the model does not know left
 * out.
 * @param rowOf [pairs.numItems] the model's row of each item, −1 for none; no two the same
 */
export function renumberItems(pairs: Pairs, rowOf: Int32Array, numItems: number): Pairs {
  const kept: number[] = [];
  const indptr = new Uint32Array(pairs.numUsers + 1);
  const row = (p: number): number => rowOf[pairs.item[p] ?? 0] ?? -1;
  for (let u = 0; u < pairs.numUsers; u++) {
    const own: number[] = [];
    for (let p = pairs.indptr[u] ?? 0; p < (pairs.indptr[u + 1] ?? 0); p++) if (row(p) >= 0) own.push(p);
    for (const p of own.sort((a, b) => row(a) - row(b))) kept.push(p);
    indptr[u + 1] = kept.length;
  }
  return {
    numUsers: pairs.numUsers,
    numItems,
    indptr,
    item: Uint32Array.from(kept, row),
    weight: BigInt64Array.from(kept, (p) => pairs.weight[p] ?? 0n),
    count: Uint32Array.from(kept, (p) => pairs.count[p] ?? 0),
    lastAt: BigInt64Array.from(kept, (p) => pairs.lastAt[p] ?? 0n),
    flags: Uint8Array.from(kept, (p) => pairs.flags[p] ?? 0),
  };
}

/** One user's pairs out of many, as Pairs with a single row over the same memory. */
export function pairsOfUser(pairs: Pairs, user: number): Pairs {
  const from = pairs.indptr[user] ?? 0;
  const to = pairs.indptr[user + 1] ?? from;
  return {
    numUsers: 1,
    numItems: pairs.numItems,
    indptr: Uint32Array.of(0, to - from),
    item: pairs.item.subarray(from, to),
    weight: pairs.weight.subarray(from, to),
    count: pairs.count.subarray(from, to),
    lastAt: pairs.lastAt.subarray(from, to),
    flags: pairs.flags.subarray(from, to),
  };
}
