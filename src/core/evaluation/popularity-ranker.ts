import type { Ranker } from '../contracts.js';

/**
 * The baseline that every model has to beat: the items with the most users, the same for everybody but for what they
 * have heard. Equally popular items by row.
 * @param popularity [numItems] users of each item in training
 */
export function popularityRanker(popularity: Uint32Array): Ranker {
  const users = (row: number): number => popularity[row] ?? 0;
  const order = Uint32Array.from(popularity.keys()).sort((a, b) => users(b) - users(a) || a - b);
  return {
    numItems: popularity.length,
    rank(histories, k, each) {
      for (let u = 0; u < histories.numUsers; u++) {
        const heard = new Set(histories.item.subarray(histories.indptr[u], histories.indptr[u + 1]));
        const ranked: { row: number; score: number }[] = [];
        for (let at = 0; at < order.length && ranked.length < k; at++) {
          const row = order[at] ?? 0;
          if (!heard.has(row)) ranked.push({ row, score: users(row) });
        }
        each(u, ranked);
      }
      return Promise.resolve();
    },
  };
}
