/** How long a training takes, about: what its kernels do is counted for a sample of items. */
import { openWorkspace } from '../../compute/workspace.js';
import type { SparseRows } from '../../numeric/csr.js';
import { exponents, mostHotItems, neighboursOf, type SlimSettings } from './train-slim.js';

/** Items whose neighbours are found, at most: every so many of them, so that popular ones are met as often as others. */
const sampled = 200;
/** Entries of a user, the most played ones, among which neighbours are looked for. */
const mostOfUser = 4096;

/**
 * Of one thread of an AMD EPYC: a sum of a pair of entries; the way to a user's entries, which is to memory, and each of them;
 * an entry of G looked up; a multiplication in f64. Fitted to 8,000 to 435,000 items (docs/reference/models.md#slim).
 */
const secondsOf = { sum: 3e-9, visit: 350e-9, entry: 0.6e-9, lookUp: 8e-9, multiplication: 0.6e-9 } as const;

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
  /** Seconds that making an item's row of G of its pairs takes; of each item its pairs. */
  const [rowSeconds, counts] = [new Float64Array(numItems), new Float64Array(numItems)];
  let sums = 0;
  for (let u = 0; u < numRows; u++) {
    const [from, end] = [indptr[u]!, indptr[u + 1]!];
    sums += (end - from) ** 2;
    for (let p = from; p < end; p++) {
      const item = idx[p]!;
      counts[item]! += 1;
      if (item >= mostHotItems) rowSeconds[item]! += secondsOf.visit + secondsOf.entry * (p - from + 1);
      if (item % step === step >> 1) users[(item - (step >> 1)) / step]!.push(u);
    }
  }
  const work = { rowSeconds: 0, lookUps: 0, multiplications: 0 };
  users.forEach((own, at) => {
    const entries = new Map<number, number>();
    for (const u of own) {
      const [from, end] = [indptr[u]!, indptr[u + 1]!];
      const weight = power(end - from, -2 * exponents.user);
      for (let p = from; p < Math.min(end, from + mostOfUser); p++)
        entries.set(idx[p]!, (entries.get(idx[p]!) ?? 0) + weight);
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
      else work.rowSeconds += rowSeconds[item]!;
    });
    work.multiplications += near.length ** 3 / 6;
  });
  const ofSample =
    work.rowSeconds + work.lookUps * secondsOf.lookUp + work.multiplications * secondsOf.multiplication;
  return 2.5 * sums * secondsOf.sum + (ofSample * numItems) / users.length;
}
