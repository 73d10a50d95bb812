/** A ledger that is written to. Any number of processes may, at the same time. */
import { setImmediate } from 'node:timers/promises';
import type { TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { admit, type AddedEntry } from './admit.js';
import { beginAppend, stepAppend, type Outcome, type Wanted } from './append.js';
import { answerOf } from './catch-up.js';
import { beginCompact, stepCompact } from './compact.js';
import { openDisk } from './disk.js';
import { busyError, drive, type Holder } from './drive.js';
import type { LedgerReader, NewEntry } from './entry.js';
import { requireEntry } from './entry-line.js';
import { mostGroupBytes } from './journal-part.js';
import { hasTombstones, nothingKnown, positionsOf, type Known } from './known.js';
import { readerOf, refresh } from './open-reader.js';
import { LedgerFiles, keyBytes } from './perform.js';
import { idConflict } from './same-content.js';
import { verifyLedger, type LedgerVerification } from './verify-ledger.js';

export type { AddedEntry } from './admit.js';
export type { LedgerVerification } from './verify-ledger.js';

export interface Ledger {
  /**
   * Adds entries, in order; resolves when all are durable, in one fsync with whatever else was waiting then. What is
   * answered for each says why it was left out, if it was; the entry for which it was is durable too. Where it rejects, any of them may have
   * been added; the same entries may be given again.
   *
   * AppErrors: 'bad-row' (before anything is added), 'busy', 'damaged-ledger', 'newer-format', 'disk-full' and others of the machine.
   */
  add(entries: readonly NewEntry[]): Promise<readonly AddedEntry[]>;
  /** From now on journals are compacted once they have 4 MiB, in the background, whatever `openLedger` was given. */
  settle(): void;
  /** What would become of them now. Nothing is added. */
  judge(entries: readonly NewEntry[]): readonly AddedEntry[];
  /**
   * Puts all there is into one table, by which users are looked up. Where an `add` makes the journals large some of it is done by itself, in the background:
   * see `isDue`. Killed anywhere it loses nothing. AppErrors: 'busy' where another process compacts, and those of `add`.
   */
  compact(context: LedgerContext): Promise<void>;
  /**
   * Forgets a user: what they did up to `atMs` (ms since 1970 UTC) is left out of every answer once this resolves, and
   * refused for ever. Then the journals are compacted, so that no file holds it: false where another process kept it from that, whose
   * next compaction does it. AppErrors as `add`.
   */
  forget(user: string, atMs: number): Promise<boolean>;
  /** Likewise many users, each up to a time of their own, with one compaction. */
  forgetAll(users: ReadonlyMap<string, number>): Promise<boolean>;
  /** Reads all there is. AppErrors: 'damaged-ledger', naming the file and the place; and those of opening. */
  verify(context: LedgerContext): Promise<LedgerVerification>;
  /** The highest offset of each partition, as of the last `add` or refresh. */
  positions(): ReadonlyMap<string, number>;
  /** Sees what was added here without a refresh. It closes with the ledger. */
  readonly reader: LedgerReader;
  /** After what is waiting has been added, and a compaction in the background has ended. */
  close(): Promise<void>;
}

type LedgerContext = Pick<TaskContext, 'signal' | 'onProgress'>;

const usualJournalBytes = 4 << 20;

/** A call of `add`, of which the first entries may have been added already. */
interface Call {
  readonly entries: readonly NewEntry[];
  readonly added: AddedEntry[];
  readonly resolve: (added: readonly AddedEntry[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Opens the ledger in a directory, which is made with the first entry. Errors as `openLedgerReader`.
 * @param options mostJournalBytes: from which on they are compacted: they are read whole when a ledger is opened;
 * isPrivate: whether the directory keeps its permissions, whatever those of the one that it is in
 */
export async function openLedger(
  directory: string,
  context: LedgerContext,
  { mostJournalBytes = usualJournalBytes, isPrivate = false } = {},
): Promise<Ledger> {
  const holder: Holder = { known: nothingKnown, files: new LedgerFiles(openDisk(directory, isPrivate)) };
  refresh(holder);
  const calls: Call[] = [];
  let working: Promise<void> | undefined;
  let compacting: Promise<void> | undefined;
  /** A compaction in the background that failed is not tried again and again. */
  let mayCompact = true;
  let most = mostJournalBytes;
  let isClosed = false;

  const change = (wanted: Wanted): Promise<Outcome> => changeLedger(holder, wanted, context);
  const compact = async (asked: LedgerContext, isWhole: boolean, waits: boolean): Promise<void> => {
    await compacting;
    await compactLedger(holder, isWhole, waits, asked);
  };
  const compactWhereDue = (): void => {
    if (!mayCompact || compacting !== undefined || bytesOf(holder.known.parts) <= most) return;
    const { signal } = context;
    compacting = compact({ signal, onProgress: () => undefined }, isWholeDue(holder.known), false)
      .catch((error: unknown) => {
        if (error instanceof AppError && error.code === 'busy') return;
        mayCompact = false;
        const why = error instanceof Error ? error.message : String(error);
        context.onProgress({ kind: 'warning', message: `the ledger could not be compacted: ${why}` });
      })
      .finally(() => {
        compacting = undefined;
      });
  };
  const work = async (): Promise<void> => {
    // Whatever is added in the same turn goes into the same group.
    await setImmediate();
    while (calls.length > 0) await addGroup(calls, change);
    working = undefined;
    compactWhereDue();
  };

  const forgetAll = async (users: ReadonlyMap<string, number>): Promise<boolean> => {
    // The key is made with the ledger.
    await change({ append: [] });
    for (const [user, atMs] of users) await change({ forget: holder.files.markOf(user), atMs });
    try {
      await compact(context, true, true);
      return true;
    } catch (error) {
      if (error instanceof AppError && error.code === 'busy') return false;
      throw error;
    }
  };

  return Promise.resolve({
    add: (entries) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new Error('the ledger is closed');
        for (const entry of entries) requireEntry(entry);
        calls.push({ entries, added: [], resolve, reject });
        working ??= work();
      }),
    settle() {
      most = usualJournalBytes;
      compactWhereDue();
    },
    judge(entries) {
      refresh(holder);
      const { known, files } = holder;
      const users = [...new Set(entries.map(({ user }) => user))];
      const found = answerOf(files.perform([{ do: 'find', users, marks: hasTombstones(known) }]));
      if (found.of !== 'users') throw new Error('users were looked for, and no answer came');
      return admit(entries, known, found).outcomes;
    },
    compact: (asked) => compact(asked, true, false),
    forget: (user, atMs) => forgetAll(new Map([[user, atMs]])),
    forgetAll,
    verify: ({ signal }) => verifyLedger(directory, signal),
    positions: () => positionsOf(holder.known),
    reader: readerOf(holder, () => undefined),
    async close() {
      isClosed = true;
      await working;
      await compacting;
      holder.files.close();
    },
  });
}

async function changeLedger(holder: Holder, wanted: Wanted, context: LedgerContext): Promise<Outcome> {
  const { disk } = holder.files;
  const newLedger = { ledger: disk.randomBytes(8).toString('hex'), key: disk.randomBytes(keyBytes) };
  const first = beginAppend(wanted, holder.known, newLedger);
  const { outcome } = await drive(holder, first, stepAppend, context);
  if (outcome === undefined) throw new Error('a change of the ledger ended without an outcome');
  if ('error' in outcome) throw outcome.error;
  if ('busy' in outcome) throw busyError(disk.directory, 'append');
  return outcome;
}

/** @param waits for another compaction to end */
async function compactLedger(
  holder: Holder,
  isWhole: boolean,
  waits: boolean,
  { signal, onProgress }: LedgerContext,
): Promise<void> {
  const onUsers = (done: number): void => {
    onProgress({ kind: 'step', phase: 'compacting the ledger', done, total: undefined, unit: 'users' });
  };
  const first = beginCompact(holder.known, isWhole, waits);
  const { outcome } = await drive(holder, first, stepCompact, { signal, onUsers });
  if (outcome === undefined) throw new Error('a compaction ended without an outcome');
  if ('error' in outcome) throw outcome.error;
  if ('busy' in outcome) throw busyError(holder.files.disk.directory, outcome.busy);
}

/** Of the second table, and of the journals that go into it, whatever the first one has. */
export const mostRecentBytes = 64 << 20;

/**
 * Whether a compaction is to rewrite the first table, which takes long, and not the second one alone: once that and the
 * journals have more than a quarter of its bytes, within bounds.
 */
function isWholeDue({ tables, parts }: Known): boolean {
  const [first, second] = tables;
  const recent = bytesOf(parts) + (second?.bytes ?? 0);
  return recent > Math.min(mostRecentBytes, (first?.bytes ?? 0) / 4);
}

function bytesOf(parts: Known['parts']): number {
  return parts.reduce((sum, { end }) => sum + end, 0);
}

/** Adds as much of what is waiting as one write takes, and answers the calls that are done. */
async function addGroup(calls: Call[], run: (wanted: Wanted) => Promise<Outcome>): Promise<void> {
  const group: NewEntry[] = [];
  const members: Call[] = [];
  let bytes = 0;
  const isFull = (): boolean => group.length > 0 && bytes > mostGroupBytes;
  for (const call of calls) {
    if (isFull()) break;
    members.push(call);
    for (let at = call.added.length; at < call.entries.length; at++) {
      bytes += mostLineBytes(call.entries[at]!);
      if (isFull()) break;
      group.push(call.entries[at]!);
    }
  }
  try {
    const outcome = await run({ append: group });
    if (!('added' in outcome)) throw new Error('entries were appended, and no answer came');
    let at = 0;
    for (const { entries, added } of members)
      while (added.length < entries.length && at < outcome.added.length) added.push(outcome.added[at++]!);
    while (calls[0] !== undefined && calls[0].added.length === calls[0].entries.length) {
      const call = calls.shift()!;
      call.resolve(call.added);
    }
  } catch (error) {
    for (const call of calls.splice(0, members.length)) call.reject(error);
  }
}

/**
 * Adds all of them, or none where one has the id of another: AppError 'id-conflict'. Where another process was quicker with that
 * id in between, the others are added.
 */
export async function addWhole(
  ledger: Pick<Ledger, 'add' | 'judge'>,
  entries: readonly NewEntry[],
): Promise<readonly AddedEntry[]> {
  const requireNone = (outcomes: readonly AddedEntry[]): readonly AddedEntry[] => {
    for (const [at, outcome] of outcomes.entries())
      if ('holds' in outcome) throw idConflict(entries[at]!, outcome.holds);
    return outcomes;
  };
  requireNone(ledger.judge(entries));
  return requireNone(await ledger.add(entries));
}

/** An upper bound of the bytes of a line. */
function mostLineBytes({ id, user, item = '', source = '', answer, undoes, position }: NewEntry): number {
  let bytes = 400 + mostTextBytes(id) + mostTextBytes(user) + mostTextBytes(item) + mostTextBytes(source);
  for (const text of [answer?.snapshot, answer?.recipe, undoes, position?.partition])
    if (text !== undefined) bytes += mostTextBytes(text);
  return bytes;
}

/** JSON writes what it escapes in six bytes, and the rest as UTF-8. */
function mostTextBytes(text: string): number {
  if (/^[ !#-[\]-~]*$/.test(text)) return text.length;
  return /["\\\p{Cc}]/u.test(text) ? 6 * text.length : Buffer.byteLength(text);
}
