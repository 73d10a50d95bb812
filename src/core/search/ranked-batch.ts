import type { RankedRow } from '../numeric/top-k.js';

/**
 * The best rows for many queries, packed: query q's are at q · k … q · k + counts[q] − 1, by score descending, then row
 * ascending. Owned by whoever asked for it; what made it may write it anew only where it says so.
 */
export interface RankedBatch {
  readonly numQueries: number;
  readonly k: number;
  /** [numQueries × k]; what stands at counts[q] and after means nothing. */
  readonly rows: Uint32Array;
  readonly scores: Float32Array;
  /** [numQueries] at most k: fewer only where fewer rows are left. */
  readonly counts: Uint32Array;
}

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
  ranking: readonly RankedRow[],
): void {
  counts[query] = ranking.length;
  ranking.forEach(({ row, score }, at) => {
    rows[query * k + at] = row;
    scores[query * k + at] = score;
  });
}

/** One query's ranking. */
export function rankingOf({ k, rows, scores, counts }: RankedBatch, query: number): RankedRow[] {
  return Array.from({ length: counts[query]! }, (_, at) => ({
    row: rows[query * k + at]!,
    score: scores[query * k + at]!,
  }));
}
