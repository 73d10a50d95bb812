/** How much the neighbours of an item are the same in two snapshots; ties count as in numeric/rank-biased-overlap.ts. */
import { agreements, rankBiasedOverlap, type RankedSide } from '../numeric/rank-biased-overlap.js';

/** What a place may miss and still be reached: similarities are f32 sums in some order. */
const tolerance = 1e-6;
/** Of rank-biased overlap: the first ten places have 86 % of the weight (Webber et al. 2010, equation 21). */
export const persistence = 0.9;

export interface Neighbour {
  readonly row: number;
  /** Cosine. */
  readonly score: number;
}

/** One snapshot's answers. */
export interface NeighbourSide {
  /** By the item's place in the sample: its best neighbours, itself left out, best first. */
  readonly lists: readonly (readonly Neighbour[])[];
  /** Cosine of two rows. */
  similarity(row: number, other: number): number;
  /** [rows] the row of each item in the other snapshot, or −1. */
  readonly rowInOther: Int32Array;
}

export interface NeighbourOverlap {
  /** |top k of A ∩ top k of B| / k, 0 … 1. */
  readonly overlap: number;
  /** Rank-biased, over the lists as long as they are. */
  readonly rbo: number;
}

/**
 * The overlap of one item's neighbours; null where it has none in one of the snapshots.
 * @param at its place in the sample @param rowA its row in A @param rowB its row in B
 */
export function neighbourOverlap(
  a: NeighbourSide,
  b: NeighbourSide,
  at: number,
  rowA: number,
  rowB: number,
  k: number,
): NeighbourOverlap | null {
  const agreement = agreements(sideOf(a, at, b, rowB), sideOf(b, at, a, rowA));
  const overlap = agreement[Math.min(k, agreement.length) - 1];
  return overlap === undefined ? null : { overlap, rbo: rankBiasedOverlap(agreement, persistence) };
}

/** @param row of the item on the other side */
function sideOf(side: NeighbourSide, at: number, other: NeighbourSide, row: number): RankedSide {
  const list = side.lists[at] ?? [];
  const listed = new Map((other.lists[at] ?? []).map((neighbour) => [neighbour.row, neighbour.score]));
  const elsewhere = list.map((neighbour) => {
    const there = side.rowInOther[neighbour.row] ?? -1;
    // What is not in the other list may still tie with its end.
    return there === -1 ? Number.NaN : (listed.get(there) ?? other.similarity(row, there));
  });
  return { scores: list.map(({ score }) => score), elsewhere, tolerance };
}
