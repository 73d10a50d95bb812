/**
 * Compacts journals: writes a table of what they and other tables hold. A function of the lines alone: what went into an earlier table, and
 * when, makes no difference to any byte.
 */
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { journalLine } from '../files/journal.js';
import type { LedgerDisk } from './disk.js';
import type { Entry } from './entry.js';
import { entryFields, tombstoneFields } from './entry-line.js';
import { forgottenOf, positionsOf, tombstonesOf, watermarkOf, type Known } from './known.js';
import { compareBytes, usersInJournals } from './ledger-view.js';
import type { LiveTable } from './live-file.js';
import { tableName } from './layout.js';
import {
  countAt,
  crcAt,
  hashOf,
  mostSlots,
  pageBytes,
  slotBytes,
  tableVersion,
  usersPerPage,
} from './table-format.js';
import { mergedLines } from './merge-tables.js';
import type { OpenTable } from './open-table.js';

export interface TableSources {
  /** The tables and the journals that are to go in. */
  readonly known: Known;
  /** Those of `known`, in its order. */
  readonly tables: readonly Pick<OpenTable, 'lines'>[];
  readonly markOf: (user: string) => string;
}

/** So much is written at a time, and made durable at a time: an fsync of it all would hold up its process for long. */
const writtenAtOnce = 1 << 20;
const syncedAtOnce = 16 << 20;

/**
 * Writes it, durable but for its name. Yields the number of users that are in it, now and then, for its caller to attend
 * to something else. Throws errno errors, and 'damaged-ledger' where another table is damaged.
 */
export function* writeTable(
  disk: LedgerDisk,
  generation: number,
  sources: TableSources,
): Generator<number, LiveTable> {
  const { known } = sources;
  const file = new TableFile(disk, tableName(generation));
  const index = new IndexBuilder();
  let numEntries = 0;
  for (const { user, line, entries } of lines(sources)) {
    index.add(user, file.bytes, line.length);
    numEntries += entries;
    if (file.add(line)) yield index.numUsers;
  }
  const linesEnd = file.bytes;
  file.add(Buffer.alloc((pageBytes - (linesEnd % pageBytes)) % pageBytes));
  const pagesStart = file.bytes;
  const pages = yield* index.pages();
  for (let start = 0; start < pages.length; start += writtenAtOnce)
    if (file.add(pages.subarray(start, start + writtenAtOnce))) yield index.numUsers;
  const last = journalLine({
    version: tableVersion,
    ledger: known.live?.ledger,
    watermark: watermarkOf(known),
    ...{ users: index.numUsers, entries: numEntries, linesEnd, pagesStart, pages: pages.length / pageBytes },
    positions: [...positionsOf(known)].sort(([a], [b]) => compareBytes(a, b)),
    forgotten: tombstonesOf(known).map(tombstoneFields),
    sha256: file.digest(),
  });
  const start = String(file.bytes).padStart(15, '0');
  file.add(Buffer.from(`${last}${start}\n`));
  file.finish();
  return { generation, sum: sumIn(last) };
}

/** Of a line that `journalLine` made. */
function sumIn(line: string): string {
  return line.slice(-19, -3);
}

interface UserLine {
  readonly user: string;
  readonly line: Buffer;
  readonly entries: number;
}

/** The users of the tables and of the journals, merged. */
function* lines(sources: TableSources): Generator<UserLine> {
  const { known, tables, markOf } = sources;
  const forgotten = forgottenOf(known);
  const isForgettingAnew = known.parts.some((part) => part.tombstones.length > 0);
  const forgottenAt = (user: string): number => forgotten.get(markOf(user)) ?? -Infinity;
  const made = function* (user: string, entries: readonly Entry[]): Generator<UserLine> {
    const from = forgotten.size === 0 ? -Infinity : forgottenAt(user);
    const left = entries.filter(({ atMs }) => atMs > from);
    if (left.length > 0) yield { user, line: lineOf(user, left), entries: left.length };
  };
  const added = (user: string): Entry[] => known.parts.flatMap((part) => part.users.get(user) ?? []);
  const users = usersInJournals(known);
  let next = 0;
  for (const { user, lines } of mergedLines(tables)) {
    for (; next < users.length && compareBytes(users[next]!, user) < 0; next++)
      yield* made(users[next]!, added(users[next]!));
    const isAdded = users[next] === user;
    const [line] = lines;
    if (
      isAdded ||
      line === undefined ||
      lines.length > 1 ||
      (isForgettingAnew && forgottenAt(user) > -Infinity)
    )
      yield* made(user, [...lines.flatMap((each) => each.entries()), ...(isAdded ? added(user) : [])]);
    else yield { user, line: line.checked(), entries: line.count };
    if (isAdded) next++;
  }
  for (; next < users.length; next++) yield* made(users[next]!, added(users[next]!));
}

