/** Does the effects of the protocol on a disk, and answers. */
import { createHmac, hash } from 'node:crypto';
import { handingOn } from '../closers.js';
import { machineError } from '../errors.js';
import type { Entry } from './entry.js';
import { readAcknowledged, slotOf } from './acknowledged-file.js';
import { damagedLedger } from './damaged-ledger.js';
import type { LedgerDisk, OpenFile } from './disk.js';
import type { Answer, Effect, LedgerEvent } from './effects.js';
import type { JournalPart } from './journal-part.js';
import {
  acknowledgedName,
  journalName,
  keyName,
  liveName,
  numberOf,
  tableName,
  type LockKind,
} from './layout.js';
import type { LiveTable } from './live-file.js';
import { openTable, type OpenTable } from './open-table.js';
import { writeTable } from './write-table.js';

type Sync = Extract<Effect, { do: 'sync' }>;
export type BuildTable = Extract<Effect, { do: 'build-table' }>;

const done: Answer = { of: 'done' };
const missing: Answer = { of: 'missing' };
export const keyBytes = 32;
/** live.json is looked at before an answer where that is so long ago. */
const mostMsBetweenLooks = 100;
const nothingFound = (): readonly Entry[] => [];

interface OpenJournal {
  readonly name: string;
  readonly number: number;
  readonly file: OpenFile;
  /** Whether there is the next one, or it is not the live one's any more. */
  readonly isFollowed: () => boolean;
}

/** What a process holds open of a ledger. */
export class LedgerFiles {
  readonly disk: LedgerDisk;
  /** The journal that was read last. */
  #journal: OpenJournal | undefined;
  /** When live.json was looked at. */
  #lookedAt = -Infinity;
  /** Those of live.json that was read last, in its order. */
  tables: readonly OpenTable[] = [];
  /** In those tables. */
  #find: (user: string) => readonly Entry[] = nothingFound;
  /** That of live.json that was read last. */
  #key: Buffer | undefined;
  #isAppending = false;
  #waiting: (() => void)[] = [];

  constructor(disk: LedgerDisk) {
    this.disk = disk;
  }

  /** Does them in order, up to the first that fails. */
  perform(effects: readonly Effect[]): LedgerEvent {
    let answer = done;
    for (const effect of effects) {
      try {
        answer = this.#perform(effect);
      } catch (error) {
        return this.#failed(effect, error);
      }
    }
    return { kind: 'answer', answer };
  }

  /** Does 'sync', while the event loop goes on. */
  async sync(effect: Sync): Promise<LedgerEvent> {
    try {
      await this.disk.syncing(effect.file);
      return { kind: 'answer', answer: done };
    } catch (error) {
      return this.#failed(effect, error);
    }
  }

  /** Whether this process holds the lock on appending: then it knows all that others wrote. */
  get isAppending(): boolean {
    return this.#isAppending;
  }

