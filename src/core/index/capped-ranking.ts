/** Rankings in which no artist (or other group of rows) stands more than so many times. */
import type { RankedRow } from '../numeric/top-k.js';

export interface Cap {
  /** Most rows of one group, at least 1. */
  readonly most: number;
  /** [rows] the group of each row, a whole number from 0 on; `ungrouped` for a row that no cap holds for. */
  readonly groupOf: Uint32Array;
}

/** The group of what belongs to none. */
export const ungrouped = 2 ** 32 - 1;

/** Walks down a ranking, and says of each row in turn whether it is taken. */
class Walk {
  readonly #cap: Cap;
  readonly #taken = new Map<number, number>();
  /** Groups that are full since they were asked for last. */
  readonly full = new Set<number>();

  constructor(cap: Cap) {
    this.#cap = cap;
  }

  takes(row: number): boolean {
    const group = this.#cap.groupOf[row] ?? ungrouped;
    if (group === ungrouped) return true;
    const taken = this.#taken.get(group) ?? 0;
    if (taken >= this.#cap.most) return false;
    this.#taken.set(group, taken + 1);
    if (taken + 1 === this.#cap.most) this.full.add(group);
    return true;
  }
}

/** Of a whole ranking the first k, after passing over those whose group is full: the greedy walk down it. */
export function cappedFirst(ranked: Iterable<RankedRow>, k: number, cap: Cap): RankedRow[] {
  const walk = new Walk(cap);
  const first: RankedRow[] = [];
  for (const entry of ranked) {
    if (first.length >= k) break;
    if (walk.takes(entry.row)) first.push(entry);
  }
  return first;
}

/**
 * The same from a search, which is asked for as little of its ranking as that takes: k are found where k exist. Each time
 * it is asked for twice as many as before, without those that were taken and all rows of groups that are full, so
 * that it goes on where it ended. An exact search gives the greedy walk down its full ranking; the answers of an
 * approximate one, which may find nearer rows later, are put in order.
 * @param best the best k' rows without those of `leaveOut`, by score descending, then row ascending; k' ≤ rows
 */
export function bestCapped(
  best: (k: number, leaveOut: Iterable<number>) => readonly RankedRow[],
  k: number,
  leaveOut: Iterable<number>,
  cap: Cap,
): RankedRow[] {
  const walk = new Walk(cap);
  const numRows = cap.groupOf.length;
  const first: RankedRow[] = [];
  const out = [...leaveOut];
  for (let ask = Math.min(2 * k, numRows); ; ask = Math.min(2 * ask, numRows)) {
    const found = best(ask, out);
    for (const entry of found) {
      if (first.length === k) break;
      if (!walk.takes(entry.row)) continue;
      first.push(entry);
      out.push(entry.row);
    }
    if (first.length === k || found.length < ask || ask === numRows) break;
    for (let row = 0; row < numRows; row++) if (walk.full.has(cap.groupOf[row]!)) out.push(row);
    walk.full.clear();
  }
  return first.sort((a, b) => b.score - a.score || a.row - b.row);
}
