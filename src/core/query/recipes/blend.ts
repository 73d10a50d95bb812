/** From what several sources found to candidates with one score each. Pure. */

/** An item that a source found, in its order. */
export interface Found {
  readonly row: number;
  /** The source's own: a product, a similarity, a count. */
  readonly score: number;
  /** The row of the item that it is near to, where the source looks near several one by one. */
  readonly near?: number;
}

export interface SourceFindings {
  readonly weight: number;
  /** The best first, each row once. */
  readonly found: readonly Found[];
}

/** What a source gave a candidate. */
export interface Share {
  /** The source's place in the recipe. */
  readonly source: number;
  /** 1 … in the source's order. */
  readonly rank: number;
  readonly score: number;
  /** The part of `relevance` that comes from it. */
  readonly share: number;
  readonly near?: number;
}

export interface Candidate {
  readonly row: number;
  /** 0..1: 1 for an item that is the best of every source. */
  readonly relevance: number;
  readonly shares: readonly Share[];
}

/** The constant of reciprocal rank fusion. */
const rankOffset = 60;

/**
 * Σ weight · s / Σ weight over the sources, where s is, for an item that the source found,
 *
 * - `scores`: its score / the source's best, 0 where it is below 0 (after Fox and Shaw 1994, CombSUM; all are 0 where no score of
 *   the source is above 0);
 * - `ranks`: 61 / (60 + rank), reciprocal rank fusion (Cormack, Clarke and Büttcher 2009) so scaled that the first has 1;
 *
 * and 0 for what it did not find. In the order in which the sources found them, the first source's first: a stable sort by
 * score leaves ties in that order, so that one source alone keeps its own.
 */
export function blend(findings: readonly SourceFindings[], combine: 'scores' | 'ranks'): Candidate[] {
  const total = findings.reduce((sum, { weight }) => sum + weight, 0);
  const shares = new Map<number, Share[]>();
  findings.forEach(({ weight, found }, source) => {
    const best = found[0]?.score ?? 0;
    found.forEach(({ row, score, near }, at) => {
      const scaled = scaledScore(combine, at, score, best);
      const share = { source, rank: at + 1, score, share: (weight * scaled) / total };
      const entry = near === undefined ? share : { ...share, near };
      const known = shares.get(row);
      if (known === undefined) shares.set(row, [entry]);
      else known.push(entry);
    });
  });
  return Array.from(shares, ([row, of]) => ({
    row,
    relevance: of.reduce((sum, { share }) => sum + share, 0),
    shares: of,
  }));
}

/** @param at 0 … in the source's order */
function scaledScore(combine: 'scores' | 'ranks', at: number, score: number, best: number): number {
  if (combine === 'ranks') return (rankOffset + 1) / (rankOffset + 1 + at);
  // What an index missed, and a filter let it find, may be better than the best.
  return best > 0 ? Math.min(1, Math.max(0, score / best)) : 0;
}

/** The most that the relevance of an item can be which no source has found yet. @param hasMore by source */
export function mostUnfound(
  findings: readonly SourceFindings[],
  hasMore: readonly boolean[],
  combine: 'scores' | 'ranks',
): number {
  const total = findings.reduce((sum, { weight }) => sum + weight, 0);
  const most = findings.map(({ weight, found }, source) => {
    if (hasMore[source] !== true) return 0;
    const last = found.length - 1;
    return weight * scaledScore(combine, last, found[last]?.score ?? 0, found[0]?.score ?? 0);
  });
  return most.reduce((sum, share) => sum + share, 0) / total;
}
