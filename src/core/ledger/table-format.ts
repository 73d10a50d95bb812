/**
 * A table: every entry up to a seq, by user, in one file that never changes.
 *
 *   lines     one a user, by the bytes of their ids: {"user", "entries", "sum"}
 *   zeros     up to a whole page
 *   pages     a hash index of 4096 bytes each: where each user's line is
 *   last line {"version", …, "sum"}: what the table is, with the sha256 of all before it
 *   16 bytes  where the last line starts, in 15 digits and a line feed
 */
import { hash } from 'node:crypto';
import type { Tombstone } from './entry-line.js';

/** What a table says of itself. */
export interface TableHead {
  readonly name: string;
  readonly bytes: number;
  /** `sum` of the last line. */
  readonly sum: string;
  readonly ledger: string;
  /** seq of the last line of a journal that went in. */
  readonly watermark: number;
  readonly numUsers: number;
  readonly numEntries: number;
  /** Where the users' lines end, and where the pages start. */
  readonly linesEnd: number;
  readonly pagesStart: number;
  readonly numPages: number;
  /** Of all bytes before the last line. */
  readonly sha256: string;
  /** Highest offset of each partition. */
  readonly positions: ReadonlyMap<string, number>;
  readonly tombstones: readonly Tombstone[];
}

export const tableVersion = 1;
export const trailerBytes = 16;

export const pageBytes = 4096;
/** u32 fingerprint, u32 bytes of the line, u64 its offset. */
export const slotBytes = 16;
/** The last 16 bytes of a page: u32 number of slots in use, u32 CRC-32 of all before it, and zeros. */
export const mostSlots = pageBytes / slotBytes - 1;
export const countAt = mostSlots * slotBytes;
export const crcAt = countAt + 4;
/** A page is half full on average, and hardly ever full: then its users go into the next. */
export const usersPerPage = 128;

/** Where a user is looked up: first in page `place` mod the number of pages. */
interface UserHash {
  readonly place: number;
  readonly fingerprint: number;
}

/** The first eight bytes of the id's sha256, so that nobody can choose ids that meet. */
export function hashOf(user: string): UserHash {
  const digest = hash('sha256', user, 'buffer');
  return { place: digest.readUInt32LE(0), fingerprint: digest.readUInt32LE(4) };
}
