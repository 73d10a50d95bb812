/** A table that is open: looked up by user in two reads, or read line by line. */
import { crc32 } from 'node:zlib';
import type { AppError } from '../errors.js';
import { hasRightSum, parseJournalLine } from '../files/journal.js';
import { damagedLedger, newerFormat } from './damaged-ledger.js';
import type { OpenFile } from './disk.js';
import type { Entry } from './entry.js';
import { parseEntry, parseTombstone } from './entry-line.js';
import { liveName } from './layout.js';
import {
  countAt,
  crcAt,
  hashOf,
  mostSlots,
  pageBytes,
  slotBytes,
  tableVersion,
  trailerBytes,
} from './table-format.js';
import type { TableHead } from './table-format.js';

/** A user's line, as it stands in the table. */
export interface StoredLine {
  readonly user: string;
  /** Where it starts. */
  readonly offset: number;
  readonly bytes: number;
  readonly count: number;
  /** By seq. AppError 'damaged-ledger'. */
  entries(): readonly Entry[];
  /** With its line feed, after its checksum was compared. AppError 'damaged-ledger'. */
  checked(): Buffer;
}

export interface OpenTable {
  readonly head: TableHead;
  /** A user's entries by seq; none where the user is not in it. Two reads. AppError 'damaged-ledger'. */
  find(user: string): readonly Entry[];
  /** Every user's line, by the bytes of their ids. */
  lines(): Iterable<StoredLine>;
  readonly file: OpenFile;
  close(): void;
}

const mostReadBytes = 1 << 20;
const lineFeed = 0x0a;

/**
 * Takes over `file`, which is the table `name`. AppErrors 'damaged-ledger' where it is not the one whose last line has this
 * sum, and 'newer-format'.
 */
export function openTable(file: OpenFile, name: string, sum: string): OpenTable {
  const head = readHead(file, name, sum);
  const page = Buffer.alloc(pageBytes);
  let block = Buffer.alloc(0);
  const damaged = (problem: string): AppError => damagedLedger(name, problem);

  const readPage = (number: number): number => {
    const at = head.pagesStart + number * pageBytes;
    const isWhole = file.read(page, at) === pageBytes;
    const count = page.readUInt32LE(countAt);
    if (!isWhole || crc32(page.subarray(0, crcAt)) !== page.readUInt32LE(crcAt) || count > mostSlots)
      throw damaged(`the index page at byte ${at} has a wrong checksum`);
    return count;
  };
  const readLine = (offset: number, bytes: number): string => {
    if (bytes > block.length) block = Buffer.alloc(2 * bytes);
    const got = file.read(block.subarray(0, bytes), offset);
    return block.toString('utf8', 0, Math.max(0, got - 1));
  };

  let isClosed = false;
  /** How many read the lines: to their end, also when another table has taken its place meanwhile. */
  let reading = 0;
  const closeIfOver = (): void => {
    if (isClosed && reading === 0) file.close();
  };
  const held = function* <T>(lines: Iterable<T>): Generator<T> {
    reading++;
    try {
      yield* lines;
    } finally {
      reading--;
      closeIfOver();
    }
  };

  return {
    head,
    file,
    find(user) {
      const { place, fingerprint } = hashOf(user);
      for (let tried = 0; tried < head.numPages; tried++) {
        const count = readPage((place + tried) % head.numPages);
        for (let slot = 0; slot < count * slotBytes; slot += slotBytes) {
          if (page.readUInt32LE(slot) !== fingerprint) continue;
          const offset = page.readUInt32LE(slot + 8) + page.readUInt32LE(slot + 12) * 2 ** 32;
          const found = parseUserLine(readLine(offset, page.readUInt32LE(slot + 4)));
          if (found === undefined) throw damaged(`the entries at byte ${offset} have a wrong checksum`);
          if (found.user === user) return found.entries;
        }
        if (count < mostSlots) return [];
      }
      return [];
    },
    *lines() {
      for (const { offset, bytes } of held(linesOf(file, head.linesEnd))) {
        const text = bytes.toString('utf8', 0, bytes.length - 1);
        const wrong = (): AppError => damaged(`the entries at byte ${offset} have a wrong checksum`);
        const start = startIn(text);
        if (start === undefined) throw wrong();
        yield {
          ...start,
          offset,
          bytes: bytes.length,
          entries() {
            const found = parseUserLine(text);
            if (found === undefined) throw wrong();
            return found.entries;
          },
          checked() {
            if (!hasRightSum(text)) throw wrong();
            return Buffer.from(bytes);
          },
        };
      }
    },
    close: () => {
      isClosed = true;
      closeIfOver();
    },
  };
}

