import { sampledItems, sampleSize } from './sample-size.js';
import type { Count, Rank, Share, TaskContext } from '../contracts.js';
import { sampleRows, seededRandom } from '../numeric/random.js';
import { targetDeciles } from '../numeric/target-deciles.js';
import { findKnownItems, type KnownItems } from './known-items.js';
import { neighbourOverlap, type NeighbourOverlap, type NeighbourSide } from './neighbour-overlap.js';
import type { MatchedRows } from './match-ids.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { itemNeighbours, type ItemNeighbours } from '../query/item-neighbours.js';

/** Neighbours of an item whose overlap is reported, and as many as rank-biased overlap looks at. */
const k = 10;
const depth = 50;
/** The same items are compared each time. */
const seed = 42;

export interface ComparedItem extends NeighbourOverlap {
  readonly rowA: number;
  readonly rowB: number;
}

export interface ComparedNeighbours {
  /** Means over items that at least 5 users have in both snapshots; null without any. */
  readonly overlap: number | null;
  readonly rbo: number | null;
  readonly numItems: number;
  /** Means over all items. */
  readonly overlapAll: number | null;
  readonly rboAll: number | null;
  readonly numItemsAll: number;
  /** Whether all items were compared, and not a sample. */
  readonly isComplete: boolean;
  /** Of those with at least 5 users, or of all where there are none, by overlap, then row of B; unchanged ones left out. */
  readonly changedMost: readonly ComparedItem[];
  /** Those that `overlapAll` is over. */
  readonly all: readonly ComparedItem[];
}

export interface CompareNeighboursOptions {
  readonly a: OpenSnapshot;
  readonly b: OpenSnapshot;
  readonly items: MatchedRows;
  /** Where it is known already. */
  readonly known?: KnownItems | undefined;
  /** Items to compare: that many of those with enough users, and that many of all. */
  readonly sample: number | undefined;
  readonly threads: number;
}

/** Compares the exact nearest neighbours of items that both snapshots have. */
export async function compareNeighbours(
  {
    a,
    b,
    items,
    known = findKnownItems(a, b, items),
    sample = sampleSize(
      sampledItems,
      items.rowInB.length,
      Math.max(a.manifest.model.dim, b.manifest.model.dim),
    ),
    threads,
  }: CompareNeighboursOptions,
  context: TaskContext,
): Promise<ComparedNeighbours> {
  const { common } = known;
  const commonKnown = common.filter((row) => known.isKnown(row));
  const chosenKnown = sampleOf(commonKnown, sample);
  const chosenAll = sampleOf(common, sample);
  const rows = Uint32Array.from(new Set([...chosenKnown, ...chosenAll])).sort();

  const compared = await overlapsOf(a, b, items, rows, threads, context);
  const rated = (chosen: Uint32Array): ComparedItem[] =>
    Array.from(chosen).flatMap((row) => compared.get(row) ?? []);
  const [ratedKnown, ratedAll] = [rated(chosenKnown), rated(chosenAll)];
  const ranked = ratedKnown.length > 0 ? ratedKnown : ratedAll;
  return {
    overlap: meanOf(ratedKnown, 'overlap'),
    rbo: meanOf(ratedKnown, 'rbo'),
    numItems: ratedKnown.length,
    overlapAll: meanOf(ratedAll, 'overlap'),
    rboAll: meanOf(ratedAll, 'rbo'),
    numItemsAll: ratedAll.length,
    isComplete: chosenAll.length === common.length && chosenKnown.length === commonKnown.length,
    changedMost: ranked
      .filter(({ overlap }) => overlap < 1)
      .sort((one, other) => one.overlap - other.overlap || one.rowB - other.rowB),
    all: ratedAll,
  };
}

/** A tenth of the compared items by how many users have them. */
export interface ComparedDecile {
  /**
   * 1 (fewest listeners) … 10.
   * @maximum 10
   */
  readonly decile: Rank;
  readonly items: Count;
  /** Users who have an item, in the snapshot where those are fewer: the least and the most seen one's. */
  readonly leastListeners: Count;
  readonly mostListeners: Count;
  readonly overlapAt10: Share;
  readonly rbo: Share;
  /** Mean cosine of their aligned vectors; null where there are none. */
  readonly drift: number | null;
}

/**
 * Tenths of the items given, those that equally many users have in one of them; empty ones are left out. None without
 * listeners. @param cosines [items of A], NaN where there is none
 */
export function comparedDeciles(
  compared: readonly ComparedItem[],
  listeners: Uint32Array | undefined,
  cosines: Float64Array | undefined,
): ComparedDecile[] {
  if (listeners === undefined) return [];
  const { ofItem } = targetDeciles(
    listeners,
    Uint32Array.from(compared, ({ rowA }) => rowA),
    0,
  );
  return Array.from({ length: 10 }, (_, at) => 9 - at).flatMap((tenth) => {
    const inside = compared.filter(({ rowA }) => ofItem[rowA] === tenth);
    const [overlapAt10, rbo] = [meanOf(inside, 'overlap'), meanOf(inside, 'rbo')];
    if (overlapAt10 === null || rbo === null) return [];
    const seen = inside.map(({ rowA }) => listeners[rowA] ?? 0);
    const moved = inside.map(({ rowA }) => cosines?.[rowA] ?? Number.NaN).filter((x) => !Number.isNaN(x));
    return {
      decile: 10 - tenth,
      items: inside.length,
      leastListeners: seen.reduce((least, users) => Math.min(least, users)),
      mostListeners: seen.reduce((most, users) => Math.max(most, users)),
      overlapAt10,
      rbo,
      drift: moved.length === 0 ? null : moved.reduce((sum, cosine) => sum + cosine, 0) / moved.length,
    };
  });
}

/** By row of A; items without neighbours on either side are left out. */
async function overlapsOf(
  a: OpenSnapshot,
  b: OpenSnapshot,
  items: MatchedRows,
  rows: Uint32Array,
  threads: number,
  context: TaskContext,
): Promise<Map<number, ComparedItem>> {
  const compared = new Map<number, ComparedItem>();
  if (rows.length === 0) return compared;
  const rowsB = rows.map((row) => items.rowInB[row]!);
  const sides: (NeighbourSide & ItemNeighbours)[] = [];
  try {
    for (const [snapshot, asked, rowInOther] of [
      [a, rows, items.rowInB],
      [b, rowsB, items.rowInA],
    ] as const) {
      const options = { rows: asked, k: depth, threads, name: snapshot.id };
      sides.push({ ...(await itemNeighbours(snapshot, options, context)), rowInOther });
    }
    const [sideA, sideB] = [sides[0]!, sides[1]!];
    for (const [at, rowA] of rows.entries()) {
      const rowB = rowsB[at]!;
      const found = neighbourOverlap(sideA, sideB, at, rowA, rowB, k);
      if (found !== null) compared.set(rowA, { rowA, rowB, ...found });
    }
  } finally {
    for (const side of sides) side.close();
  }
  return compared;
}

function sampleOf(rows: Uint32Array, size: number): Uint32Array {
  return sampleRows(seededRandom(seed), size, rows.length).map((at) => rows[at]!);
}

function meanOf(items: readonly NeighbourOverlap[], number: keyof NeighbourOverlap): number | null {
  return items.length === 0 ? null : items.reduce((sum, item) => sum + item[number], 0) / items.length;
}
