/** `segue publish`: makes a snapshot the one that readers see. */
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { parseComparison } from '../comparison/number-condition.js';
import { tellOfIndexesElsewhere } from '../snapshot/derived-snapshots.js';
import { requireSource, type GateVerdict } from '../gates/gates.js';
import { findGatesFile, readGatesFile, type Gates } from '../gates/gates-file.js';
import { defaultThreads } from '../options/catalogue/run-options.js';
import { refusedUse } from '../options/kinds.js';
import { latestName } from '../snapshot/layout.js';
import { publishSnapshot, type Judge, type PublishOutcome, type Wanted } from '../publishing/publish.js';
import { changeNote } from '../publishing/change-note.js';
import type { WrittenFile } from '../report/write-report.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';

export { GatesDoNotHold } from '../gates/gates.js';
export type { GateVerdict };

export type PublishOptions = AskedOf<'publish'>;

export interface PublishResult extends PublishOutcome {
  /** The file that some of them are from. */
  readonly gatesFile: string | null;
  /** Where a report was asked for. */
  readonly report?: WrittenFile;
  readonly dryRun: boolean;
  readonly seconds: number;
}

/**
 * Throws what publishSnapshot throws, bad-usage for a gate that is no comparison or a report of several snapshots, bad-input-file for
 * a bad gates file, what writing a report throws. The report is there before anything is changed, and where a gate fails.
 */
export async function publish(options: PublishOptions, context: TaskContext): Promise<PublishResult> {
  const startMs = performance.now();
  const { root, dryRun } = options;
  const asked = options.require.map((text) => ({
    ...parseComparison(text, '`require`'),
    source: requireSource,
  }));
  const gatesFile = gatesFileOf(options, context);
  const kept = gatesFile === null ? undefined : await readGatesFile(gatesFile);
  requireMeasuring(options);
  const gates = { numbers: [...asked, ...(kept?.numbers ?? [])], canaries: kept?.canaries ?? [] };
  // Loaded before the lock is taken, and only where there is something to judge.
  const written: WrittenFile[] = [];
  const judge = await judgeOf(gates, gatesFile, options, context);
  const outcome = await publishSnapshot(
    root,
    {
      wanted: wantedOf(options),
      expect: options.expect,
      judge: await reportFirst(judge, options, written, context),
      dryRun,
      note: changeNote('publish', options),
    },
    context,
  );
  tellOfIndexesElsewhere(root, outcome.published, outcome.members, context);
  const [report] = written;
  return {
    ...outcome,
    gatesFile,
    ...(report !== undefined && { report }),
    dryRun,
    seconds: secondsSince(startMs),
  };
}

function wantedOf({ snapshot, members }: PublishOptions): Wanted {
  if (members === undefined) return snapshot ?? latestName;
  return Object.entries(members).map(([as, reference]) => ({ as, reference }));
}

function requireMeasuring(options: PublishOptions): void {
  if (options.threads === undefined || isMeasured(options)) return;
  throw refusedUse('threads', {
    because: 'is for gates that are measured and for a report, and there are none',
    instead: 'add `require` GATE, `gates` FILE or `report` FILE',
  });
}

/** Whether there is a report, or gates: named, or in a file. AppError 'bad-usage' for several files beside the root. */
export function isMeasured({ root, require, gates, report }: PublishOptions): boolean {
  if (require.length > 0 || report !== undefined) return true;
  return gates === undefined ? findGatesFile(root) !== undefined : gates !== 'none';
}

async function judgeOf(
  gates: Gates,
  gatesFile: string | null,
  { root, threads = defaultThreads() }: PublishOptions,
  context: TaskContext,
): Promise<Judge | undefined> {
  if (gates.numbers.length + gates.canaries.length === 0) return undefined;
  const { judgeGates } = await import('../gates/judge-gates.js');
  return (id, candidates, current) =>
    judgeGates(gates, gatesFile, { root, id, candidates, current, threads }, context);
}

/** What is published, verified and under the lock, is drawn before it is judged; undefined where there is neither to do. */
async function reportFirst(
  judge: Judge | undefined,
  { root, report, members, threads = defaultThreads() }: PublishOptions,
  written: WrittenFile[],
  context: TaskContext,
): Promise<Judge | undefined> {
  if (report === undefined) return judge;
  const { besides } = await import('../report/write-report.js');
  const { reportPublication } = await import('./report-publication.js');
  const target = besides(report);
  if (members !== undefined) throw ofSeveral();
  return async (id, candidates, current) => {
    const [first, ...others] = candidates;
    if (first === undefined || others.length > 0) throw ofSeveral();
    const sides = { root, candidate: first.snapshot, current, threads };
    written.push(await reportPublication(sides, target, context));
    return (await judge?.(id, candidates, current)) ?? [];
  };
}

function ofSeveral(): AppError {
  return new AppError('bad-usage', '`report` is of one snapshot, and this is a bundle', {
    suggestions: ['segue report current `as` NAME, once it is published'],
  });
}

/** Gates that nobody named are said to be there. */
function gatesFileOf({ root, gates }: PublishOptions, context: TaskContext): string | null {
  if (gates === 'none') return null;
  if (gates !== undefined) return gates;
  const found = findGatesFile(root);
  if (found === undefined) return null;
  context.onProgress({
    kind: 'note',
    message: `the gates of ${found} apply too (\`gates\` none leaves them out)`,
  });
  return found;
}
