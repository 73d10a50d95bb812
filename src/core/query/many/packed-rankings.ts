import type { RankedItem } from '../../contracts.js';
import type { RankedBatch } from '../../search/ranked-batch.js';

/** Of queries that have found nothing yet. */
export function emptyBatch(numQueries: number, k: number): RankedBatch {
  return {
    numQueries,
    k,
    rows: new Uint32Array(numQueries * k),
    scores: new Float32Array(numQueries * k),
    counts: new Uint32Array(numQueries),
  };
}

/** What a query has found, at most k. */
export function packRanking(
  { k, rows, scores, counts }: RankedBatch,
  query: number,
  ranking: readonly RankedItem[],
): void {
  counts[query] = ranking.length;
  ranking.forEach(({ row, score }, at) => {
    rows[query * k + at] = row;
    scores[query * k + at] = score;
  });
}