  /** Resolves when this process gives back the lock on appending. */
  async appended(): Promise<void> {
    if (this.#isAppending) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Does 'build-table'. Yields how many users are in the table, now and then. */
  *build({ generation, sources }: BuildTable): Generator<number, LedgerEvent> {
    try {
      const markOf = (user: string): string => this.markOf(user);
      const names = new Set(sources.tables.map(({ name }) => name));
      const tables = this.tables.filter(({ head }) => names.has(head.name));
      const table = yield* writeTable(this.disk, generation, { known: sources, tables, markOf });
      return { kind: 'answer', answer: { of: 'built', table } };
    } catch (error) {
      return { kind: 'failed', error: machineError(error, `compact ${this.disk.directory}`) };
    }
  }

  /** A user's entries in the tables, by seq. */
  inTables(user: string): readonly Entry[] {
    return this.#find(user);
  }

  close(): void {
    for (const table of this.tables) table.close();
    this.tables = [];
    this.#find = nothingFound;
    this.#journal?.file.close();
    this.#journal = undefined;
    this.disk.close();
  }

  /**
   * Whether nothing was acknowledged since this last journal was read. An entry makes it longer; and before one goes into
   * the next journal, that is made. What else changes live.json is seen a little later: a table in the place of journals
   * that are in memory, or that files were exchanged by hand.
   */
  isUpToDate({ number, end, rest }: JournalPart): boolean {
    const journal = this.#journal;
    if (journal?.number !== number || this.disk.now() - this.#lookedAt > mostMsBetweenLooks) return false;
    try {
      return journal.file.hasSize(end + rest) && !journal.isFollowed();
    } catch {
      return false;
    }
  }

  /** The mark by which a user is forgotten: it tells nobody who has not the key who that is. */
  markOf(user: string): string {
    return createHmac('sha256', this.#requireKey()).update(user).digest('hex');
  }

  #failed(effect: Effect, error: unknown): LedgerEvent {
    return { kind: 'failed', error: machineError(error, `${wordsOf(effect)} of ${this.disk.directory}`) };
  }

  #lock(kind: LockKind): boolean {
    const isHeld = this.disk.lock(kind);
    if (kind === 'append' && isHeld) this.#isAppending = true;
    return isHeld;
  }

  #unlock(kind: LockKind): void {
    this.disk.unlock(kind);
    if (kind !== 'append') return;
    this.#isAppending = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #perform(effect: Effect): Answer {
    const { disk } = this;
    switch (effect.do) {
      case 'lock':
        return { of: 'lock', held: this.#lock(effect.lock) };
      case 'unlock':
        this.#unlock(effect.lock);
        return done;
      case 'look': {
        this.#lookedAt = disk.now();
        const stamp = disk.stampOf(liveName);
        this.#forgetLostJournal();
        const journal = this.#journal?.name === effect.journal ? this.#journal?.file.size() : undefined;
        return { of: 'looked', stamp, journalBytes: journal };
      }
      case 'read-live':
        return this.#readLive();
      case 'open-tables':
        return this.#openTables(effect.tables);
      case 'read-journal':
        return this.#readJournal(effect.name, effect.from, effect.to);
      case 'find':
        return {
          of: 'users',
          entries: new Map(effect.users.map((user) => [user, this.inTables(user)])),
          marks: new Map(effect.marks ? effect.users.map((user) => [user, this.markOf(user)]) : []),
        };
      case 'list':
        return { of: 'names', bytes: disk.list() };
      case 'create':
        disk.create(effect.file);
        disk.sync(effect.file);
        return done;
      case 'share':
        disk.share();
        return done;
      case 'acknowledge': {
        const bytes = this.#read(acknowledgedName);
        if (bytes === undefined) throw damagedLedger(acknowledgedName, 'it is missing');
        const { next } = readAcknowledged(bytes, effect.ledger);
        disk.write(acknowledgedName, next, slotOf(effect.ledger, effect.seq));
        return done;
      }
      case 'write':
        disk.write(effect.file, effect.at, effect.bytes);
        return done;
      case 'cut':
        disk.truncate(effect.file, effect.bytes);
        return done;
      case 'sync':
        disk.sync(effect.file);
        return done;
      case 'sync-names':
        disk.syncNames();
        return done;
      case 'remove':
        disk.remove(effect.file);
        return done;
      case 'build-table':
        throw new Error('a table is built apart');
      case 'rename':
        disk.rename(effect.from, effect.to);
        return done;
    }
  }

  /** What was acknowledged first: it is in what a live.json names that is read after it. */
  #readLive(): Answer {
    const acknowledged = this.#read(acknowledgedName);
    const file = this.disk.open(liveName);
    if (file === undefined) return missing;
    try {
      const [text, stamp] = [bytesOf(file, 0, null).toString('utf8'), file.stamp()];
      this.#key = this.#read(keyName);
      const key = this.#key === undefined ? undefined : hash('sha256', this.#key);
      return { of: 'live', text, stamp, acknowledged, key };
    } finally {
      file.close();
    }
  }

  /** All of a small file; undefined where there is none. */
  #read(name: string): Buffer | undefined {
    const file = this.disk.open(name);
    try {
      return file === undefined ? undefined : bytesOf(file, 0, null);
    } finally {
      file?.close();
    }
  }

