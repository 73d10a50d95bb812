/**
 * The directory in which a follower keeps what it knows: a ledger of the events with their positions, the dead letters, and a note
 * of how far everything has been done. One process at a time owns it.
 */
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError, errnoOf, machineError, orMachineError } from '../errors.js';
import { makeDirectory, replaceFile } from '../files/durable-write.js';
import { journalLine, parseJournalLine } from '../files/journal.js';
import { tryLock } from '../files/kernel-lock.js';
import { findHolder } from '../files/lock-holders.js';
import type { LedgerReader, NewEntry } from '../ledger/entry.js';
import { mostJournalBytes, openLedger } from '../ledger/open-ledger.js';
import { bury, readBuried } from './dead-letters.js';
import type { DeadLetter, FollowNote, Recovered, StoredOutcome } from './step.js';

export interface StateDirectory {
  readonly recovered: Recovered;
  readonly entries: LedgerReader;
  /** In one durable write with their positions. */
  store(entries: readonly NewEntry[]): Promise<readonly StoredOutcome[]>;
  bury(letters: readonly DeadLetter[]): void;
  /** May be lost in a power cut: then what follows an earlier one is done again. */
  note(note: FollowNote): void;
  close(): Promise<void>;
}

const noteName = 'follower.json';
const lockName = 'lock-follow';

/** AppErrors 'busy' where another process owns it, those of the ledger, and of the machine. */
export async function openStateDirectory(directory: string, context: TaskContext): Promise<StateDirectory> {
  if (makeDirectory(directory))
    orMachineError(`close ${directory} to others`, () => chmodSync(directory, 0o700));
  const opened = new Closers();
  try {
    const path = join(directory, lockName);
    const lock = orMachineError(`lock ${path}`, () =>
      tryLock(path, { create: true, doing: 'following events' }),
    );
    if (lock === undefined) throw owned(directory, path);
    opened.keep({ close: () => lock.release() });
    // It is opened once, and every event of many is a line: a table is not written more often than it has to be.
    const ledger = await openLedger(directory, context, mostJournalBytes);
    const stored = ledger.positions();
    return {
      recovered: { stored, buried: readBuried(directory, stored), noted: readNote(directory) },
      entries: ledger.reader,
      async store(entries) {
        const added = await ledger.add(entries);
        return added.map((each) => ('seq' in each ? 'added' : each.leftOut));
      },
      bury: (letters) => bury(directory, letters),
      note: ({ done, snapshot }) => {
        const fields = { version: 1, done: Object.fromEntries(done), snapshot };
        replaceFile(join(directory, noteName), journalLine(fields));
      },
      async close() {
        await ledger.close();
        opened.close();
      },
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

/** undefined where there is none, or it is not whole: everything is then done again. */
function readNote(directory: string): FollowNote | undefined {
  const path = join(directory, noteName);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw machineError(error, `read ${path}`);
  }
  const { fields, hasSum } = parseJournalLine(text.trimEnd()) ?? { fields: {}, hasSum: false };
  const { done, snapshot } = fields;
  if (!hasSum || typeof done !== 'object' || done === null) return undefined;
  const offsets = Object.entries(done).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return { done: new Map(offsets), snapshot: typeof snapshot === 'string' ? snapshot : undefined };
}

function owned(directory: string, path: string): AppError {
  const holder = findHolder(path);
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new AppError('busy', `${who} follows events into ${directory}`, {
    suggestions: ['wait until it has ended, or give this one a directory of its own: `state` DIR'],
    details: { lock: path, holder: holder ?? null },
  });
}
