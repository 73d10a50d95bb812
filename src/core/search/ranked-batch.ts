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

/** One query's ranking. */
export function rankingOf({ k, rows, scores, counts }: RankedBatch, query: number): RankedRow[] {
  return Array.from({ length: counts[query]! }, (_, at) => ({
    row: rows[query * k + at]!,
    score: scores[query * k + at]!,
  }));
}
