/** Forgets a user in the state of a follower: here, or by the follower, where one is at work. */
import { setTimeout } from 'node:timers/promises';
import { closing } from '../closers.js';
import type { Count, TaskContext } from '../contracts.js';
import { AppError, abortError } from '../errors.js';
import type { LedgerMark } from '../feedback/known-entries.js';
import { openLedger } from '../ledger/open-ledger.js';
import { openLedgerReader } from '../ledger/open-reader.js';
import { emptyLetters, linesOfLetters } from './dead-letters.js';
import { readObeyed } from './forgotten-users.js';
import { isStateDirectory, lockState, ofState, owned } from './state-directory.js';
import { usersIn } from './users-in-line.js';

/** What a state holds of a user. */
export interface HeldByState {
  /** Events. */
  readonly entries: Count;
  /** Dead letters. */
  readonly letters: Count;
}

/** Some looks of a follower that has nothing to do, and a compaction. */
const mostWaitMs = 10_000;
const lookMs = 50;

/** AppErrors 'bad-usage' for a directory that is no state, those of its ledger, and of the machine. */
export function heldByState(
  directory: string,
  user: string,
): HeldByState & { readonly isForgotten: boolean } {
  if (!isStateDirectory(directory)) {
    throw new AppError('bad-usage', `${directory} is not the state of a follower`, {
      suggestions: ['name the directory that was given to `segue follow` as its state'],
    });
  }
  const { entries, isForgotten } = heldByLedger(directory, user);
  let letters = 0;
  for (const line of linesOfLetters(directory)) if (usersIn(line).has(user)) letters++;
  return { entries, letters, isForgotten };
}

function heldByLedger(directory: string, user: string) {
  try {
    const reader = openLedgerReader(directory);
    const entries = reader?.of(user).length ?? 0;
    const isForgotten = reader?.forgottenAt(user) !== undefined;
    reader?.close();
    return { entries, isForgotten };
  } catch (error) {
    throw ofState(directory, error);
  }
}

/**
 * Forgets what a state holds, whenever it is dated. Resolves with whether a follower did so, who saw it in the ledger of its root.
 * @param atMs what is dated earlier is refused from then on @param mark of the forgetting in the root's ledger
 * AppErrors 'busy' where another process owns the state and does not; those of its ledger, and of the machine.
 */
export async function forgetInState(
  directory: string,
  user: string,
  atMs: number,
  mark: LedgerMark,
  context: TaskContext,
): Promise<{ readonly byFollower: boolean }> {
  const until = performance.now() + mostWaitMs;
  for (;;) {
    const lock = lockState(directory, 'forgetting a user');
    if (lock !== undefined) {
      try {
        await forget(directory, user, atMs, context);
        return { byFollower: false };
      } finally {
        lock.release();
      }
    }
    const obeyed = readObeyed(directory);
    if (obeyed?.ledger === mark.ledger && obeyed.seq >= mark.seq) return { byFollower: true };
    if (performance.now() > until) {
      throw owned(
        directory,
        'a follower of this root forgets the user by itself, as soon as it can; else stop it, and run the same command again',
      );
    }
    await setTimeout(lookMs);
    if (context.signal.aborted) throw abortError(context.signal);
  }
}

async function forget(directory: string, user: string, atMs: number, context: TaskContext): Promise<void> {
  await closing(await openLedger(directory, context, { isPrivate: true }), async (ledger) => {
    emptyLetters(directory, (line) => usersIn(line).has(user));
    await ledger.forget(user, Math.max(atMs, ledger.reader.latestOf(user) ?? atMs));
  });
}
