/**
 * Changing what is current: one rename of a relative symlink, between a line of history that announces it and one
 * that states its outcome. Everything here happens under the publish lock.
 *
 * Until the rename nothing has changed. After it the new snapshot is visible, and only the fsync of the root says
 * whether it will be after a power cut: the single point whose outcome can be unknown (durability-unknown).
 */
import { readdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { AppError, errnoOf, orMachineError, unlessRefused } from '../errors.js';
import { fsyncDirectory, replaceSymlink, temporaryOwner } from '../files/durable-write.js';
import type { Lock } from '../files/kernel-lock.js';
import { appendHistory, openIntent, readHistory, repairHistory } from '../snapshot/publication-log.js';
import type { HistoryLine } from '../snapshot/publication-log.js';
import { currentName, linkTarget, rootPath } from '../snapshot/layout.js';
import { linkError } from '../snapshot/links.js';
import { readCurrent } from '../snapshot/resolve-reference.js';
import { lockOrBusy } from '../snapshot/writing/root-lock.js';

/** Who changes what is current, when, and why: for the history. */
export interface ChangeNote {
  readonly op: 'publish' | 'rollback';
  /** ISO 8601 UTC. */
  readonly time: string;
  /** user@host */
  readonly who: string;
  readonly why: string | null;
}

/**
 * The publish lock, and the root put in order under it: for whoever changes what is current, or takes snapshots away.
 * Does not wait: busy names the holder, and what it is `doing`.
 */
export function lockForPublishing(root: string, doing = 'publishing'): Lock {
  const lock = lockOrBusy(root, rootPath.publishLock(root), doing);
  try {
    settle(root);
    return lock;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Makes `to` current in place of `from`. The caller has verified it, and holds its lease and the publish lock. */
export function swapCurrent(root: string, from: string | undefined, to: string, note: ChangeNote): void {
  const seq = (readHistory(root).at(-1)?.seq ?? 0) + 1;
  const line = (phase: HistoryLine['phase']): HistoryLine => ({
    seq,
    phase,
    from: from ?? null,
    to,
    ...note,
  });
  orMachineError(`write ${rootPath.history(root)}`, () => appendHistory(root, line('intent')));
  try {
    replaceSymlink(linkTarget(to), rootPath.current(root));
  } catch (error) {
    // The next publisher would find this out by itself; a disk that refuses must not hide the first error.
    unlessRefused(() => appendHistory(root, line('abandon')));
    throw linkError(error, rootPath.current(root));
  }
  confirm(root, line('commit'));
}

/** After the rename: makes it durable, then says so in the history. */
function confirm(root: string, line: HistoryLine): void {
  try {
    fsyncDirectory(root);
    appendHistory(root, line);
  } catch (error) {
    const errno = error instanceof AppError ? undefined : errnoOf(error);
    const why = errno ?? (error instanceof Error ? error.message : String(error));
    throw new AppError(
      'durability-unknown',
      `${line.to} is current now, but the disk did not confirm it (${why}): after a power cut it may be ${line.from ?? 'nothing'} again`,
      {
        cause: error,
        details: { published: line.to, previous: line.from },
        suggestions: ['publish it again'],
      },
    );
  }
}

/** One that is not ours to remove stays, and harms nobody: another user, who can plant such a name, cannot stop us. */
function removeLeftover(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    const errno = errnoOf(error);
    if (errno !== 'EPERM' && errno !== 'EACCES' && errno !== 'EISDIR') throw error;
  }
}

/** Removes what a dead publisher left, and finds out what became of a change that it announced. */
function settle(root: string): void {
  const prefix = `.${currentName}.`;
  orMachineError(`clean ${root}`, () => {
    for (const entry of readdirSync(root)) {
      // Whoever made such a name held the lock that we hold now.
      if (entry.startsWith(prefix) && temporaryOwner(entry) !== undefined) removeLeftover(join(root, entry));
    }
  });
  repairHistory(root);
  const intent = openIntent(readHistory(root));
  if (intent === undefined) return;
  if (readCurrent(root) !== intent.to) {
    orMachineError(`write ${rootPath.history(root)}`, () =>
      appendHistory(root, { ...intent, phase: 'abandon' }),
    );
    return;
  }
  // The rename happened, and nobody knows whether it is on the disk. A failed fsync cannot be repeated, a rename can.
  try {
    replaceSymlink(linkTarget(intent.to), rootPath.current(root));
  } catch (error) {
    throw linkError(error, rootPath.current(root));
  }
  confirm(root, { ...intent, phase: 'commit' });
}