function lineOf(user: string, entries: readonly Entry[]): Buffer {
  const fields = entries.map((entry) => entryFields(entry, entry.seq, undefined));
  return Buffer.from(journalLine({ user, count: entries.length, entries: fields }));
}

class TableFile {
  bytes = 0;
  readonly #disk: LedgerDisk;
  readonly #name: string;
  readonly #hash = createHash('sha256');
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #written = 0;
  #synced = 0;

  constructor(disk: LedgerDisk, name: string) {
    this.#disk = disk;
    this.#name = name;
    disk.create(name);
  }

  /** Whether any of it was written. */
  add(bytes: Buffer): boolean {
    this.#hash.update(bytes);
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    this.bytes += bytes.length;
    if (this.#waitingBytes < writtenAtOnce) return false;
    this.#write();
    if (this.#written - this.#synced >= syncedAtOnce) this.#sync();
    return true;
  }

  /** Lower-case hex sha256 of all that was added. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  finish(): void {
    this.#write();
    this.#sync();
  }

  #write(): void {
    this.#disk.write(this.#name, this.#written, Buffer.concat(this.#waiting));
    this.#written = this.bytes;
    this.#waiting = [];
    this.#waitingBytes = 0;
  }

  #sync(): void {
    this.#disk.sync(this.#name);
    this.#synced = this.#written;
  }
}

/** So many users are put into pages before the caller may attend to something else: some milliseconds. */
const placedAtOnce = 1 << 15;

/** Memory: four numbers a user, and the pages. */
class IndexBuilder {
  readonly #places: number[] = [];
  readonly #fingerprints: number[] = [];
  readonly #offsets: number[] = [];
  readonly #lengths: number[] = [];

  get numUsers(): number {
    return this.#places.length;
  }

  add(user: string, offset: number, length: number): void {
    const { place, fingerprint } = hashOf(user);
    this.#places.push(place);
    this.#fingerprints.push(fingerprint);
    this.#offsets.push(offset);
    this.#lengths.push(length);
  }

  /** The users go in by their order, each into the first page that has room. Yields now and then. */
  *pages(): Generator<number, Buffer> {
    const numPages = Math.max(1, Math.ceil(this.numUsers / usersPerPage));
    const pages = Buffer.alloc(numPages * pageBytes);
    for (let at = 0; at < this.numUsers; at++) {
      let page = this.#places[at]! % numPages;
      while (pages.readUInt32LE(page * pageBytes + countAt) === mostSlots) page = (page + 1) % numPages;
      const start = page * pageBytes;
      const count = pages.readUInt32LE(start + countAt);
      const slot = start + count * slotBytes;
      const offset = this.#offsets[at]!;
      pages.writeUInt32LE(this.#fingerprints[at]!, slot);
      pages.writeUInt32LE(this.#lengths[at]!, slot + 4);
      pages.writeUInt32LE(offset % 2 ** 32, slot + 8);
      pages.writeUInt32LE(Math.floor(offset / 2 ** 32), slot + 12);
      pages.writeUInt32LE(count + 1, start + countAt);
      if (at % placedAtOnce === placedAtOnce - 1) yield this.numUsers;
    }
    for (let start = 0; start < pages.length; start += pageBytes)
      pages.writeUInt32LE(crc32(pages.subarray(start, start + crcAt)), start + crcAt);
    return pages;
  }
}
