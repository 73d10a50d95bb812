/** How long a training takes, about: what its kernels do is counted for a sample of items. */
import { openWorkspace } from '../../compute/workspace.js';
import type { SparseRows } from '../../numeric/csr.js';
import { exponents, mostHotItems, neighboursOf, type SlimSettings } from './train-slim.js';

/** Items whose neighbours are found, at most: every so many of them, so that popular ones are met as often as others. */
const sampled = 200;

/**
 * Of one thread of a busy AMD EPYC: a sum of a pair of entries, made in a row that is read in order or of users here and there,
 * an entry of G looked up, and a multiplication in f64. Fitted to 20,000 to 200,000 items (docs/reference/models.md#slim).
 */
const secondsOf = { sum: 3e-9, coldSum: 18e-9, lookUp: 8e-9, multiplication: 0.6e-9 } as const;

/** Seconds of one thread. O(pairs), and the columns of the sample. */
export function slimSeconds(
  { numRows, indptr, idx }: SparseRows,
  numItems: number,
  { neighbours, 'item-exponent': itemExponent }: SlimSettings,
): number {
  const { power } = openWorkspace(0).kernels;
  const m = neighboursOf(numItems, neighbours);
  const step = Math.ceil(numItems / sampled);
  const users = Array.from({ length: Math.ceil((numItems - (step >> 1)) / step) }, (): number[] => []);
  /** Entries that making an item's row of G of its pairs reads; of each item its pairs. */
  const [rowCost, counts] = [new Float64Array(numItems), new Float64Array(numItems)];
  let sums = 0;
  for (let u = 0; u < numRows; u++) {
    const [from, end] = [indptr[u]!, indptr[u + 1]!];
    sums += (end - from) ** 2;
    for (let p = from; p < end; p++) {
      const item = idx[p]!;
      counts[item]! += 1;
      if (item >= mostHotItems) rowCost[item]! += p - from + 1;
      if (item % step === step >> 1) users[(item - (step >> 1)) / step]!.push(u);
    }
  }
  const work = { coldSums: 0, lookUps: 0, multiplications: 0 };
  users.forEach((own, at) => {
    const entries = new Map<number, number>();
    for (const u of own) {
      const [from, end] = [indptr[u]!, indptr[u + 1]!];
      const weight = power(end - from, -2 * exponents.user);
      for (let p = from; p < end; p++) entries.set(idx[p]!, (entries.get(idx[p]!) ?? 0) + weight);
    }
    entries.delete(at * step + (step >> 1));
    const near = Array.from(
      entries,
      ([item, sum]) => [item, sum * power(counts[item]!, -itemExponent)] as const,
    )
      .sort((a, b) => b[1] - a[1])
      .slice(0, m)
      .map(([item]) => item)
      .sort((a, b) => a - b);
    near.forEach((item, place) => {
      if (item < mostHotItems) work.lookUps += place + 1;
      else work.coldSums += rowCost[item]!;
    });
    work.multiplications += near.length ** 3 / 6;
  });
  const ofSample =
    work.coldSums * secondsOf.coldSum +
    work.lookUps * secondsOf.lookUp +
    work.multiplications * secondsOf.multiplication;
  return 2.5 * sums * secondsOf.sum + (ofSample * numItems) / users.length;
}
