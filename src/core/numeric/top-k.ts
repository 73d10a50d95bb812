/**
 * From a kernel's heap to a ranking. A ranking is by score descending, then row ascending, on every surface; the k-th
 * place is beaten only by a better score or, at an equal score, a lower row.
 */
export interface RankedRow {
  readonly row: number;
  readonly score: number;
}

/** The row of a heap's entry that nothing has taken. */
export const emptyRow = 2 ** 32 - 1;

/**
 * The entries of a heap in order, empty ones left out.
 * @param scores f32 view of the heap: entry e's score at 2e
 * @param rows u32 view of the same bytes: entry e's row at 2e + 1
 */
export function rankHeap(scores: Float32Array, rows: Uint32Array): RankedRow[] {
  const ranked: RankedRow[] = [];
  for (let at = 0; at + 1 < rows.length; at += 2) {
    if (rows[at + 1] !== emptyRow) ranked.push({ row: rows[at + 1], score: scores[at] });
  }
  return ranked.sort((a, b) => b.score - a.score || a.row - b.row);
}
