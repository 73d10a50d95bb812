/**
 * What the ledger holds: what users did and said apart from any training, an entry each. An entry names ids, never rows, so
 * that it outlives every model.
 */

/**
 * - `play`: they played it; counts beyond what a snapshot knows;
 * - `like`, `dislike`, `ban`, `unban`: opinions; the latest holds, over whatever a snapshot says;
 * - `skip`: kept and shown; weighs nothing unless a question says so;
 * - `undo`: takes back the entry that `undoes` names.
 */
import type { Rank, Text } from '../contracts.js';
export const entryTypes = ['play', 'like', 'dislike', 'skip', 'ban', 'unban', 'undo'] as const;
export type EntryType = (typeof entryTypes)[number];

/** What an opinion is about: the item alone, or all items of the artist or album that `item` names. */
export const entryScopes = ['item', 'artist', 'album'] as const;
export type EntryScope = (typeof entryScopes)[number];

/** The answer that made a user act, so that its effect can be measured. */
export interface Attribution {
  /** Id of the snapshot that answered. */
  readonly snapshot: Text;
  readonly recipe?: Text | undefined;
  /** From 1. */
  readonly rank?: Rank | undefined;
}

/** Where an entry came from in a stream: the same place is the same entry. */
export interface StreamPosition {
  readonly partition: string;
  /** Ordered within its partition. */
  readonly offset: number;
}

/** An entry before it is in the journal. */
export interface NewEntry {
  /** 1 to 128 bytes of UTF-8; the same id for the same user is the same entry: with other content it is refused. */
  readonly id: string;
  readonly user: string;
  /** Id of the item, artist or album; undefined only for an `undo`. */
  readonly item: string | undefined;
  readonly type: EntryType;
  readonly scope: EntryScope;
  /** Whole units of 1e-9, ≥ 0. 1 for most. */
  readonly weight: bigint;
  /** When it happened, ms since 1970 UTC: entries are ordered by this, then by `seq`. Of `dated`. */
  readonly atMs: number;
  /** It is given now: the ledger dates it no earlier than what its user said before. Not kept. */
  readonly isNow?: boolean | undefined;
  /** The time that it brought, where that was later than when it was accepted. */
  readonly saidMs?: number | undefined;
  /** The id that an earlier version gave it, under which it may be there. Not kept. */
  readonly formerId?: string | undefined;
  /** Where it was said: `radio`, `discover`. */
  readonly source?: string | undefined;
  readonly answer?: Attribution | undefined;
  /** Id of the entry of the same user that an `undo` takes back. */
  readonly undoes?: string | undefined;
  readonly position?: StreamPosition | undefined;
}

/**
 * When an entry happened. A time that it brings holds, but not beyond the one at which it is accepted. Without one it is given
 * now, and comes after all that its user said before, whatever clocks said then. The date is kept, so that whoever reads the
 * ledger has the same order, by any clock.
 */
export function dated(
  saidMs: number | undefined,
  nowMs: number,
): Pick<NewEntry, 'atMs' | 'isNow' | 'saidMs'> {
  if (saidMs === undefined) return { atMs: nowMs, isNow: true };
  return saidMs > nowMs ? { atMs: nowMs, saidMs } : { atMs: saidMs };
}

/** An entry of the journal. */
export interface Entry extends NewEntry {
  /** 1, 2, …: the order of the journal, whatever was compacted since. */
  readonly seq: number;
}

/** One literal: millions of them are made. */
export function keptEntry(given: NewEntry, seq: number, atMs: number): Entry {
  const { id, user, item, type, scope, weight, saidMs, source, answer, undoes, position } = given;
  return { seq, id, user, item, type, scope, weight, atMs, saidMs, source, answer, undoes, position };
}

/** What a ledger can be asked, as of one moment. */
export interface LedgerView {
  /** Names the ledger, whatever becomes of its root: 16 hex digits. */
  readonly ledger: string;
  /** `seq` of the last entry that is seen; 0 where there is none. */
  readonly watermark: number;
  /**
   * What holds of a user up to the watermark: without repeated ids, without what was undone and the undoing, without what
   * came before the user was forgotten. By time, then seq. Costs four reads of the disk at most, whatever the number of users.
   * A reader may give the same list again, grown at its end.
   */
  of(user: string): readonly Entry[];
  /**
   * When a user asked to be forgotten, ms since 1970 UTC; undefined where they did not. What a snapshot knows of them that
   * is not later than that is not used.
   */
  forgottenAt(user: string): number | undefined;
}

/** Follows a ledger that others may write. */
export interface LedgerReader extends LedgerView {
  /**
   * Sees what was acknowledged before this call, in whichever process; to be called before every answer (two system calls
   * that make no object, where nothing changed). AppError 'damaged-ledger' for a line or block that is damaged, but for a last line cut short.
   */
  refresh(): void;
  /** The ledger as of now, which stays so while this reader goes on. */
  pin(): LedgerView;
  /** The ledger as of an earlier watermark. */
  pinnedAt(watermark: number): LedgerView;
  /** `seq` of the latest forgetting of a user; 0 where nobody was forgotten. */
  readonly lastForgetting: number;
  /** The latest time of a user's entries, ms since 1970 UTC, whether they hold or not; undefined where there are none. */
  latestOf(user: string): number | undefined;
  /** Ids of all users with entries, each once, in the order of their bytes. */
  users(): Iterable<string>;
  close(): void;
}
