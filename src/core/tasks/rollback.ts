/** `segue rollback`: makes current again what was current before. */
import type { Seconds, SnapshotId, TaskContext } from '../contracts.js';
import { AppError, refusedOption } from '../errors.js';
import { maxTimeMs, minTimeMs, parseTime } from '../events/event-rules.js';
import { parseDuration } from '../numeric/duration.js';
import { changesCurrentAt, readChanges } from '../publishing/history-changes.js';
import { previousName, rootPath } from '../snapshot/layout.js';
import { publishSnapshot, type PublishOutcome } from '../publishing/publish.js';
import { readCurrent, resolveReference } from '../snapshot/resolve-reference.js';
import { changeNote } from '../publishing/change-note.js';
import { secondsSince } from './seconds.js';
import type { AskedOf } from '../options/asked-of.js';

export type RollbackOptions = AskedOf<'rollback'>;

export interface RollbackResult extends Pick<PublishOutcome, 'members' | 'unchanged' | 'verified'> {
  /** What is current now; with `dryRun` what would be. */
  readonly rolledBackTo: SnapshotId;
  /** What was current. */
  readonly from: SnapshotId;
  /** The command that takes it back; null where nothing was changed. */
  readonly undo: string | null;
  readonly dryRun: boolean;
  readonly seconds: Seconds;
}

/**
 * By the same steps as publishing, but for gates: they could only keep a broken snapshot current. Throws what
 * publishSnapshot throws; whatever it is, `current` is as it was (but for durability-unknown). snapshot-not-found where
 * nothing is published, nothing was before, or what is wanted is gone; bad-usage.
 */
export async function rollback(options: RollbackOptions, context: TaskContext): Promise<RollbackResult> {
  const startMs = performance.now();
  const { root, expect, dryRun } = options;
  const note = changeNote('rollback', options);
  const wanted = wantedReference(options);
  const current = readCurrent(root);
  if (current === undefined) {
    throw new AppError(
      'snapshot-not-found',
      `nothing is published in ${root}: there is nothing to roll back`,
      {
        suggestions: ['segue snapshots list', 'segue publish SNAPSHOT'],
      },
    );
  }
  try {
    const id = wanted instanceof Date ? idAt(root, current, wanted) : resolveReference(root, wanted);
    const outcome = await publishSnapshot(
      root,
      { wanted: id, expect, chosenBeside: current, dryRun, note },
      context,
    );
    const { members, unchanged, verified } = outcome;
    return {
      rolledBackTo: id,
      ...(members === undefined ? {} : { members }),
      from: current,
      undo: unchanged || dryRun ? null : `segue rollback ${current}`,
      ...{ dryRun, unchanged, verified },
      seconds: secondsSince(startMs),
    };
  } catch (error) {
    throw refusal(error, current);
  }
}

/** A reference, or the moment of --to-time. */
function wantedReference({ snapshot, toTime, at = new Date() }: RollbackOptions): string | Date {
  if (toTime === undefined) return snapshot ?? previousName;
  const age = parseDuration(toTime);
  const time = age !== undefined ? at.getTime() - age : /^\d{4}-/.test(toTime) ? parseTime(toTime) : null;
  if (typeof time !== 'number' || !(time >= minTimeMs && time <= maxTimeMs)) {
    const wanted = 'a time such as 2014-06-20 or 2014-06-20T12:00:00Z, or an age such as 90m, 12h, 2d or 1w';
    throw refusedOption('toTime', toTime, wanted);
  }
  if (time > at.getTime()) {
    throw new AppError('bad-usage', `\`toTime\` ${toTime} is in the future: now is ${at.toISOString()}`);
  }
  return new Date(time);
}

/** What was current at a moment, by the history. */
function idAt(root: string, current: string, moment: Date): string {
  const { changes } = readChanges(root, current);
  const found = changesCurrentAt(changes, moment.getTime());
  const at = moment.toISOString();
  const [one] = found;
  if (one === undefined) {
    const first = changes.at(-1);
    const since = first === undefined ? 'its history is empty' : `its history begins at ${first.time}`;
    throw new AppError(
      'snapshot-not-found',
      `the history of ${root} names nothing that was current at ${at}: ${since}`,
      {
        suggestions: ['segue snapshots history'],
      },
    );
  }
  if (found.length > 1) {
    const ids = found.map(({ to }) => to);
    const named = found.map(({ to, seq }) => `${to} (change ${seq})`).join(', ');
    throw new AppError(
      'snapshot-not-found',
      `a clock was set back, and ${at} came more than once; then these were current: ${named}`,
      { suggestions: ['segue snapshots history', 'name one of them'], details: { candidates: ids } },
    );
  }
  const next = changes[changes.indexOf(one) - 1];
  if (next !== undefined && (next.seq !== one.seq + 1 || next.from !== one.to)) {
    const gap = `after change ${one.seq}, to ${one.to}, comes change ${next.seq}, from ${next.from ?? 'nothing'}`;
    throw new AppError(
      'damaged-root',
      `the history of ${root} does not say what was current at ${at}: ${gap}`,
      {
        suggestions: ['segue snapshots history', 'name the snapshot by its id'],
        details: { file: rootPath.history(root) },
      },
    );
  }
  return resolveReference(root, one.to);
}

/** Says of a target that cannot be had that nothing has changed, and what else there is to do. */
function refusal(error: unknown, current: string): unknown {
  if (!(error instanceof AppError) || !targetProblems.has(error.code)) return error;
  return new AppError(error.code, `not rolled back, ${current} is still current: ${error.message}`, {
    cause: error,
    details: error.details,
    suggestions: ['segue snapshots list shows what there is', 'segue rollback SNAPSHOT'],
  });
}

const targetProblems: ReadonlySet<string> = new Set([
  ...['snapshot-not-found', 'damaged-snapshot', 'not-a-snapshot', 'newer-format'],
]);
