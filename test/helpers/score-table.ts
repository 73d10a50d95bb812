import type { Ranker } from '#dist/core/contracts.js';

/** A ranker whose scores are given: [user of the histories][item]. Ties by row, the history left out. */
export function rankerOf(scores: readonly (readonly number[])[]): Ranker {
  return {
    numItems: scores[0]?.length ?? 0,
    rank(histories, k, each) {
      for (let u = 0; u < histories.numUsers; u++) {
        const heard = new Set(histories.item.subarray(histories.indptr[u], histories.indptr[u + 1]));
        const ranked = scores[u]!.map((score, row) => ({ row, score }))
          .filter(({ row }) => !heard.has(row))
          .sort((a, b) => b.score - a.score || a.row - b.row);
        each(u, ranked.slice(0, k));
      }
      return Promise.resolve();
    },
    score({ numUsers }, each) {
      for (let u = 0; u < numUsers; u++) each(u, Float32Array.from(scores[u]!));
      return Promise.resolve();
    },
  };
}
