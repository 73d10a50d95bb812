/** Rankings in which no artist (or other group of rows) stands more than so many times. */
import type { RankedRow } from '../numeric/top-k.js';
import { rankingOf, type RankedBatch } from './ranked-batch.js';

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

/** Asks a search for as little of its ranking as the first k of the greedy walk take. */
class CappedSearch {
  readonly #walk: Walk;
  readonly #first: RankedRow[] = [];
  readonly #k: number;
  readonly #rows: RowsOfGroups;
  /** What to leave out of the next question; grows. */
  readonly leaveOut: number[];
  /** How many to ask for next. */
  ask: number;

  constructor(k: number, leaveOut: Iterable<number>, cap: Cap, rows: RowsOfGroups) {
    this.#walk = new Walk(cap);
    this.#k = k;
    this.#rows = rows;
    this.leaveOut = [...leaveOut];
    this.ask = Math.min(2 * k, rows.numRows);
  }

  /** Takes the best `ask` rows without `leaveOut`; true where that was the last question. */
  take(found: readonly RankedRow[]): boolean {
    const first = this.#first;
    for (const entry of found) {
      if (first.length === this.#k) break;
      if (!this.#walk.takes(entry.row)) continue;
      first.push(entry);
      this.leaveOut.push(entry.row);
    }
    const { numRows } = this.#rows;
    if (first.length === this.#k || found.length < this.ask || this.ask === numRows) return true;
    for (const group of this.#walk.full) for (const row of this.#rows.of(group)) this.leaveOut.push(row);
    this.#walk.full.clear();
    this.ask = Math.min(2 * this.ask, numRows);
    return false;
  }

  /** Best first; what an approximate search found later stands where its score puts it. */
  ranked(): RankedRow[] {
    return this.#first.sort((a, b) => b.score - a.score || a.row - b.row);
  }
}

/** The rows of each group, ascending, which are put in order once one is asked for: O(rows). */
export class RowsOfGroups {
  readonly numRows: number;
  readonly #groupOf: Uint32Array;
  #sorted: { readonly rows: Uint32Array; readonly ends: Uint32Array } | undefined;

  constructor({ groupOf }: Pick<Cap, 'groupOf'>) {
    this.numRows = groupOf.length;
    this.#groupOf = groupOf;
  }

  of(group: number): Uint32Array {
    const { rows, ends } = (this.#sorted ??= sortedByGroup(this.#groupOf));
    return rows.subarray(group === 0 ? 0 : ends[group - 1], ends[group] ?? 0);
  }
}

/** Rows by group, ascending in each, and where each group's end. */
function sortedByGroup(groupOf: Uint32Array): { readonly rows: Uint32Array; readonly ends: Uint32Array } {
  let numGroups = 0;
  for (const group of groupOf) if (group !== ungrouped) numGroups = Math.max(numGroups, group + 1);
  const starts = new Uint32Array(numGroups + 1);
  for (const group of groupOf) if (group !== ungrouped) starts[group + 1]!++;
  for (let group = 0; group < numGroups; group++) starts[group + 1]! += starts[group]!;
  const rows = new Uint32Array(starts[numGroups]!);
  const ends = starts.slice(0, numGroups);
  for (let row = 0; row < groupOf.length; row++) {
    const group = groupOf[row]!;
    if (group !== ungrouped) rows[ends[group]!++] = row;
  }
  return { rows, ends };
}

/**
 * The same from a search, which is asked for as little of its ranking as that takes: k are found where k exist. Each time
 * it is asked for twice as many as before, without those that were taken and all rows of groups that are full, so
 * that it goes on where it ended. An exact search gives the greedy walk down its full ranking; the answers of an
 * approximate one, which may find nearer rows later, are put in order.
 * @param best the best k' rows without those of `leaveOut`, by score descending, then row ascending; k' ≤ rows
 * @param rows of the cap's groups, where they are kept from one question to the next
 */
export function bestCapped(
  best: (k: number, leaveOut: Iterable<number>) => readonly RankedRow[],
  k: number,
  leaveOut: Iterable<number>,
  cap: Cap,
  rows = new RowsOfGroups(cap),
): RankedRow[] {
  const search = new CappedSearch(k, leaveOut, cap, rows);
  while (!search.take(best(search.ask, search.leaveOut)));
  return search.ranked();
}

/** Entries that one question of `bestOfManyCapped` may find: what is found of many queries at a time is 8 bytes an entry. */
const mostEntries = 1 << 22;

/**
 * `bestCapped` for the queries 0 … numQueries − 1 of a search that answers many at a time, each ranking as it would be
 * alone. Those that still lack some are asked about again, together.
 * @param best the best k' rows of some queries, ascending, each without its own `leaveOut`: distinct rows, ascending
 */
export async function bestOfManyCapped(
  best: (
    queries: readonly number[],
    k: number,
    leaveOut: (at: number) => Uint32Array,
  ) => Promise<RankedBatch>,
  numQueries: number,
  k: number,
  leaveOut: (query: number) => Iterable<number>,
  cap: Cap,
): Promise<RankedRow[][]> {
  const rows = new RowsOfGroups(cap);
  const searches = Array.from(
    { length: numQueries },
    (_, query) => new CappedSearch(k, leaveOut(query), cap, rows),
  );
  for (let left = [...searches.keys()]; left.length > 0;) {
    // All that are left have been asked as often, for as many.
    const { ask } = searches[left[0]!]!;
    const atOnce = Math.max(1, Math.floor(mostEntries / Math.max(1, ask)));
    const lacking: number[] = [];
    for (let from = 0; from < left.length; from += atOnce) {
      const queries = left.slice(from, from + atOnce);
      const outOf = (at: number): Uint32Array =>
        Uint32Array.from(new Set(searches[queries[at]!]!.leaveOut)).sort();
      const found = await best(queries, ask, outOf);
      queries.forEach((query, at) => {
        if (!searches[query]!.take(rankingOf(found, at))) lacking.push(query);
      });
    }
    left = lacking;
  }
  return searches.map((search) => search.ranked());
}
