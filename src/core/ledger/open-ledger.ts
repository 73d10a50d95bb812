/** A ledger that is written to. Any number of processes may, at the same time. */
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';

import type { TaskContext } from '../contracts.js';
import { AppError, abortError } from '../errors.js';
import { findHolder } from '../files/lock-holders.js';
import { positionsOf } from './admit.js';
import type { AddedEntry } from './admit.js';
import { beginAppend, stepAppend } from './append.js';
import type { Outcome, Wanted } from './append.js';
import { nothingKnown } from './catch-up.js';
import { openDisk } from './disk.js';
import type { LedgerReader, NewEntry } from './entry.js';
import { requireEntry } from './entry-line.js';
import { mostGroupBytes } from './journal-part.js';
import { lockName } from './layout.js';
import { readerOf, refresh } from './open-reader.js';
import type { Holder } from './open-reader.js';
import { LedgerFiles } from './perform.js';

export type { AddedEntry } from './admit.js';

export interface Ledger {
  /**
   * Adds entries, in order; resolves when all are durable, in one fsync with whatever else was waiting then. What is
   * answered for each says why it was left out, if it was; the entry for which it was is durable too. Where it rejects, any of them may have
   * been added; the same entries may be given again.
   *
   * AppErrors: 'bad-row' (before anything is added), 'busy', 'damaged-ledger', 'newer-format', 'disk-full' and others of the machine.
   */
  add(entries: readonly NewEntry[]): Promise<readonly AddedEntry[]>;
  /** The highest offset of each partition, as of the last `add` or refresh. */
  positions(): ReadonlyMap<string, number>;
  /** Sees what was added here without a refresh. */
  readonly reader: LedgerReader;
  /** After what is waiting has been added. */
  close(): Promise<void>;
}

/** A call of `add`, of which the first entries may have been added already. */
interface Call {
  readonly entries: readonly NewEntry[];
  readonly added: AddedEntry[];
  readonly resolve: (added: readonly AddedEntry[]) => void;
  readonly reject: (error: unknown) => void;
}

/** About 10 s. A lock is held for one fsync as a rule. */
const mostWaits = 350;
const shortestWaitMs = 0.5;
const longestWaitMs = 30;

/** Opens the ledger in a directory, which is made with the first entry. Errors as `openLedgerReader`; what `signal` aborts is the waiting for another process. */
export async function openLedger(
  directory: string,
  { signal }: Pick<TaskContext, 'signal'>,
): Promise<Ledger> {
  const holder: Holder = { known: nothingKnown, files: new LedgerFiles(openDisk(directory)) };
  refresh(holder);
  const calls: Call[] = [];
  let working: Promise<void> | undefined;
  let isClosed = false;

  const work = async (): Promise<void> => {
    // Whatever is added in the same turn goes into the same group.
    await setImmediate();
    while (calls.length > 0) await addGroup(calls, (wanted) => change(holder, wanted, directory, signal));
    working = undefined;
  };
  return Promise.resolve({
    add: (entries) =>
      new Promise((resolve, reject) => {
        if (isClosed) throw new Error('the ledger is closed');
        for (const entry of entries) requireEntry(entry);
        calls.push({ entries, added: [], resolve, reject });
        working ??= work();
      }),
    positions: () => positionsOf(holder.known),
    reader: readerOf(holder, () => undefined),
    async close() {
      isClosed = true;
      await working;
      holder.files.close();
    },
  });
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

/** An upper bound: JSON writes a unit of UTF-16 in six bytes at most. */
function mostLineBytes({ id, user, item, source, answer, undoes, position }: NewEntry): number {
  const texts = [id, user, item, source, answer?.snapshot, answer?.recipe, undoes, position?.partition];
  return texts.reduce((bytes, text) => bytes + 6 * (text?.length ?? 0), 500);
}

/** Makes one change. Throws the error of its outcome. */
async function change(
  holder: Holder,
  wanted: Wanted,
  directory: string,
  signal: AbortSignal,
): Promise<Outcome> {
  const newLedger = holder.files.disk.randomBytes(8).toString('hex');
  let { state, effects } = stepAppend(beginAppend(wanted, holder.known, mostWaits, newLedger), {
    kind: 'begin',
  });
  let waitMs = shortestWaitMs;
  while (effects.length > 0) {
    if (effects.some((effect) => effect.do === 'wait')) {
      if (signal.aborted) throw abortError(signal);
      await setTimeout(waitMs);
      waitMs = Math.min(waitMs * 1.5, longestWaitMs);
      // The reader may have seen more meanwhile.
      state = { ...state, known: holder.known };
    }
    ({ state, effects } = stepAppend(state, holder.files.perform(effects)));
    holder.known = state.known;
  }
  const { outcome } = state;
  if (outcome === undefined) throw new Error('a change of the ledger ended without an outcome');
  if ('error' in outcome) throw outcome.error;
  if ('busy' in outcome) throw busy(directory);
  return outcome;
}

function busy(directory: string): AppError {
  const path = join(directory, lockName('append'));
  const holder = findHolder(path);
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new AppError('busy', `${who} is ${holder?.doing ?? 'writing to the ledger'}, and does not end`, {
    suggestions: ['try again when it is done'],
    details: { lock: path, holder: holder ?? null },
  });
}
