/** `segue diff-snapshots`: what is different in B, for a person in half a minute and for CI by exit code. */
import { keeping } from '../closers.js';
import type { SnapshotId, Some, TaskContext } from '../contracts.js';
import { AppError, VerdictError } from '../errors.js';
import type { MetricPair } from '../comparison/compare-manifests.js';
import { compareMembers, memberNumbers, type MemberChange } from '../comparison/compare-members.js';
import type { ComparedDecile } from '../comparison/compare-neighbours.js';
import { compareSnapshots, type Difference, type DiffUser } from '../comparison/compare-snapshots.js';
import { parseComparison, type Comparison } from '../comparison/number-condition.js';
import { differenceValues, failureOfVerdicts, judgeDifferences } from '../comparison/difference-verdicts.js';
import type { DifferenceVerdict } from '../comparison/difference-verdicts.js';
import type { MatchCounts } from '../comparison/match-snapshots.js';
import { isBundle } from '../snapshot/bundle.js';
import type { BundleManifest, Member } from '../snapshot/manifest.js';
import { leaseNamed, openEach, type Leased, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { WrittenFile } from '../report/write-report.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';

export type { ComparedDecile, Difference, DifferenceVerdict, DiffUser, MatchCounts, MetricPair };

export type DiffOptions = AskedOf<'diffSnapshots'>;

export interface DiffResult extends Difference {
  /** Where a report was asked for. */
  readonly report?: WrittenFile;
  readonly failOn: readonly DifferenceVerdict[];
  readonly seconds: number;
}

export interface BundleSide {
  readonly bundle: SnapshotId;
  /** In order: the first is what readers get who name none. */
  readonly members: Some<Member>;
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
  readonly members: Some<ComparedMember>;
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
 * Of two bundles, without `as`, each member with the one of the same name. Throws bad-usage, what openForReading throws, what
 * writing a report throws, and SnapshotsDiffer by --fail-on, when the report is there.
 */
export async function diffSnapshots(
  options: DiffOptions,
  context: TaskContext,
): Promise<DiffResult | BundleDiffResult> {
  const startMs = performance.now();
  const conditions = options.failOn.map((text) => parseComparison(text, '`failOn`'));
  return keeping(async (opened) => {
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
  });
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
  const { difference: compared, report } = await compareNamed(
    [options.a, options.b],
    options.as,
    options,
    context,
  );
  const values = differenceValues(compared);
  const failOn = judgeDifferences(conditions, values);
  return {
    result: { ...compared, failOn, ...(report !== undefined && { report }) },
    names: new Set(values.keys()),
  };
}

async function judgeBundles(
  [a, b]: readonly [BundleManifest, BundleManifest],
  conditions: readonly Comparison[],
  options: DiffOptions,
  context: TaskContext,
): Promise<Judged<BundleDiffResult>> {
  if (options.report !== undefined) {
    throw new AppError('bad-usage', '`report` is of two snapshots, and these are bundles', {
      suggestions: b.members.map(({ as }) => `\`as\` ${as}`),
    });
  }
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
    const difference = isCompared
      ? (await compareNamed([a.id, b.id], as, options, context)).difference
      : null;
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
): Promise<{ readonly difference: Difference; readonly report?: WrittenFile }> {
  return keeping(async (opened) => {
    const both = await openEach(options.root, references, context, as);
    const [a, b] = both.map((snapshot) => opened.keep(snapshot)) as [OpenSnapshot, OpenSnapshot];
    tellOfFirst([a, b], as, context);
    const { report } = options;
    if (report === undefined) return await compareSnapshots(a, b, options, context);
    const { reportDifference } = await import('./report-difference.js');
    return await reportDifference([a, b], { ...options, report }, context);
  });
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
