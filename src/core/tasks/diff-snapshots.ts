/** `segue diff-snapshots`: what is different in B, for a person in half a minute and for CI by exit code. */
import { availableParallelism } from 'node:os';
import { Closers } from '../closers.js';
import { compareVectors } from '../comparison/compare-vectors.js';
import type { Drift } from '../comparison/compare-vectors.js';
import { findKnownItems } from '../comparison/known-items.js';
import { judgeTaste } from '../comparison/taste-verdict.js';
import type { Verdict } from '../comparison/taste-verdict.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { VerdictError, type AppError } from '../errors.js';
import { compareMetrics, compareSettings } from '../comparison/compare-manifests.js';
import type { MetricPair, SettingPair } from '../comparison/compare-manifests.js';
import { compareMembers, memberNumbers, type MemberChange } from '../comparison/compare-members.js';
import { parseComparison, type Comparison } from '../comparison/number-condition.js';
import { differenceValues, failureOfVerdicts, judgeDifferences } from '../comparison/difference-verdicts.js';
import type { DifferenceVerdict } from '../comparison/difference-verdicts.js';
import { isBundle } from '../snapshot/bundle.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { BundleManifest, Member } from '../snapshot/manifest.js';
import { unmatchedRows } from '../comparison/match-ids.js';
import { countMatches, matchItems, matchUsers } from '../comparison/match-snapshots.js';
import type { MatchCounts } from '../comparison/match-snapshots.js';
import { leaseNamed, openEach } from '../snapshot/open-snapshot.js';
import type { Leased, OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { readIds } from '../tables/snapshot-tables.js';
import { comparedDeciles, compareNeighbours } from '../comparison/compare-neighbours.js';
import type { ComparedDecile } from '../comparison/compare-neighbours.js';
import { compareUsers } from '../comparison/compare-users.js';
import type { ChangedUser, ComparedRecommendations, Skew } from '../comparison/compare-users.js';
import { secondsSince } from './seconds.js';

export type { ComparedDecile, DifferenceVerdict, MatchCounts, MetricPair };

export interface DiffOptions {
  readonly root: string;
  /** References. */
  readonly a: string;
  readonly b: string;
  /** Of bundles which member; all by default, and the first of one beside a snapshot. */
  readonly as?: string | undefined;
  /** How many items each list of the result names. */
  readonly k: number;
  /** Conditions such as 'overlap@10<0.8', each of which makes the comparison fail where it holds. */
  readonly failOn: readonly string[];
  /** Items whose neighbours are compared; by default 2,000, fewer where there are very many. */
  readonly sample?: number | undefined;
  /** Users whose recommendations are compared; by default 500, fewer where there are very many items. */
  readonly users?: number | undefined;
  /** One per core by default; results do not depend on it. */
  readonly threads?: number | undefined;
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
  readonly movedMost: readonly (ItemRecord & { readonly cosine: number })[];
  /** Top 10s of a sample of the users in both; null without users or without anything to recommend. */
  readonly recommendations: {
    readonly users: number;
    readonly overlapAt10: number;
    readonly rbo: number;
    readonly changedMost: readonly DiffUser[];
  } | null;
  /** What is lost where users of A meet items of B; null without users, or without vectors of one width. */
  readonly skew: Skew | null;
  /** How many items the means of neighbours are over; `all` says whether these are all there are, or a seeded sample. */
  readonly compared: { readonly items: number; readonly itemsAll: number; readonly all: boolean };
  readonly settings: readonly SettingPair[];
  readonly metrics: readonly MetricPair[];
  /** The items whose neighbours changed most, least overlap first, then most played first. */
  readonly changedMost: readonly (ItemRecord & { readonly overlap: number })[];
}

export interface DiffResult extends Difference {
  readonly failOn: readonly DifferenceVerdict[];
  readonly seconds: number;
}

export interface BundleSide {
  readonly bundle: string;
  /** In order: the first is what readers get who name none. */
  readonly members: readonly Member[];
}

export interface ComparedMember extends MemberChange {
  /** null where only one has it, and where both have the same snapshot and `failOn` asks for nothing. */
  readonly difference: Difference | null;
}

/** What is different in another bundle. */
export interface BundleDiffResult {
  readonly a: BundleSide;
  readonly b: BundleSide;
  /** In the order of B, then those that only A has. */
  readonly members: readonly ComparedMember[];
  /** `as` is the member that was judged; of `members.added`, `members.removed` and `members.changed` there is none. */
  readonly failOn: readonly (DifferenceVerdict & { readonly as?: string })[];
  readonly seconds: number;
}

/** A condition of --fail-on holds. */
export class SnapshotsDiffer extends VerdictError<DiffResult | BundleDiffResult> {
  constructor(
    { message, suggestions }: Pick<AppError, 'message' | 'suggestions'>,
    result: DiffResult | BundleDiffResult,
  ) {
    super('does-not-hold', message, result, suggestions);
  }
}

/**
 * Of two bundles, without `as`, each member with the one of the same name. Throws bad-usage, what openForReading throws, and
 * SnapshotsDiffer by --fail-on.
 */
export async function diffSnapshots(
  options: DiffOptions,
  context: TaskContext,
): Promise<DiffResult | BundleDiffResult> {
  const startMs = performance.now();
  const conditions = options.failOn.map((text) => parseComparison(text, '`failOn`'));
  const opened = new Closers();
  try {
    const { root, as } = options;
    const named: Leased[] = [];
    for (const reference of [options.a, options.b]) {
      const leased = await leaseNamed(root, reference);
      opened.keep({ close: () => leased.lease.release() });
      named.push(leased);
    }
    const bundles = named.map(({ manifest }) => manifest).filter(isBundle);
    const [a, b] = bundles;
    const judged =
      a !== undefined && b !== undefined && as === undefined
        ? await judgeBundles([a, b], conditions, options, context)
        : await judgeSnapshots(conditions, options, context);
    const result = { ...judged.result, seconds: secondsSince(startMs) };
    const failure = failureOfVerdicts(result.failOn, judged.names);
    if (failure !== undefined) throw new SnapshotsDiffer(failure, result);
    return result;
  } finally {
    opened.close();
  }
}

/** A result, and the names of the numbers that a condition could have asked for. */
interface Judged<R> {
  readonly result: Omit<R, 'seconds'>;
  readonly names: ReadonlySet<string>;
}

async function judgeSnapshots(
  conditions: readonly Comparison[],
  options: DiffOptions,
  context: TaskContext,
): Promise<Judged<DiffResult>> {
  const compared = await compareNamed([options.a, options.b], options.as, options, context);
  const values = differenceValues(compared);
  const failOn = judgeDifferences(conditions, values);
  return { result: { ...compared, failOn }, names: new Set(values.keys()) };
}

async function judgeBundles(
  [a, b]: readonly [BundleManifest, BundleManifest],
  conditions: readonly Comparison[],
  options: DiffOptions,
  context: TaskContext,
): Promise<Judged<BundleDiffResult>> {
  const changes = compareMembers(a.members, b.members);
  const ofBundles = memberNumbers(changes);
  const ofMembers = conditions.filter(({ name }) => !ofBundles.has(name));
  const names = new Set(ofBundles.keys());
  const failOn: BundleDiffResult['failOn'][number][] = judgeDifferences(
    conditions.filter(({ name }) => ofBundles.has(name)),
    ofBundles,
  );
  const members: ComparedMember[] = [];
  for (const change of changes) {
    const { as } = change;
    // Of one and the same snapshot nothing has to be measured, unless a condition asks for a number.
    const isCompared = change.change === 'changed' || (change.change === 'same' && ofMembers.length > 0);
    const difference = isCompared ? await compareNamed([a.id, b.id], as, options, context) : null;
    members.push({ ...change, difference });
    if (difference === null) continue;
    const values = differenceValues(difference);
    for (const name of values.keys()) names.add(name);
    failOn.push(...judgeDifferences(ofMembers, values).map((verdict) => ({ as, ...verdict })));
  }
  // No name is in both: nothing can be measured, which is no reason to pass.
  if (members.every(({ difference }) => difference === null))
    failOn.push(...judgeDifferences(ofMembers, new Map()));
  return { result: { a: sideOfBundle(a), b: sideOfBundle(b), members, failOn }, names };
}

function sideOfBundle({ id, members }: BundleManifest): BundleSide {
  return { bundle: id, members };
}

async function compareNamed(
  references: readonly [string, string],
  as: string | undefined,
  options: DiffOptions,
  context: TaskContext,
): Promise<Difference> {
  const opened = new Closers();
  try {
    const both = await openEach(options.root, references, context, as);
    const [a, b] = both.map((snapshot) => opened.keep(snapshot)) as [OpenSnapshot, OpenSnapshot];
    tellOfFirst([a, b], as, context);
    return await compare(a, b, options, context);
  } finally {
    opened.close();
  }
}

/** Of a bundle beside what is none, nobody said which member is meant. */
function tellOfFirst(both: readonly OpenSnapshot[], as: string | undefined, context: TaskContext): void {
  const [member, ...others] = both.flatMap((snapshot) => snapshot.member ?? []);
  if (as !== undefined || member === undefined || others.length > 0) return;
  const names = member.bundle.members.map((each) => each.as);
  if (names.length === 1) return;
  context.onProgress({
    kind: 'note',
    message: `${member.as} of the bundle ${member.bundle.id} is compared, its first`,
    suggestions: names.slice(1).map((name) => `\`as\` ${name}`),
  });
}

async function compare(
  a: OpenSnapshot,
  b: OpenSnapshot,
  options: DiffOptions,
  context: TaskContext,
): Promise<Difference> {
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
  return {
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
): Promise<NonNullable<DiffResult['recommendations']>> {
  const ids = await readIds(a.file(snapshotFile.userTable));
  const describe = ({ rowA, gone, came, ...numbers }: ChangedUser): DiffUser => ({
    user: ids.at(rowA),
    ...numbers,
    gone: recordsOf(a, gone),
    came: recordsOf(b, came),
  });
  return { users, overlapAt10: overlap, rbo, changedMost: changedMost.slice(0, most).map(describe) };
}
