import type { TaskContext } from '../contracts.js';
import { sampleRows, seededRandom } from '../numeric/random.js';
import { countListeners } from '../snapshot/count-listeners.js';
import type { MatchedRows } from '../snapshot/match-ids.js';
import { neighbourOverlap } from '../snapshot/neighbour-overlap.js';
import type { NeighbourSide } from '../snapshot/neighbour-overlap.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { itemNeighbours, type ItemNeighbours } from './item-neighbours.js';

/** Neighbours of an item that are compared. */
const k = 10;
/** An item of fewer users has neighbours by chance. */
const leastListeners = 5;
const defaultSample = 2000;
/** The same items are compared each time. */
const seed = 42;

export interface ComparedItem {
  readonly rowB: number;
  /** 0 … 1 */
  readonly overlap: number;
}

export interface ComparedNeighbours {
  /** Mean over items that at least 5 users have in both snapshots; null without any. */
  readonly overlap: number | null;
  readonly numItems: number;
  /** Mean over all items. */
  readonly overlapAll: number | null;
  readonly numItemsAll: number;
  /** Whether all items were compared, and not a sample. */
  readonly isComplete: boolean;
  /** Of those with at least 5 users, or of all where there are none, by overlap, then row of B; unchanged ones left out. */
  readonly changedMost: readonly ComparedItem[];
}

export interface CompareNeighboursOptions {
  readonly a: OpenSnapshot;
  readonly b: OpenSnapshot;
  readonly items: MatchedRows;
  /** Items to compare: that many of those with enough users, and that many of all. */
  readonly sample: number | undefined;
  readonly threads: number;
}

/** Compares the exact nearest neighbours of items that both snapshots have. */
export async function compareNeighbours(
  { a, b, items, sample = defaultSample, threads }: CompareNeighboursOptions,
  context: TaskContext,
): Promise<ComparedNeighbours> {
  const known = wellKnown(a, b, items);
  const common = rowsWhere(items.rowInB.length, (row) => items.rowInB[row] !== -1);
  const commonKnown = common.filter((row) => known(row));
  const chosenKnown = sampleOf(commonKnown, sample);
  const chosenAll = sampleOf(common, sample);
  const rows = Uint32Array.from(new Set([...chosenKnown, ...chosenAll])).sort();

  const overlaps = await overlapsOf(a, b, items, rows, threads, context);
  const rated = (chosen: readonly number[]): ComparedItem[] =>
    chosen.flatMap((row) => {
      const overlap = overlaps.get(row);
      return overlap === undefined ? [] : [{ rowB: items.rowInB[row]!, overlap }];
    });
  const [ratedKnown, ratedAll] = [rated(chosenKnown), rated(chosenAll)];
  const ranked = ratedKnown.length > 0 ? ratedKnown : ratedAll;
  return {
    overlap: meanOf(ratedKnown),
    numItems: ratedKnown.length,
    overlapAll: meanOf(ratedAll),
    numItemsAll: ratedAll.length,
    isComplete: chosenAll.length === common.length && chosenKnown.length === commonKnown.length,
    changedMost: ranked
      .filter(({ overlap }) => overlap < 1)
      .sort((one, other) => one.overlap - other.overlap || one.rowB - other.rowB),
  };
}

/** The overlap by row of A; items without neighbours on either side are left out. */
async function overlapsOf(
  a: OpenSnapshot,
  b: OpenSnapshot,
  items: MatchedRows,
  rows: Uint32Array,
  threads: number,
  context: TaskContext,
): Promise<Map<number, number>> {
  const overlaps = new Map<number, number>();
  if (rows.length === 0) return overlaps;
  const rowsB = rows.map((row) => items.rowInB[row]!);
  const sides: (NeighbourSide & ItemNeighbours)[] = [];
  try {
    for (const [snapshot, asked, rowInOther] of [
      [a, rows, items.rowInB],
      [b, rowsB, items.rowInA],
    ] as const) {
      const options = { rows: asked, k, threads, name: snapshot.id };
      sides.push({ ...(await itemNeighbours(snapshot, options, context)), rowInOther });
    }
    const [sideA, sideB] = [sides[0]!, sides[1]!];
    for (const [at, rowA] of rows.entries()) {
      const overlap = neighbourOverlap(sideA, sideB, at, rowA, rowsB[at]!, k);
      if (overlap !== null) overlaps.set(rowA, overlap);
    }
  } finally {
    for (const side of sides) side.close();
  }
  return overlaps;
}

/** Whether an item (by row of A) has enough users in both snapshots; without histories every item counts as known. */
function wellKnown(
  a: OpenSnapshot,
  b: OpenSnapshot,
  { rowInA, rowInB }: MatchedRows,
): (row: number) => boolean {
  const ofA = countListeners(a, rowInB.length);
  const ofB = countListeners(b, rowInA.length);
  return (row) =>
    (ofA === undefined || ofA[row]! >= leastListeners) &&
    (ofB === undefined || ofB[rowInB[row]!]! >= leastListeners);
}

function rowsWhere(numRows: number, holds: (row: number) => boolean): number[] {
  const rows: number[] = [];
  for (let row = 0; row < numRows; row++) if (holds(row)) rows.push(row);
  return rows;
}

function sampleOf(rows: readonly number[], size: number): number[] {
  return Array.from(sampleRows(seededRandom(seed), size, rows.length), (at) => rows[at]!);
}

function meanOf(items: readonly ComparedItem[]): number | null {
  return items.length === 0 ? null : items.reduce((sum, { overlap }) => sum + overlap, 0) / items.length;
}
