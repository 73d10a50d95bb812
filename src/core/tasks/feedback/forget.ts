/** `segue feedback forget`: deletes what the ledger holds of a user, and says which snapshots still hold their history. */
import { existsSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import type { TaskContext } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import { openLedger } from '../../ledger/open-ledger.js';
import { rootPath, snapshotFile } from '../../snapshot/layout.js';
import { openForReading } from '../../snapshot/open-snapshot.js';
import { readCurrent } from '../../snapshot/resolve-reference.js';
import { surveySnapshots } from '../../snapshot/survey.js';
import { openUserDirectory } from '../../store/user-directory.js';

export interface ForgetUserOptions {
  readonly root: string;
  readonly user: string;
  /** Say what would be done, and do nothing. */
  readonly dryRun: boolean;
}

/** A snapshot with the history of a user. */
export interface HoldingSnapshot {
  readonly id: string;
  readonly isCurrent: boolean;
}

export interface ForgetUserResult {
  /** null where nothing was done. */
  readonly ledger: string | null;
  readonly user: string;
  readonly dryRun: boolean;
  /** Entries of the ledger that hold of them, and that no answer uses any more. */
  readonly entries: number;
  /** Whether they are deleted; false where another process kept it from that, whose work ends with it. */
  readonly deleted: boolean;
  /**
   * From which time on the user is someone new, ISO 8601 UTC: what they did before is not taken any more. Now, or when the latest of
   * their entries is dated.
   */
  readonly forgottenAt: string;
  /**
   * Snapshots that hold their history. No answer uses it; the files hold it until the snapshot is deleted.
   */
  readonly snapshots: readonly HoldingSnapshot[];
  /** Snapshots that could not be looked into. */
  readonly unreadable: readonly string[];
  /** What else below the root may hold a trace of them: `trash`, `checkpoints`. */
  readonly mayHold: readonly string[];
}

/** AppErrors: 'busy'; 'damaged-ledger'; the machine's. A user of whom nothing is known is forgotten too. */
export async function forgetUser(
  { root, user, dryRun }: ForgetUserOptions,
  context: TaskContext,
): Promise<ForgetUserResult> {
  const ledger = await openLedger(rootPath.feedback(root), context);
  try {
    ledger.reader.refresh();
    const entries = ledger.reader.of(user).length;
    // A clock that is ahead has dated entries later: they go too.
    const now = context.now ?? new Date();
    const atMs = Math.max(now.getTime(), ledger.reader.latestOf(user) ?? -Infinity);
    const deleted = !dryRun && (await ledger.forget(user, atMs));
    const { snapshots, unreadable } = await findHolding(root, user, context);
    return {
      ...{ ledger: dryRun ? null : ledger.reader.ledger, user, dryRun, entries, deleted },
      ...{ forgottenAt: new Date(atMs).toISOString(), snapshots, unreadable },
      mayHold: [rootPath.trash(root), rootPath.allCheckpoints(root)]
        .filter(isFilled)
        .map((path) => basename(path)),
    };
  } finally {
    await ledger.close();
  }
}

async function findHolding(
  root: string,
  user: string,
  context: TaskContext,
): Promise<Pick<ForgetUserResult, 'snapshots' | 'unreadable'>> {
  const snapshots: HoldingSnapshot[] = [];
  const unreadable: string[] = [];
  if (!existsSync(rootPath.snapshots(root))) return { snapshots, unreadable };
  const all = surveySnapshots(root).snapshots;
  const current = readCurrent(root);
  for (const [done, { id }] of all.entries()) {
    if (context.signal.aborted) throw abortError(context.signal);
    const progress = { phase: 'looking into snapshots', done, total: all.length, unit: 'snapshots' } as const;
    context.onProgress({ kind: 'step', ...progress });
    try {
      if (await holds(root, id, user, context)) snapshots.push({ id, isCurrent: id === current });
    } catch (error) {
      if (!(error instanceof AppError) || error.code === 'interrupted') throw error;
      unreadable.push(id);
    }
  }
  return { snapshots, unreadable };
}

async function holds(root: string, id: string, user: string, context: TaskContext): Promise<boolean> {
  const snapshot = await openForReading(root, id, context);
  try {
    // The members of a bundle are looked into by themselves.
    if (snapshot.member !== undefined || !snapshot.has(snapshotFile.userStore)) return false;
    const directory = openUserDirectory(snapshot.file(snapshotFile.userStore));
    try {
      return directory.rowOf(user) !== undefined;
    } finally {
      directory.close();
    }
  } finally {
    snapshot.close();
  }
}

function isFilled(directory: string): boolean {
  return existsSync(directory) && readdirSync(directory).length > 0;
}
