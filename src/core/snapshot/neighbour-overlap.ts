/**
 * How much the neighbours of an item are the same in two snapshots: |top k of A ∩ top k of B| / k.
 *
 * Ties are the common case in small data: all items that only one and the same user played have the same direction,
 * and which of them make up a top k is decided by their rows alone. So a neighbour in A counts as one in B where its
 * similarity there reaches the k-th best of B, less 1e-6; the share is taken from both sides and averaged. Without
 * ties that is the intersection.
 */

/** What the k-th place may miss and still be reached: similarities are f32 sums in some order. */
const tolerance = 1e-6;

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

/**
 * The overlap of one item's neighbours, 0 … 1; null where it has none in one of the snapshots.
 * @param at its place in the sample @param rowA its row in A @param rowB its row in B
 */
export function neighbourOverlap(
  a: NeighbourSide,
  b: NeighbourSide,
  at: number,
  rowA: number,
  rowB: number,
  k: number,
): number | null {
  const listA = a.lists[at] ?? [];
  const listB = b.lists[at] ?? [];
  const size = Math.min(k, listA.length, listB.length);
  if (size === 0) return null;
  const found =
    countFound(listA.slice(0, size), a.rowInOther, b, rowB, (listB[size - 1]?.score ?? 0) - tolerance) +
    countFound(listB.slice(0, size), b.rowInOther, a, rowA, (listA[size - 1]?.score ?? 0) - tolerance);
  return found / (2 * size);
}

/** How many of one side's neighbours are near enough to `row` on the other side. */
function countFound(
  list: readonly Neighbour[],
  rowInOther: Int32Array,
  other: NeighbourSide,
  row: number,
  least: number,
): number {
  let found = 0;
  for (const neighbour of list) {
    const there = rowInOther[neighbour.row] ?? -1;
    if (there !== -1 && other.similarity(row, there) >= least) found++;
  }
  return found;
}
