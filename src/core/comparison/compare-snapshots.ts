/** Everything that is different in B: what `diff-snapshots` prints, and a report draws. */
import { availableParallelism } from 'node:os';
import { closing } from '../closers.js';
import type { Cosine, Count, ItemRecord, Share, SnapshotId, TaskContext, Text } from '../contracts.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import { openCatalogue } from '../store/catalogue.js';
import { compareMetrics, compareSettings, type MetricPair, type SettingPair } from './compare-manifests.js';
import { comparedDeciles, compareNeighbours, type ComparedDecile } from './compare-neighbours.js';
import { compareUsers, type ChangedUser, type ComparedRecommendations, type Skew } from './compare-users.js';
import { compareVectors, type Drift } from './compare-vectors.js';
import { findKnownItems } from './known-items.js';
import { unmatchedRows } from './match-ids.js';
import { countMatches, matchItems, matchUsers, type MatchCounts } from './match-snapshots.js';
import { judgeTaste, type Verdict } from './taste-verdict.js';
import type { diffSnapshots } from '../options/operations.js';
import type { Asked } from '../options/option.js';

/** As many threads as there are cores, where none are given. */
export type CompareOptions = Asked<Pick<typeof diffSnapshots.options, 'k' | 'sample' | 'users'>> & {
  readonly threads?: number | undefined;
};

export interface DiffSide {
  readonly snapshot: SnapshotId;
  readonly basis: SnapshotId;
  readonly parent: SnapshotId | null;
  readonly model: Text;
  readonly dim: Count;
  readonly items: Count;
  /** null where the snapshot has none. */
  readonly users: Count | null;
}

/** Someone whose recommendations changed: what left their top 10, and what came. */
export interface DiffUser extends Pick<ChangedUser, 'overlap' | 'cosine'> {
  readonly user: string;
  readonly gone: readonly ItemRecord[];
  readonly came: readonly ItemRecord[];
}

/** What is different in B. */
export interface Difference {
  readonly verdict: Verdict;
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** Items with vectors, and the most played of those that only B (added) or only A (removed) has. */
  readonly items: MatchCounts & {
    readonly addedTop: readonly ItemRecord[];
    readonly removedTop: readonly ItemRecord[];
  };
  /** null where one of the snapshots has no users. */
  readonly users: MatchCounts | null;
  /** Mean over common items that at least 5 users have in both snapshots; null without such items. */
  readonly overlapAt10: number | null;
  /** Mean over all common items. */
  readonly overlapAt10All: number | null;
  /** Rank-biased overlap of neighbours, p = 0.9, over the items of overlapAt10 and of overlapAt10All. */
  readonly rbo: number | null;
  readonly rboAll: number | null;
  /** Tenths of the items of overlapAt10All by their listeners; empty without histories. */
  readonly deciles: readonly ComparedDecile[];
  /** null where one of the models has no vectors, or no item in both has a direction. */
  readonly drift: Drift | null;
  /** The items whose aligned vectors are least alike. */
  readonly movedMost: readonly (ItemRecord & { readonly cosine: Cosine })[];
  /** Top 10s of a sample of the users in both; null without users or without anything to recommend. */
  readonly recommendations: {
    readonly users: Count;
    readonly overlapAt10: Share;
    readonly rbo: Share;
    readonly changedMost: readonly DiffUser[];
  } | null;
  /** What is lost where users of A meet items of B; null without users, or without vectors of one width. */
  readonly skew: Skew | null;
  /** How many items the means of neighbours are over; `all` says whether these are all there are, or a seeded sample. */
  readonly compared: { readonly items: Count; readonly itemsAll: Count; readonly all: boolean };
  readonly settings: readonly SettingPair[];
  readonly metrics: readonly MetricPair[];
  /** The items whose neighbours changed most, least overlap first, then most played first. */
  readonly changedMost: readonly (ItemRecord & { readonly overlap: Share })[];
}

/** The difference, and what its means are over. */
export interface ComparedSnapshots {
  readonly difference: Difference;
  /** Of the items that `overlapAt10All` is over. */
  readonly overlaps: readonly number[];
  /** Of the common items' aligned vectors; NaN where one has no direction, none without vectors. */
  readonly cosines: readonly number[];
  /** Of the users' recommendations. */
  readonly userOverlaps: readonly number[];
}

