import type { Pairs } from '../contracts.js';

/** Histories with a single row each, one below the other. */
export function joinHistories(histories: readonly Pairs[], numItems: number): Pairs {
  const indptr = new Uint32Array(histories.length + 1);
  histories.forEach(({ item }, at) => (indptr[at + 1] = (indptr[at] ?? 0) + item.length));
  const nnz = indptr[histories.length] ?? 0;
  const joined = {
    numUsers: histories.length,
    numItems,
    indptr,
    item: new Uint32Array(nnz),
    weight: new BigInt64Array(nnz),
    count: new Uint32Array(nnz),
    lastAt: new BigInt64Array(nnz),
    flags: new Uint8Array(nnz),
  };
  histories.forEach((history, at) => {
    const from = indptr[at] ?? 0;
    joined.item.set(history.item, from);
    joined.weight.set(history.weight, from);
    joined.count.set(history.count, from);
    joined.lastAt.set(history.lastAt, from);
    joined.flags.set(history.flags, from);
  });
  return joined;
}
