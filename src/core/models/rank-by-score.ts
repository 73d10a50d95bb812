import type { Ranker } from '../contracts.js';
import { firstBut, rankScores } from '../index/score-ranking.js';

/** Ranks every user alike: the items of the highest scores that are not in the history. */
export function rankByScore(scores: Float32Array): Ranker {
  const ranked = rankScores(scores);
  return {
    numItems: scores.length,
    rank({ numUsers, indptr, item }, k, each) {
      for (let u = 0; u < numUsers; u++)
        each(u, firstBut(ranked, item.subarray(indptr[u], indptr[u + 1]), k));
      return Promise.resolve();
    },
  };
}