/** Memory and cost: those of its parts, the largest that of both sides' vectors. Throws what they throw. */
export async function compareSnapshots(
  a: OpenSnapshot,
  b: OpenSnapshot,
  options: CompareOptions,
  context: TaskContext,
): Promise<ComparedSnapshots> {
  const { k, sample, threads = availableParallelism() } = options;
  const items = await matchItems(a, b);
  const users = await matchUsers(a, b);
  const known = findKnownItems(a, b, items);
  const neighbours = await compareNeighbours({ a, b, items, known, sample, threads }, context);
  const vectors = await compareVectors({ a, b, items: known, most: k, threads }, context);
  const { recommendations, skew } = await compareUsers(
    { a, b, items, users, vectors, sample: options.users, threads },
    context,
  );
  const settings = compareSettings(a.manifest, b.manifest);
  const difference: Difference = {
    verdict: judgeTaste(a, b, {
      rbo: neighbours.rbo ?? neighbours.rboAll,
      meanCosine: vectors?.drift.meanCosine ?? null,
      recommended: recommendations?.rbo ?? null,
      lost: skew?.lost ?? null,
      settings,
    }),
    a: sideOf(a),
    b: sideOf(b),
    items: {
      ...countMatches(items),
      addedTop: recordsOf(b, unmatchedRows(items.rowInA).slice(0, k)),
      removedTop: recordsOf(a, unmatchedRows(items.rowInB).slice(0, k)),
    },
    users: users === undefined ? null : countMatches(users),
    overlapAt10: neighbours.overlap,
    overlapAt10All: neighbours.overlapAll,
    rbo: neighbours.rbo,
    rboAll: neighbours.rboAll,
    compared: { items: neighbours.numItems, itemsAll: neighbours.numItemsAll, all: neighbours.isComplete },
    deciles: comparedDeciles(neighbours.all, known.listeners, vectors?.cosines),
    drift: vectors?.drift ?? null,
    settings,
    metrics: compareMetrics(a.manifest, b.manifest),
    changedMost: described(
      b,
      neighbours.changedMost.slice(0, k).map(({ rowB, overlap }) => ({ rowB, overlap })),
    ),
    movedMost: described(b, vectors?.movedMost ?? []),
    recommendations: recommendations === null ? null : await describeUsers(a, b, recommendations, k),
    skew,
  };
  return {
    difference,
    overlaps: neighbours.all.map(({ overlap }) => overlap),
    cosines: vectors === null ? [] : Array.from(known.common, (row) => vectors.cosines[row] ?? Number.NaN),
    userOverlaps: recommendations === null ? [] : overlapsOfUsers(recommendations),
  };
}

/** Those who are not among the changed have all that they had. */
function overlapsOfUsers({ users, changedMost }: ComparedRecommendations): number[] {
  const changed = changedMost.map(({ overlap }) => overlap);
  return [...changed, ...Array.from({ length: users - changed.length }, () => 1)];
}

function sideOf({ id, basis, manifest }: OpenSnapshot): DiffSide {
  const { parent, model, inputs, users } = manifest;
  return {
    snapshot: id,
    basis,
    parent,
    model: model.name,
    dim: model.dim,
    items: inputs.interactions.items,
    users: users?.rows ?? null,
  };
}

function recordsOf(snapshot: OpenSnapshot, rows: readonly number[]): ItemRecord[] {
  return closing(openCatalogue(snapshot.file(snapshotFile.itemStore)), (catalogue) =>
    rows.map((row) => catalogue.record(trainedKind, row)),
  );
}

/** The record of each item, with what was measured of it. */
function described<Measured>(
  b: OpenSnapshot,
  items: readonly (Measured & { readonly rowB: number })[],
): (ItemRecord & Omit<Measured, 'rowB'>)[] {
  const rows = items.map(({ rowB }) => rowB);
  return recordsOf(b, rows).map((record, at) => {
    const { rowB: _, ...measured } = items[at]!;
    return { ...record, ...measured };
  });
}

async function describeUsers(
  a: OpenSnapshot,
  b: OpenSnapshot,
  { users, overlap, rbo, changedMost }: ComparedRecommendations,
  most: number,
): Promise<NonNullable<Difference['recommendations']>> {
  const { ids } = await readStoredTable(a);
  const describe = ({ rowA, gone, came, ...numbers }: ChangedUser): DiffUser => ({
    user: ids.at(rowA),
    ...numbers,
    gone: recordsOf(a, gone),
    came: recordsOf(b, came),
  });
  return { users, overlapAt10: overlap, rbo, changedMost: changedMost.slice(0, most).map(describe) };
}