/** Lines that end at `end`, with their line feeds. What they are in is used again for the next. */
function* linesOf(
  file: OpenFile,
  end: number,
): Generator<{ readonly offset: number; readonly bytes: Buffer }> {
  let buffer = Buffer.alloc(Math.min(mostReadBytes, end));
  let filled = 0;
  for (let offset = 0; offset < end;) {
    if (filled === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
    const wanted = Math.min(buffer.length - filled, end - offset - filled);
    const got = file.read(buffer.subarray(filled, filled + wanted), offset + filled);
    const bytes = buffer.subarray(0, filled + got);
    let start = 0;
    for (let stop = bytes.indexOf(lineFeed); stop >= 0; stop = bytes.indexOf(lineFeed, start)) {
      yield { offset: offset + start, bytes: bytes.subarray(start, stop + 1) };
      start = stop + 1;
    }
    // What is left is no line: it is what comes out where the lines are damaged.
    if (got === 0) {
      yield { offset, bytes };
      return;
    }
    bytes.copy(buffer, 0, start);
    filled = bytes.length - start;
    offset += start;
  }
}

const startOfLine = /^\{"user":("(?:[^"\\]|\\.)*"),"count":(\d+),"entries":\[/;

/** Whose line it is, and of how many entries, by its first keys alone. */
function startIn(text: string): { readonly user: string; readonly count: number } | undefined {
  const [, user, count] = startOfLine.exec(text) ?? [];
  if (user === undefined) return undefined;
  try {
    return { user: String(JSON.parse(user)), count: Number(count) };
  } catch {
    return undefined;
  }
}

/** undefined for what is no whole line of a user. */
function parseUserLine(
  text: string,
): { readonly user: string; readonly entries: readonly Entry[] } | undefined {
  const line = parseJournalLine(text);
  if (line?.hasSum !== true) return undefined;
  const { user, entries } = line.fields;
  if (typeof user !== 'string' || !Array.isArray(entries)) return undefined;
  const parsed: Entry[] = [];
  for (const fields of entries as readonly unknown[]) {
    if (typeof fields !== 'object' || fields === null) return undefined;
    const entry = parseEntry(fields as Record<string, unknown>, user);
    if (entry === undefined) return undefined;
    parsed.push(entry);
  }
  return { user, entries: parsed };
}

function readHead(file: OpenFile, name: string, wantedSum: string): TableHead {
  const bytes = file.size();
  const trailer = Buffer.alloc(trailerBytes);
  const isWhole = bytes > trailerBytes && file.read(trailer, bytes - trailerBytes) === trailerBytes;
  const start = /^\d{15}\n$/.test(trailer.toString('latin1')) ? Number(trailer.toString('latin1')) : NaN;
  const length = bytes - trailerBytes - start;
  if (!isWhole || !(length > 0)) throw damagedLedger(name, 'it does not say where its last line starts');
  const last = Buffer.alloc(length);
  file.read(last, start);
  const text = last.toString('utf8', 0, length - 1);
  const line = parseJournalLine(text);
  if (line?.hasSum !== true) throw damagedLedger(name, 'its last line has a wrong checksum');
  const { fields } = line;
  const { version } = fields;
  if (typeof version === 'number' && version > tableVersion) throw newerFormat(name, version, tableVersion);
  const sum = text.slice(-18, -2);
  if (sum !== wantedSum) throw damagedLedger(name, `its checksum is ${sum}, ${liveName} names ${wantedSum}`);
  const head = headOf(name, bytes, sum, fields);
  if (head === undefined) throw damagedLedger(name, 'its last line does not say what it is');
  return head;
}

function headOf(
  name: string,
  bytes: number,
  sum: string,
  fields: Readonly<Record<string, unknown>>,
): TableHead | undefined {
  const { ledger, watermark, users, entries, linesEnd, pagesStart, pages, sha256 } = fields;
  const { positions, forgotten } = fields;
  const numbers = [watermark, users, entries, linesEnd, pagesStart, pages];
  if (!numbers.every((each) => Number.isSafeInteger(each))) return undefined;
  const [at, numUsers, numEntries, end, start, numPages] = numbers as number[];
  if (typeof ledger !== 'string' || typeof sha256 !== 'string') return undefined;
  if (!Array.isArray(positions) || !Array.isArray(forgotten)) return undefined;
  const tombstones = (forgotten as Record<string, unknown>[]).map(parseTombstone);
  if (tombstones.some((each) => each === undefined)) return undefined;
  return {
    ...{ name, bytes, sum, ledger, sha256, watermark: at!, numUsers: numUsers!, numEntries: numEntries! },
    ...{ linesEnd: end!, pagesStart: start!, numPages: numPages! },
    positions: new Map(positions as [string, number][]),
    tombstones: tombstones.filter((each) => each !== undefined),
  };
}
