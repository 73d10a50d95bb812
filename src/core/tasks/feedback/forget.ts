/**
 * `segue feedback forget`: deletes what the ledger and the states of followers hold of a user, and what nobody needs that may hold
 * it, and says which snapshots still hold their history.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { closing } from '../../closers.js';
import type { Count, LedgerId, Moment, SnapshotId, TaskContext, Text } from '../../contracts.js';
import { abortError, AppError } from '../../errors.js';
import type { LedgerReader } from '../../ledger/entry.js';
import { openLedger, type Ledger } from '../../ledger/open-ledger.js';
import { forgetInState, heldByState, type HeldByState } from '../../realtime/forget-in-state.js';
import { discardable, discardRemains } from '../../retention/discard-remains.js';
import { rootPath, snapshotFile } from '../../snapshot/layout.js';
import { openForReading } from '../../snapshot/open-snapshot.js';
import { readCurrent } from '../../snapshot/resolve-reference.js';
import { surveySnapshots } from '../../snapshot/survey.js';
import { openDirectoryAt, openStoredDirectory } from '../../snapshot/users/stored-directory.js';
import { shellWord } from '../../shell-word.js';
import { closestTexts } from '../../store/closest-texts.js';
import type { UserDirectory } from '../../store/user-directory.js';
import type { AskedOf } from '../../options/asked-of.js';

export type ForgetUserOptions = AskedOf<'forgetUser'>;

/** A snapshot with the history of a user. */
export interface HoldingSnapshot {
  readonly id: SnapshotId;
  readonly isCurrent: boolean;
}

/** What the state of a follower held of a user. */
export interface ForgetfulState extends HeldByState {
  readonly state: Text;
  /** Whether a follower that is running did it. */
  readonly byFollower: boolean;
}

export interface ForgetUserResult {
  /** null where nothing was done. */
  readonly ledger: LedgerId | null;
  readonly user: Text;
  readonly dryRun: boolean;
  /** Entries of the ledger that hold of them, and that no answer uses any more. */
  readonly entries: Count;
  /** Whether they are deleted; false where another process kept it from that, whose work ends with it. */
  readonly deleted: boolean;
  /**
   * From which time on the user is someone new, ISO 8601 UTC: what they did before is not taken any more. Now, or when the latest of
   * their entries is dated.
   */
  readonly forgottenAt: Moment;
  /** Of the states that were named: what is deleted there. */
  readonly states: readonly ForgetfulState[];
  /**
   * Snapshots that hold their history. No answer uses it; the files hold it until the snapshot is deleted.
   */
  readonly snapshots: readonly HoldingSnapshot[];
  /** Snapshots that could not be looked into. */
  readonly unreadable: readonly SnapshotId[];
  /** What nobody needed, and may have held a trace of them: paths below the root that are gone. */
  readonly removed: readonly Text[];
  /** What else below the root may hold one: what is in use, and what interrupted trainings left. */
  readonly mayHold: readonly Text[];
}

/**
 * AppErrors: 'snapshot-not-found' where there is no root; 'user-not-found' where nothing that this reaches knows the user, nor that they were
 * forgotten; 'bad-usage' for a directory that is no state; 'busy', where a state is in use, once everything else is done;
 * 'damaged-ledger'; the machine's.
 * @param open the ledger of the root, where the caller has it open
 */
export async function forgetUser(
  { root, user, state, unfinished, dryRun }: ForgetUserOptions,
  context: TaskContext,
  open?: Ledger,
): Promise<ForgetUserResult> {
  // A ledger would be begun there, and the one that knows the user not be asked.
  if (!existsSync(root))
    throw new AppError('snapshot-not-found', `there is no directory ${root}`, {
      suggestions: ['name the root that knows the user: `root` DIR'],
    });
  const held = [...new Set(state)].map((each) => ({ state: each, ...heldByState(each, user) }));
  const isHeld = held.some(({ entries, letters, isForgotten }) => entries + letters > 0 || isForgotten);
  const { ledger, ...forgotten } = await forgetInLedger({ root, user, dryRun, isHeld }, context, open);
  const states: ForgetfulState[] = [];
  let failure: { readonly error: unknown } | undefined;
  for (const { isForgotten: _, ...each } of held) {
    try {
      const { byFollower } = dryRun
        ? { byFollower: false }
        : await forgetInState(each.state, user, forgotten.atMs, ledger, context);
      states.push({ ...each, byFollower });
    } catch (error) {
      failure ??= { error };
    }
  }
  const { removed, left } = await discardRemains(root, { unfinished, dryRun }, context);
  if (failure !== undefined) throw failure.error;
  const { snapshots, unreadable } = await findHolding(root, user, context);
  return {
    ...{ ledger: dryRun ? null : ledger.ledger, user, dryRun },
    ...{ entries: forgotten.entries, deleted: forgotten.deleted },
    ...{ forgottenAt: new Date(forgotten.atMs).toISOString(), states, snapshots, unreadable },
    ...{ removed, mayHold: left },
  };
}

