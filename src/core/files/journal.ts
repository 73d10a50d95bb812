/**
 * Files that grow by lines, each a JSON object whose last key is a checksum of the object without it:
 * `{…,"sum":"<16 hex digits>"}`, the start of the text's sha256. Lines are appended durably. A crash can cut the last one
 * short: readers leave it out, and whoever appends next cuts it off first. One process at a time appends; the lock is
 * the caller's.
 */
import { hash } from 'node:crypto';
import { closeSync, constants, fstatSync, fsyncSync, ftruncateSync, openSync } from 'node:fs';
import { AppError } from '../errors.js';
import { appendDurably } from './durable-write.js';
import { readFully } from './read-fully.js';
import { closingFile, openIfThere } from './safe-open.js';

export interface JournalLine {
  readonly fields: Readonly<Record<string, unknown>>;
  /** Whether it ends with a checksum, which then is right. */
  readonly hasSum: boolean;
}

export interface JournalPart {
  /** Whole lines, in order, without their line feeds. */
  readonly lines: readonly string[];
  /** Where they end: the position to read on from, when more may have been appended. */
  readonly end: number;
  /** What follows them: a line that was cut short, or is being written. */
  readonly rest: string;
}

const blockBytes = 64 << 10;
/** No line of ours is longer. */
const maxLineBytes = 1 << 20;
const lineFeed = 0x0a;

/**
 * Appends a line for each object, all in one write, and makes them durable. Throws like `appendDurably`: then any part
 * of them may have arrived.
 */
export function appendToJournal(path: string, objects: readonly object[]): void {
  appendDurably(path, objects.map(journalLine).join(''));
}

/** `{…,"sum":"<16 hex digits>"}` and a line feed. */
export function journalLine(object: object): string {
  const text = JSON.stringify(object);
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}\n`;
}

/** What a line says, without its checksum; undefined where that is wrong, and for what is no JSON object. */
export function parseJournalLine(text: string): JournalLine | undefined {
  const { object, sum } = withoutSum(text);
  if (sum !== undefined && sum !== sumOf(object)) return undefined;
  try {
    const value: unknown = JSON.parse(object);
    if (typeof value !== 'object' || value === null) return undefined;
    return { fields: value as Readonly<Record<string, unknown>>, hasSum: sum !== undefined };
  } catch {
    return undefined;
  }
}

/** Whether it ends with a checksum, which is right; whatever the line says. */
export function hasRightSum(text: string): boolean {
  const { object, sum } = withoutSum(text);
  return sum === sumOf(object);
}

function withoutSum(text: string): { readonly object: string; readonly sum: string | undefined } {
  // As every line ends that was written here; the pattern below takes three times as long.
  if (text.endsWith('"}') && text.slice(-26, -18) === ',"sum":"')
    return { object: `${text.slice(0, -26)}}`, sum: text.slice(-18, -2) };
  const [, start, sum] = /^(.*),"sum":"([^"]*)"\}$/s.exec(text) ?? [];
  return start === undefined ? { object: text, sum: undefined } : { object: `${start}}`, sum };
}

function sumOf(text: string): string {
  // In one call: half the time of three.
  return hash('sha256', text).slice(0, 16);
}

/**
 * The whole lines from a position on, which is the `end` of an earlier reading or 0. There are none where there is no
 * file. Throws errno errors, and AppErrors for what is no regular file, or is longer than `maxBytes`.
 */
export function readJournal(path: string, position: number, maxBytes: number): JournalPart {
  return withJournal(path, { lines: [], end: position, rest: '' }, (fd) => {
    const { size } = fstatSync(fd);
    if (size > maxBytes)
      throw new AppError('io-error', `${path} has ${size} bytes, ${maxBytes} at most were expected`);
    const buffer = Buffer.allocUnsafe(Math.max(0, size - position));
    const bytes = buffer.subarray(0, readFully(fd, buffer, position));
    const length = bytes.lastIndexOf(lineFeed) + 1;
    const lines = bytes.toString('utf8', 0, length).split('\n').slice(0, -1);
    return { lines, end: position + length, rest: bytes.toString('utf8', length) };
  });
}

/**
 * Gives `take` the text of every whole line, the last first, of which it reads no more than it wants, and whether one was
 * cut short. undefined stands for a line of more than 1 MiB, which is none of ours. Throws errno errors, and an AppError
 * for what is no regular file.
 */
export function readJournalFromEnd<T>(
  path: string,
  take: (texts: Iterable<string | undefined>, isCutShort: boolean) => T,
): T {
  return (
    withJournal(path, undefined, (fd) => {
      const end = endOfLines(fd);
      return { taken: take(linesBefore(fd, end), fstatSync(fd).size > end) };
    })?.taken ?? take([], false)
  );
}

/** Cuts a last line off that was cut short, durably. Throws errno errors, and an AppError for what is no regular file. */
export function cutJournal(path: string): void {
  withJournal(path, undefined, (reading) => {
    const end = endOfLines(reading);
    if (end === fstatSync(reading).size) return;
    closingFile(openSync(path, constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK), (fd) => {
      ftruncateSync(fd, end);
      fsyncSync(fd);
    });
  });
}

function withJournal<T, M>(path: string, missing: M, use: (fd: number) => T): T | M {
  const fd = openIfThere(path);
  if (fd === undefined) return missing;
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** The offset after the last line feed: what follows it is a line that was cut short. 0 where there is none. Throws errno errors. */
function endOfLines(fd: number): number {
  for (let end = fstatSync(fd).size; end > 0;) {
    const block = readBlockBefore(fd, end);
    const at = block.lastIndexOf(lineFeed);
    end -= block.length;
    if (at !== -1) return end + at + 1;
  }
  return 0;
}

/**
 * The lines that end at `end` (see `endOfLines`) and before it, the last one first, without their line feeds; undefined
 * for a line of more than `maxLineBytes`. Throws errno errors.
 */
function* linesBefore(fd: number, end: number): Generator<string | undefined> {
  if (end === 0) return;
  let line = new LineEnd();
  for (let position = end - 1; position > 0;) {
    const block = readBlockBefore(fd, position);
    if (block.length === 0) return;
    position -= block.length;
    let stop = block.length;
    while (stop > 0) {
      const at = block.lastIndexOf(lineFeed, stop - 1);
      line.prepend(block.subarray(at + 1, stop));
      if (at === -1) break;
      yield line.text();
      line = new LineEnd();
      stop = at;
    }
  }
  yield line.text();
}

/** At most a block of the bytes before `end`; fewer where the file was cut meanwhile. */
function readBlockBefore(fd: number, end: number): Buffer {
  const block = Buffer.alloc(Math.min(end, blockBytes));
  return block.subarray(0, readFully(fd, block, end - block.length));
}

/** A line as far as it has been read, from its end on. */
class LineEnd {
  readonly #pieces: Uint8Array[] = [];
  #bytes = 0;

  prepend(piece: Uint8Array): void {
    this.#bytes += piece.length;
    if (this.#bytes <= maxLineBytes) this.#pieces.push(piece);
    else this.#pieces.length = 0;
  }

  text(): string | undefined {
    if (this.#bytes > maxLineBytes) return undefined;
    return Buffer.concat(this.#pieces.reverse()).toString('utf8');
  }
}
