/**
 * The directory in which a follower keeps what it knows: a ledger of the events with their positions, the dead letters, and a note
 * of how far everything has been done. One process at a time owns it.
 */
import { chmodSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { opening } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { AppError, orMachineError } from '../errors.js';
import { makeDirectory } from '../files/durable-write.js';
import { tryLock, type Lock } from '../files/kernel-lock.js';
import { findHolder } from '../files/lock-holders.js';
import type { LedgerReader, NewEntry } from '../ledger/entry.js';
import { mostRecentBytes, openLedger } from '../ledger/open-ledger.js';
import { conflictIn } from '../ledger/same-content.js';
import { bury, readBuried } from './dead-letters.js';
import { ForgottenUsers } from './forgotten-users.js';
import { readNote, writeNote } from './note-file.js';
import type { FileMark } from './source.js';
import type { DeadLetter, FollowEffect, FollowNote, Recovered, StoredOutcome } from './step.js';

type StoreEffect = Extract<FollowEffect, { kind: 'store' }>;

export interface StateDirectory {
  readonly recovered: Recovered;
  readonly entries: LedgerReader;
  /** Forgets whom the root forgot meanwhile; so does `store`. */
  obey(): Promise<void>;
  /** Whether a user was forgotten, and has done nothing since. */
  isGone(user: string): boolean;
  /** In one durable write with their positions, once those with the id of another are dead letters. */
  store(group: Pick<StoreEffect, 'entries' | 'lines'>): Promise<readonly StoredOutcome[]>;
  bury(letters: readonly DeadLetter[]): void;
  /** Unless it is durable it may be lost in a power cut: then what follows an earlier one is done again. */
  note(note: FollowNote, isDurable?: boolean): void;
  close(): Promise<void>;
}

const version = 1;
const noteName = 'follower.json';
const lockName = 'lock-follow';
const mostWithStarts = 8;

/**
 * AppErrors 'busy' where another process owns it, 'bad-usage' for a root or its ledger, 'newer-format', those of the ledger, and of
 * the machine.
 * @param rootFeedback directory of the root's ledger, whose forgotten users are forgotten here too
 */
export async function openStateDirectory(
  directory: string,
  rootFeedback: string,
  context: TaskContext,
): Promise<StateDirectory> {
  if (makeDirectory(directory))
    orMachineError(`close ${directory} to others`, () => chmodSync(directory, 0o700));
  requireOwn(directory);
  return opening(async (opened) => {
    const lock = lockState(directory, 'following events');
    if (lock === undefined)
      throw owned(directory, 'wait until it has ended, or give this one a directory of its own: `state` DIR');
    opened.keep({ close: () => lock.release() });
    // It is opened once, and every event of many is a line: a table is not written more often than it has to be.
    const asState = { mostJournalBytes: mostRecentBytes, isPrivate: true };
    const ledger = await openLedger(directory, context, asState).catch((error: unknown) => {
      throw ofState(directory, error);
    });
    const stored = ledger.positions();
    const noted = sinceStored(readFollowNote(directory), stored, ledger.reader.watermark, directory, context);
    const recovered = { stored, buried: readBuried(directory, noted?.done ?? new Map()), noted };
    const forgotten = opened.keep(new ForgottenUsers(directory, ledger, rootFeedback));
    await forgotten.obey();
    const isForgotten = ({ user, atMs, isNow }: NewEntry): boolean =>
      isNow !== true && atMs <= (forgotten.until(user) ?? NaN);
    /** What is given now comes after a forgetting that a clock which was ahead has dated later. */
    const after = (entry: NewEntry): NewEntry =>
      entry.isNow === true
        ? { ...entry, atMs: Math.max(entry.atMs, (forgotten.until(entry.user) ?? -Infinity) + 1) }
        : entry;
    const buryAll = (letters: readonly DeadLetter[]): void => bury(directory, forgotten.without(letters));
    return {
      recovered,
      entries: ledger.reader,
      obey: () => forgotten.obey(),
      isGone: (user) => forgotten.isGone(user),
      async store({ entries, lines }) {
        await forgotten.obey();
        const places = [...entries.keys()].filter((at) => !isForgotten(entries[at]!));
        const taken = places.map((at) => after(entries[at]!));
        const judged = lines.some((line) => line !== '') ? ledger.judge(taken) : [];
        const letters = judged.flatMap((outcome, at): DeadLetter[] => {
          const entry = taken[at]!;
          if (!('holds' in outcome) || entry.position === undefined) return [];
          const reason = conflictIn(entry, outcome.holds);
          return [{ ...entry.position, reason, line: lines[places[at]!] ?? '' }];
        });
        if (letters.length > 0) buryAll(letters);
        const added = await ledger.add(taken);
        let next = 0;
        return entries.map((entry): StoredOutcome => {
          const each = isForgotten(entry) ? { leftOut: 'forgotten' as const } : added[next++]!;
          return 'seq' in each ? 'added' : each.leftOut;
        });
      },
      bury: buryAll,
      note({ done, snapshot, marks }, isDurable) {
        const seq = ledger.reader.watermark;
        const files = Object.fromEntries([...marks].map(keptMark));
        const fields = { version, done: Object.fromEntries(done), snapshot, seq, files };
        writeNote(join(directory, noteName), fields, isDurable);
      },
      async close() {
        await ledger.close();
        opened.close();
      },
    };
  });
}

/** A root has a ledger too: says of what is damaged that it is the state's. */
export function ofState(directory: string, error: unknown): unknown {
  if (!(error instanceof AppError) || error.code !== 'damaged-ledger') return error;
  const { code, message, suggestions, details } = error;
  return new AppError(code, `${directory}, the state of a follower: ${message}`, {
    suggestions,
    details: { ...details, directory },
  });
}

/** A ledger of feedback looks like a state but for what a follower adds: its entries would count twice. */
function requireOwn(directory: string): void {
  const holds = (name: string): boolean => existsSync(join(directory, name));
  if (holds(lockName) || holds(noteName)) return;
  const what = holds('snapshots') ? 'a root' : holds('live.json') ? 'the ledger of a root' : undefined;
  if (what === undefined) return;
  throw new AppError('bad-usage', `${directory} is ${what}, and no directory of a follower`, {
    suggestions: ['name a directory of its own: `state` DIR'],
    details: { directory },
  });
}

type ReadNote = FollowNote & { readonly seq: number };

/** Of a file that was written long ago there is no copy that begins now. */
function keptMark(
  [partition, mark]: [string, FileMark],
  at: number,
  all: readonly unknown[],
): [string, object] {
  return [partition, at < all.length - mostWithStarts ? { ...mark, starts: {} } : mark];
}

/** Where the ledger ends before what was noted, what it does not hold was not done. */
function sinceStored(
  noted: ReadNote | undefined,
  stored: ReadonlyMap<string, number>,
  watermark: number,
  directory: string,
  { onProgress }: TaskContext,
): FollowNote | undefined {
  if (noted === undefined || noted.seq <= watermark) return noted;
  const message = `the journal of ${directory} ends at entry ${watermark}, and ${noted.seq} were stored: it lost its end. What still stands where it was read from is read again; what does not is lost, unless a backup of ${directory} has it`;
  onProgress({ kind: 'warning', message });
  const done = [...noted.done].map(
    ([partition, offset]) => [partition, Math.min(offset, stored.get(partition) ?? 0)] as const,
  );
  return { ...noted, done: new Map(done) };
}

/** AppError 'newer-format'; undefined where there is none, or it is not whole: everything is then done again. */
function readFollowNote(directory: string): ReadNote | undefined {
  const path = join(directory, noteName);
  const fields = readNote(path);
  if (fields === undefined) return undefined;
  const { version: itsVersion, done, snapshot, seq, files } = fields;
  if (typeof itsVersion === 'number' && itsVersion > version) {
    throw new AppError(
      'newer-format',
      `${path} has format version ${itsVersion}, and this segue reads up to ${version}`,
      { suggestions: ['update segue'], details: { file: path } },
    );
  }
  if (typeof done !== 'object' || done === null) return undefined;
  const offsets = Object.entries(done).filter(
    (entry): entry is [string, number] => typeof entry[1] === 'number',
  );
  return {
    done: new Map(offsets),
    // Its checksum says that it was written here.
    marks: new Map(Object.entries((files ?? {}) as Readonly<Record<string, FileMark>>)),
    snapshot: typeof snapshot === 'string' ? snapshot : undefined,
    seq: typeof seq === 'number' ? seq : 0,
  };
}

/** Whether a follower has ever had this directory. */
export function isStateDirectory(directory: string): boolean {
  return existsSync(join(directory, lockName));
}

/** undefined where another process owns it. AppErrors of the machine. */
export function lockState(directory: string, doing: string): Lock | undefined {
  const path = join(directory, lockName);
  return orMachineError(`lock ${path}`, () => tryLock(path, { create: true, doing }));
}

export function owned(directory: string, suggestion: string): AppError {
  const path = join(directory, lockName);
  const holder = findHolder(path);
  const who = holder === undefined ? 'another process' : `process ${holder.pid} on ${holder.host}`;
  return new AppError('busy', `${who} follows events into ${directory}`, {
    suggestions: [suggestion],
    details: { lock: path, holder: holder ?? null },
  });
}
