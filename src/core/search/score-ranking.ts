import type { OpenRanker } from '../contracts.js';
import type { RankedRow } from '../numeric/top-k.js';
import { hasRow, type RowSet } from './row-set.js';

/** All rows by their scores, as every ranking has them. A score that is no number is in none. */
export function rankScores(scores: ArrayLike<number>): RankedRow[] {
  return Array.from(scores, (score, row) => ({ row, score }))
    .filter(({ score }) => !Number.isNaN(score))
    .sort((a, b) => b.score - a.score || a.row - b.row);
}

/**
 * The first k of a ranking that are in `among` (undefined: of all), the rows of `leaveOut` left out. O(k + rows left out)
 * without `among`; with it, O(rows before the k-th).
 */
export function firstBut(
  ranked: readonly RankedRow[],
  leaveOut: Iterable<number>,
  k: number,
  among?: RowSet,
): RankedRow[] {
  const out = new Set(leaveOut);
  const first: RankedRow[] = [];
  for (const entry of ranked) {
    if (first.length === k) break;
    if (among !== undefined && !hasRow(among, entry.row)) continue;
    if (!out.has(entry.row)) first.push(entry);
  }
  return first;
}

/** Ranks every user alike: the items of the highest scores that are not in the history. */
export function rankByScore(scores: ArrayLike<number>): OpenRanker {
  const ranked = rankScores(scores);
  return {
    numItems: scores.length,
    rank({ numUsers, indptr, item }, k, each) {
      for (let u = 0; u < numUsers; u++)
        each(u, firstBut(ranked, item.subarray(indptr[u], indptr[u + 1]), k));
      return Promise.resolve();
    },
    score({ numUsers }, each) {
      const all = Float32Array.from(scores);
      for (let u = 0; u < numUsers; u++) each(u, all);
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}
