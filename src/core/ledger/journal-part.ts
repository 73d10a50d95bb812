/**
 * A journal of the ledger, as far as a process has read it: its entries by user.
 *
 * What was acknowledged is never lost, and what was not may be lost in any way: a crash leaves of the last write a
 * beginning, or zeros where blocks did not arrive. So a line that is no line is a torn end where nothing that follows it
 * proves that it was durable once; else it is damage. A line proves it by `settled`: the seq up to which the journal was
 * durable before that line was written.
 */
import { journalLine, parseJournalLine } from '../files/journal.js';
import type { Entry } from './entry.js';
import { damagedLedger } from './damaged-ledger.js';
import { entryFields, parseEntry, parseTombstone, tombstoneFields, type Tombstone } from './entry-line.js';
import { journalName } from './layout.js';

/**
 * Most that one write appends. After a crash no more than that can be in a journal without being durable, so whoever builds
 * on it writes that much of it anew.
 */
export const mostGroupBytes = 1 << 20;

const lineFeed = 0x0a;
/** What a disk writes whole, or not at all. */
const sectorBytes = 512;

/** Entries have the `seq` that they get there. */
type NewLine = Entry | Omit<Tombstone, 'seq'>;

/** Owned by whoever holds it: `takeBytes` and `takeLines` change it. */
export interface JournalPart {
  readonly number: number;
  /** Where its last whole line ends. */
  end: number;
  /** seq of its last line; that of the line before its first where it has none. */
  seq: number;
  /** Its last bytes that this process has not made durable itself, at most `mostGroupBytes`: whole lines. */
  unsettled: Buffer;
  /** Bytes after `end`: of a line that is being written, or that never became whole. */
  rest: number;
  numLines: number;
  readonly users: Map<string, Entry[]>;
  /** Highest offset of each partition. */
  readonly positions: Map<string, number>;
  readonly tombstones: Tombstone[];
}

/** @param seq that of the last line before the journal */
export function newPart(number: number, seq: number): JournalPart {
  return {
    ...{ number, end: 0, seq, unsettled: Buffer.alloc(0), rest: 0, numLines: 0 },
    ...{ users: new Map(), positions: new Map(), tombstones: [] },
  };
}

/** seq up to which this process knows the journal to be durable. */
function settledSeq({ seq, unsettled }: JournalPart): number {
  let lines = 0;
  for (let at = unsettled.indexOf(lineFeed); at >= 0; at = unsettled.indexOf(lineFeed, at + 1)) lines++;
  return seq - lines;
}

/**
 * Takes what stands in the file from `end` on. With `isSealed` all of it must be lines. AppError 'damaged-ledger', naming
 * the place.
 */
export function takeBytes(part: JournalPart, bytes: Buffer, isSealed: boolean): void {
  let start = 0;
  for (let stop = bytes.indexOf(lineFeed); stop >= 0; stop = bytes.indexOf(lineFeed, start)) {
    const line = parseLine(bytes.toString('utf8', start, stop));
    if (line?.line.seq !== part.seq + 1) break;
    takeLine(part, line.line);
    start = stop + 1;
  }
  const at = part.end + start;
  const rest = bytes.subarray(start);
  if (isSealed ? rest.length > 0 : isDamage(rest, at, part.seq + 1))
    throw damagedLedger(
      journalName(part.number),
      `at byte ${at} there is no line with seq ${part.seq + 1} and a right checksum`,
    );
  part.end = at;
  part.rest = rest.length;
  part.unsettled = lastLines(Buffer.concat([part.unsettled, bytes.subarray(0, start)]));
}

/** What is appended, as bytes, by a process that knows all that stands before it. */
export function linesOf(part: JournalPart, entries: readonly NewLine[]): Buffer {
  const settled = settledSeq(part);
  const lines = entries.map((entry, at) => {
    const seq = part.seq + 1 + at;
    const fields =
      'forget' in entry ? tombstoneFields({ ...entry, seq }) : entryFields(entry, seq, entry.user);
    return journalLine(settled === seq - 1 ? fields : { ...fields, settled });
  });
  return Buffer.from(lines.join(''));
}

/** Takes entries that this process has appended, and all before them, as durable. */
export function takeLines(part: JournalPart, entries: readonly NewLine[], bytes: number): void {
  for (const line of entries) takeLine(part, 'forget' in line ? { ...line, seq: part.seq + 1 } : line);
  part.end += bytes;
  part.unsettled = Buffer.alloc(0);
  part.rest = 0;
}

function takeLine(part: JournalPart, line: Entry | Tombstone): void {
  part.seq = line.seq;
  part.numLines += 1;
  if ('forget' in line) {
    part.tombstones.push(line);
    return;
  }
  const entries = part.users.get(line.user);
  if (entries === undefined) part.users.set(line.user, [line]);
  else entries.push(line);
  if (line.position !== undefined) {
    const { partition, offset } = line.position;
    part.positions.set(partition, Math.max(offset, part.positions.get(partition) ?? offset));
  }
}

function parseLine(text: string): { line: Entry | Tombstone; settled: number } | undefined {
  const parsed = parseJournalLine(text);
  if (parsed?.hasSum !== true) return undefined;
  const line = parseTombstone(parsed.fields) ?? parseEntry(parsed.fields);
  if (line === undefined) return undefined;
  const { settled } = parsed.fields;
  return { line, settled: typeof settled === 'number' ? settled : line.seq - 1 };
}

/**
 * Whether bytes that do not begin with the line of `seq` were lines once that were durable. They were where a later line
 * says so. Where none does they are what is left of the last write: its beginning, or zeros in whole sectors and what
 * arrived after them.
 * @param at where they stand in the file
 */
function isDamage(bytes: Buffer, at: number, seq: number): boolean {
  let isWhole = false;
  let start = 0;
  for (let stop = bytes.indexOf(lineFeed); stop >= 0; stop = bytes.indexOf(lineFeed, start)) {
    const later = parseLine(bytes.toString('utf8', start, stop));
    if (later !== undefined && later.settled >= seq) return true;
    isWhole ||= later !== undefined;
    start = stop + 1;
  }
  return isWhole && !hasEmptySector(bytes, at);
}

function hasEmptySector(bytes: Buffer, at: number): boolean {
  for (let start = 0; start < bytes.length;) {
    // The first may have been there before, in part.
    const end = start + sectorBytes - ((at + start) % sectorBytes);
    if (bytes.subarray(start, end).every((byte) => byte === 0)) return true;
    start = end;
  }
  return false;
}

/** The last whole lines that are no more than one write appends. */
function lastLines(bytes: Buffer): Buffer {
  if (bytes.length <= mostGroupBytes) return bytes;
  const from = bytes.indexOf(lineFeed, bytes.length - mostGroupBytes - 1) + 1;
  return Buffer.from(bytes.subarray(from));
}