/** @param isHeld whether a state knows the user */
async function forgetInLedger(
  { root, user, dryRun, isHeld }: Pick<ForgetUserOptions, 'root' | 'user' | 'dryRun'> & { isHeld: boolean },
  context: TaskContext,
  open: Ledger | undefined,
) {
  const ledger = open ?? (await openLedger(rootPath.feedback(root), context));
  try {
    const { reader } = ledger;
    reader.refresh();
    const isKnown = isHeld || reader.latestOf(user) !== undefined || reader.forgottenAt(user) !== undefined;
    if (!isKnown) await requireInHistories(root, user, reader, context);
    const entries = reader.of(user).length;
    // A clock that is ahead has dated entries later: they go too.
    const now = context.now ?? new Date();
    const atMs = Math.max(now.getTime(), reader.latestOf(user) ?? -Infinity);
    const deleted = !dryRun && (await ledger.forget(user, atMs));
    return { ledger: { ledger: reader.ledger, seq: reader.lastForgetting }, entries, atMs, deleted };
  } finally {
    if (open === undefined) await ledger.close();
  }
}

/** AppError 'user-not-found' for a user whom no snapshot knows, also of what is to be discarded: such an id is mistyped. */
async function requireInHistories(
  root: string,
  user: string,
  ledger: Pick<LedgerReader, 'users' | 'forgottenAt'>,
  context: TaskContext,
): Promise<void> {
  const { snapshots, unreadable } = await findHolding(root, user, context);
  const isIn = (path: string): boolean => ofUsersAt(path, (users) => users.rowOf(user)) !== undefined;
  if (snapshots.length > 0 || discardable(root).some(isIn)) return;
  const last = readCurrent(root) ?? surveySnapshots(root).snapshots.at(-1)?.id ?? '';
  const near = ofUsersAt(join(rootPath.snapshots(root), last), (users) => users.closest(user)) ?? [];
  const ids = new Set([...near, ...ledger.users()].filter((id) => ledger.forgottenAt(id) === undefined));
  const found = closestTexts(user, (visit) => {
    for (const id of [...ids].map((each) => Buffer.from(each))) visit(0, id, 0, id.length);
  });
  const closest = found.map(({ text }) => text);
  throw new AppError('user-not-found', `nobody of the id ${JSON.stringify(user)} is known in ${root}`, {
    suggestions: [
      ...closest.map((id) => `did you mean ${shellWord(id)}?`),
      'if only a follower knows them, name what it keeps: `state` DIR',
      ...unreadable.map((id) => `the snapshot ${id} could not be looked into`),
    ],
    details: { user, closest, unreadable },
  });
}

/** undefined where there are no users that can be read. */
function ofUsersAt<T>(path: string, ask: (users: UserDirectory) => T): T | undefined {
  let users: UserDirectory | undefined;
  try {
    users = openDirectoryAt(path);
    return ask(users);
  } catch (error) {
    if (error instanceof AppError) return undefined;
    throw error;
  } finally {
    users?.close();
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
  return closing(await openForReading(root, id, context), (snapshot) => {
    // The members of a bundle are looked into by themselves.
    if (snapshot.member !== undefined || !snapshot.hasUsers(snapshotFile.userStore)) return false;
    return closing(openStoredDirectory(snapshot), (directory) => directory.rowOf(user) !== undefined);
  });
}