  /** All of them or none. */
  #openTables(wanted: readonly LiveTable[]): Answer {
    const opened: OpenTable[] = [];
    const openOne = ({ generation, sum }: LiveTable): OpenTable | undefined => {
      const known = this.tables.find(({ head }) => head.name === tableName(generation) && head.sum === sum);
      if (known !== undefined) return known;
      const file = this.disk.open(tableName(generation));
      if (file === undefined) return undefined;
      return handingOn(file, () => {
        const table = openTable(file, tableName(generation), sum);
        opened.push(table);
        return table;
      });
    };
    let tables: readonly (OpenTable | undefined)[] = [];
    try {
      tables = wanted.map(openOne);
    } finally {
      if (tables.length === 0 || tables.includes(undefined)) for (const table of opened) table.close();
    }
    const all = tables.filter((each) => each !== undefined);
    if (all.length < wanted.length) return missing;
    for (const table of this.tables) if (!all.includes(table)) table.close();
    this.tables = all;
    this.#find = keepingLookups((user) => all.flatMap((table) => table.find(user)));
    return { of: 'tables', heads: all.map(({ head }) => head) };
  }

  /** One that has lost its name, by a compaction or by hand, is not written to or read any more. */
  #forgetLostJournal(): void {
    const journal = this.#journal;
    if (journal === undefined || this.disk.stampOf(journal.name) === journal.file.stamp()) return;
    this.#journal = undefined;
    journal.file.close();
  }

  #readJournal(name: string, from: number, to: number | null): Answer {
    if (this.#journal?.name !== name) {
      const file = this.disk.open(name);
      if (file === undefined) return missing;
      this.#journal?.file.close();
      const number = numberOf('journal', name) ?? 0;
      // Journals are removed in order: where the next one is gone already, so is this one.
      const [hasNext, isThere] = [journalName(number + 1), name].map((each) => this.disk.presence(each));
      this.#journal = { name, number, file, isFollowed: () => hasNext!() || !isThere!() };
    }
    return { of: 'journal', bytes: bytesOf(this.#journal.file, from, to) };
  }

  #requireKey(): Buffer {
    const key = this.#key;
    if (key === undefined) throw damagedLedger(keyName, 'it is missing, and users were forgotten by it');
    if (key.length !== keyBytes) throw damagedLedger(keyName, `it has ${key.length} bytes`);
    return key;
  }
}

/** From `from` to `to`, or to the end; fewer where the file is shorter. */
function bytesOf(file: OpenFile, from: number, to: number | null): Buffer {
  const buffer = Buffer.allocUnsafe(Math.max(0, (to ?? file.size()) - from));
  return buffer.subarray(0, file.read(buffer, from));
}

function wordsOf(effect: Effect): string {
  const file = 'file' in effect ? effect.file : 'name' in effect ? effect.name : 'the files';
  return `${effect.do.replace('-', ' ')}: ${file}`;
}

/** Entries that are kept, twice at most: some 60 MB of plays. */
const mostEntries = 100_000;

/**
 * Looks users up, and keeps those that were looked up last: whoever does something now is likely to do more, and is asked for when
 * it is added and when it is answered. @param find of a table that does not change
 */
function keepingLookups(find: (user: string) => readonly Entry[]): (user: string) => readonly Entry[] {
  let recent = new Map<string, readonly Entry[]>();
  let before = new Map<string, readonly Entry[]>();
  let numEntries = 0;
  return (user) => {
    const known = recent.get(user);
    if (known !== undefined) return known;
    const entries = before.get(user) ?? find(user);
    numEntries += entries.length + 1;
    if (numEntries > mostEntries) {
      before = recent;
      recent = new Map();
      numEntries = entries.length + 1;
    }
    recent.set(user, entries);
    return entries;
  };
}
