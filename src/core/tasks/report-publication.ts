/** A page of what is about to become current, beside its publication. */
import { compareSnapshots, type ComparedSnapshots } from '../comparison/compare-snapshots.js';
import type { TaskContext } from '../contracts.js';
import { orWhyUnreadable } from '../gates/gates.js';
import { gatherReport } from '../report/gather-report.js';
import { writeReport, type ReportTarget, type WrittenFile } from '../report/write-report.js';
import { openForReading, type OpenSnapshot } from '../snapshot/open-snapshot.js';
import { mostNamed } from './report.js';

export interface PublicationSides {
  readonly root: string;
  /** Verified. */
  readonly candidate: OpenSnapshot;
  /** What is current; undefined where nothing is published. */
  readonly current: string | undefined;
  readonly threads: number;
}

/** Against what is current, where that is another one and can be read; a warning says where it cannot. */
export async function reportPublication(
  sides: PublicationSides,
  target: ReportTarget & { readonly out: string },
  context: TaskContext,
): Promise<WrittenFile> {
  const { candidate, threads } = sides;
  const gather = { item: [], map: false, threads };
  const { bytes } = await writeReport(
    async () => gatherReport(candidate, await comparedWithCurrent(sides, context), gather, context),
    target,
  );
  return { path: target.out, bytes };
}

async function comparedWithCurrent(
  { root, candidate, current, threads }: PublicationSides,
  context: TaskContext,
): Promise<ComparedSnapshots | null> {
  if (current === undefined || current === candidate.id) return null;
  const found = await orWhyUnreadable(current, () => openForReading(root, current, context));
  if ('why' in found) {
    context.onProgress({ kind: 'warning', message: `the report compares with nothing: ${found.why}` });
    return null;
  }
  try {
    return await compareSnapshots(found.read, candidate, { k: mostNamed, threads }, context);
  } finally {
    found.read.close();
  }
}
