/** A page of what `diff-snapshots` finds, from one comparison. */
import { availableParallelism } from 'node:os';
import { compareSnapshots } from '../comparison/compare-snapshots.js';
import type { ComparedSnapshots, CompareOptions, Difference } from '../comparison/compare-snapshots.js';
import type { TaskContext } from '../contracts.js';
import { gatherReport } from '../report/gather-report.js';
import { besides, writeReport, type WrittenFile } from '../report/write-report.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

export async function reportDifference(
  [a, b]: readonly [OpenSnapshot, OpenSnapshot],
  options: CompareOptions & { readonly report: string },
  context: TaskContext,
): Promise<{ readonly difference: Difference; readonly report: WrittenFile }> {
  const target = besides(options.report);
  const threads = options.threads ?? availableParallelism();
  let compared: ComparedSnapshots | undefined;
  const { bytes } = await writeReport(async () => {
    compared = await compareSnapshots(a, b, options, context);
    return gatherReport(b, compared, { item: [], map: false, threads }, context);
  }, target);
  if (compared === undefined) throw new Error('nothing was compared');
  return { difference: compared.difference, report: { path: target.out, bytes } };
}
