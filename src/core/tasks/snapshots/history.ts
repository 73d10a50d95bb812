/** `segue snapshots history`: who made what current, when and why. */
import type { SnapshotId, Some, TaskContext } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { readChanges, type HistoryChange, type HistoryReading } from '../../publishing/history-changes.js';
import type { Member } from '../../snapshot/manifest.js';
import { membersOf } from '../../snapshot/members-of.js';
import { readCurrent } from '../../snapshot/resolve-reference.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface HistoryResult extends Omit<HistoryReading, 'changes'> {
  /** The latest first; at most as many as were asked for. */
  readonly changes: readonly (HistoryChange & {
    /** What `to` consists of, where it is a bundle and still there. */
    readonly members?: Some<Member>;
  })[];
  readonly root: string;
  /** What is current now. */
  readonly current: SnapshotId | null;
}

/** A root without a history has an empty one. Throws damaged-root, machine errors. */
export async function history(options: AskedOf<'history'>, context: TaskContext): Promise<HistoryResult> {
  const { root, limit } = options;
  const current = currentOf(root, context);
  const reading = readChanges(root, current, limit);
  if (context.signal.aborted) throw abortError(context.signal);
  const bundles = new Map(
    [...new Set(reading.changes.map(({ to }) => to))].map((id) => [id, membersOf(root, id)]),
  );
  const changes = reading.changes.map((change) => {
    const members = bundles.get(change.to) ?? [];
    return members.length === 0 ? change : { ...change, members };
  });
  return Promise.resolve({ root, current: current ?? null, ...reading, changes });
}

/** What the history says can be read whatever is wrong with `current`; a warning says what that is. */
function currentOf(root: string, context: TaskContext): string | undefined {
  try {
    return readCurrent(root);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    context.onProgress({ kind: 'warning', message: error.message });
    return undefined;
  }
}
