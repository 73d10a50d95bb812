/** `segue diff-snapshots`: what is different in B, for a person in half a minute and for CI by exit code. */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

import type { ItemRecord, TaskContext } from '../contracts.js';
import { compareMetrics, compareSettings } from '../snapshot/compare-manifests.js';
import type { MetricPair, SettingPair } from '../snapshot/compare-manifests.js';
import { parseComparison } from '../snapshot/comparison.js';
import { judgeDifferences, requireNoneHolds } from '../snapshot/difference-verdicts.js';
import type { DifferenceVerdict } from '../snapshot/difference-verdicts.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import { matchIds, unmatchedRows } from '../snapshot/match-ids.js';
import type { MatchedRows } from '../snapshot/match-ids.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { readItemTable, readUserTable } from '../tables/snapshot-tables.js';
import { compareNeighbours } from './compare-neighbours.js';
import type { ComparedItem } from './compare-neighbours.js';

export interface DiffOptions {
  readonly root: string;
  /** References. */
  readonly a: string;
  readonly b: string;
  /** How many items each list of the result names. */
  readonly k: number;
  /** Conditions such as 'overlap@10<0.8', each of which makes the comparison fail where it holds. */
  readonly failOn: readonly string[];
  /** Items whose neighbours are compared; 2,000 by default. */
  readonly sample?: number | undefined;
}

export interface DiffSide {
  readonly snapshot: string;
  readonly basis: string;
  readonly parent: string | null;
  readonly model: string;
  readonly dim: number;
  readonly items: number;
  /** null where the snapshot has none. */
  readonly users: number | null;
}

export interface DiffCounts {
  readonly added: number;
  readonly removed: number;
  readonly common: number;
}

export interface DiffResult {
  readonly a: DiffSide;
  readonly b: DiffSide;
  /** Items with vectors, and the most played of those that only B (added) or only A (removed) has. */
  readonly items: DiffCounts & {
    readonly addedTop: readonly ItemRecord[];
    readonly removedTop: readonly ItemRecord[];
  };
  /** null where one of the snapshots has no users. */
  readonly users: DiffCounts | null;
  /** Mean over common items that at least 5 users have in both snapshots; null without such items. */
  readonly overlapAt10: number | null;
  /** Mean over all common items. */
  readonly overlapAt10All: number | null;
  /** How many items those means are over; `all` says whether these are all there are, or a seeded sample. */
  readonly compared: { readonly items: number; readonly itemsAll: number; readonly all: boolean };
  readonly settings: readonly SettingPair[];
  readonly metrics: readonly MetricPair[];
  /** The items whose neighbours changed most, least overlap first, then most played first. */
  readonly changedMost: readonly (ItemRecord & { readonly overlap: number })[];
  readonly failOn: readonly DifferenceVerdict[];
  readonly seconds: number;
}

/** Throws bad-usage, what openForReading throws, and does-not-hold (the whole result in its details) by --fail-on. */
export async function diffSnapshots(options: DiffOptions, context: TaskContext): Promise<DiffResult> {
  const startMs = performance.now();
  const conditions = options.failOn.map((text) => parseComparison(text, '--fail-on'));
  const a = await openForReading(options.root, options.a, context);
  try {
    const b = await openForReading(options.root, options.b, context);
    try {
      const compared = await compare(a, b, options, context);
      const failOn = judgeDifferences(conditions, compared);
      const result = { ...compared, failOn, seconds: (performance.now() - startMs) / 1000 };
      requireNoneHolds(failOn, result);
      return result;
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}

async function compare(
  a: OpenSnapshot,
  b: OpenSnapshot,
  options: DiffOptions,
  context: TaskContext,
): Promise<Omit<DiffResult, 'failOn' | 'seconds'>> {
  const items = await matchItems(a, b);
  const users = await matchUsers(a, b);
  const neighbours = await compareNeighbours(
    { a, b, items, sample: options.sample, threads: availableParallelism() },
    context,
  );
  return {
    a: sideOf(a),
    b: sideOf(b),
    items: {
      ...countsOf(items),
      addedTop: recordsOf(b, unmatchedRows(items.rowInA).slice(0, options.k)),
      removedTop: recordsOf(a, unmatchedRows(items.rowInB).slice(0, options.k)),
    },
    users: users === undefined ? null : countsOf(users),
    overlapAt10: neighbours.overlap,
    overlapAt10All: neighbours.overlapAll,
    compared: { items: neighbours.numItems, itemsAll: neighbours.numItemsAll, all: neighbours.isComplete },
    settings: compareSettings(a.manifest, b.manifest),
    metrics: compareMetrics(a.manifest, b.manifest),
    changedMost: describeChanged(b, neighbours.changedMost.slice(0, options.k)),
  };
}

/** The items that have vectors; rows are in the order of events, so `unmatchedRows` are the most played first. */
async function matchItems(a: OpenSnapshot, b: OpenSnapshot): Promise<MatchedRows> {
  const [tableA, tableB] = [await itemTable(a), await itemTable(b)];
  return matchIds(tableA.ids, numItemsOf(a), tableB.ids, numItemsOf(b));
}

function itemTable(snapshot: OpenSnapshot): ReturnType<typeof readItemTable> {
  return readItemTable(snapshot.file(snapshotFile.itemTable));
}

async function matchUsers(a: OpenSnapshot, b: OpenSnapshot): Promise<MatchedRows | undefined> {
  if (!a.has(snapshotFile.userTable) || !b.has(snapshotFile.userTable)) return undefined;
  const [{ ids: idsA }, { ids: idsB }] = [await userTable(a), await userTable(b)];
  return matchIds(idsA, idsA.length, idsB, idsB.length);
}

function userTable(snapshot: OpenSnapshot): ReturnType<typeof readUserTable> {
  return readUserTable(snapshot.file(snapshotFile.userTable));
}

function numItemsOf({ manifest }: OpenSnapshot): number {
  return manifest.inputs.interactions.items;
}

function countsOf({ rowInA, rowInB, numCommon }: MatchedRows): DiffCounts {
  return { added: rowInA.length - numCommon, removed: rowInB.length - numCommon, common: numCommon };
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
  const catalogue = openCatalogue(snapshot.file(snapshotFile.itemStore));
  try {
    return rows.map((row) => catalogue.record(trainedKind, row));
  } finally {
    catalogue.close();
  }
}

function describeChanged(b: OpenSnapshot, changed: readonly ComparedItem[]): DiffResult['changedMost'] {
  const records = recordsOf(
    b,
    changed.map(({ rowB }) => rowB),
  );
  return records.map((record, at) => ({ ...record, overlap: changed[at]!.overlap }));
}
