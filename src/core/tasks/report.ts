/** `segue report`: everything about a snapshot on one page, and what is different from another one. */
import { keeping } from '../closers.js';
import { compareSnapshots } from '../comparison/compare-snapshots.js';
import type { Seconds, SnapshotId, TaskContext } from '../contracts.js';
import { gatherReport } from '../report/gather-report.js';
import { writeReport, type WrittenReport } from '../report/write-report.js';
import { defaultReference, openEach, openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';

export type ReportOptions = AskedOf<'report'>;

export interface ReportResult extends WrittenReport {
  readonly snapshot: SnapshotId;
  readonly basis: SnapshotId;
  readonly model: string;
  /** The snapshot that it is compared with; null without one. */
  readonly against: SnapshotId | null;
  readonly seconds: Seconds;
}

/** Items that each list of a comparison names. */
export const mostNamed = 10;

/** Throws what opening a snapshot for reading throws, what gatherReport and writeReport throw. */
export async function report(options: ReportOptions, context: TaskContext): Promise<ReportResult> {
  const started = performance.now();
  const { threads } = options;
  return keeping(async (opened) => {
    const { snapshot, against } = await openBoth(options, context);
    opened.keep(snapshot);
    if (against !== undefined) opened.keep(against);
    const written = await writeReport(async () => {
      const compared =
        against === undefined
          ? null
          : await compareSnapshots(against, snapshot, { k: mostNamed, threads }, context);
      return gatherReport(snapshot, compared, options, context);
    }, options);
    return {
      snapshot: snapshot.id,
      basis: snapshot.basis,
      model: snapshot.manifest.model.name,
      against: against?.id ?? null,
      ...written,
      seconds: secondsSince(started),
    };
  });
}

async function openBoth(
  { root, snapshot, against, as }: ReportOptions,
  context: TaskContext,
): Promise<{ readonly snapshot: OpenSnapshot; readonly against: OpenSnapshot | undefined }> {
  if (against === undefined)
    return { snapshot: await openForReading(root, snapshot, context, as), against: undefined };
  const named = [against, snapshot ?? defaultReference(root, context)];
  const [a, b] = (await openEach(root, named, context, as)) as [OpenSnapshot, OpenSnapshot];
  return { snapshot: b, against: a };
}
