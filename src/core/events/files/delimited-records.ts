/**
 * Text that is separated by commas, tabs or whatever else, cut into records one after the other, with their line
 * numbers. This is the careful reader, for files that DuckDB's fast one gives up on: mixed line ends, bad rows that must
 * be named or skipped.
 *
 * A quoted cell begins with the quote (spaces before it are let go), may hold delimiters, line ends and doubled quotes,
 * and ends with a quote; within any other cell a quote is a character like others. Lines end with LF or CR LF, or with a
 * CR alone in a file that has no LF but in quotes. Empty lines are skipped.
 */
import { isUtf8 } from 'node:buffer';

/** How a delimited file is cut into cells. */
export interface Dialect {
  /** Any text without line ends and without the quote. */
  readonly delimiter: string;
  /** One ASCII character, or '' where nothing is quoted. */
  readonly quote: string;
}

export interface DelimitedRecord {
  /** Line of the file, from 1, on which the record begins. */
  readonly line: number;
  readonly cells: readonly string[];
  /** By index, the bytes of cells that are not UTF-8; missing where all are. */
  readonly notUtf8?: ReadonlyMap<number, Buffer>;
  /** The end of a sentence that begins with the line, where the record cannot be read; it has no cells then. */
  readonly problem?: string;
}

/** A longer record is not one: most likely a quote that was never closed. */
export const maxRecordBytes = 2_000_000;

const LF = 10;
const CR = 13;
const space = 32;

export class DelimitedTokenizer {
  readonly #delimiter: Buffer;
  readonly #delimiterStart: number;
  /** Let go before a quote and after it; none where it is the delimiter. */
  readonly #padding: number;
  /** −1 where nothing is quoted. */
  readonly #quote: number;
  readonly #quoteText: string;
  #pending: Buffer = Buffer.alloc(0);
  #line = 1;
  #crEndsLines: boolean | undefined;
  /** Within a line that is too long: everything is dropped up to its end. */
  #dropping = false;

  /** What is cut, and where in it the record begins that was given last. */
  #data: Buffer = Buffer.alloc(0);
  #start = 0;

  // What parseAt found last.
  #cells: string[] = [];
  #notUtf8: Map<number, Buffer> | undefined;
  /** Whether what is parsed now is UTF-8 as a whole. */
  #valid = true;
  #end = 0;
  #linesInside = 0;
  #problem: string | undefined;

  constructor({ delimiter, quote }: Dialect) {
    this.#delimiter = Buffer.from(delimiter);
    this.#delimiterStart = this.#delimiter[0]!;
    this.#padding = this.#delimiterStart === space ? -1 : space;
    this.#quote = quote === '' ? -1 : quote.charCodeAt(0);
    this.#quoteText = quote;
  }

  /** The records that are complete with `chunk`; after the last chunk (`final`) all of them. A BOM is not expected. */
  *push(chunk: Buffer, final: boolean): Generator<DelimitedRecord> {
    const data = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    if (this.#crEndsLines === undefined && !this.#learnLineEnd(data, final)) {
      this.#pending = data;
      return;
    }
    this.#valid = isUtf8(data);
    let at = 0;
    if (this.#dropping) at = this.#dropLine(data, 0);
    while (at < data.length) {
      const complete = this.#parseAt(data, at, final);
      if (!complete && data.length - at <= maxRecordBytes) break;
      if (!complete || this.#end - at > maxRecordBytes) {
        const problem = this.#problem ?? `is longer than ${maxRecordBytes} bytes`;
        this.#data = data.subarray(0, (this.#start = this.#end = 0));
        yield { line: this.#line, cells: [], problem };
        at = this.#dropLine(data, at);
        continue;
      }
      const line = this.#line;
      const cells = this.#cells;
      const notUtf8 = this.#notUtf8;
      const end = this.#end;
      const problem = this.#problem;
      this.#line += this.#linesInside;
      this.#data = data;
      this.#start = at;
      if (problem !== undefined) {
        yield { line, cells: [], problem };
      } else if (cells.length > 1 || cells[0] !== '' || data[at] === this.#quote) {
        yield notUtf8 === undefined ? { line, cells } : { line, cells, notUtf8 };
      }
      at = end;
    }
    this.#pending = Buffer.from(data.subarray(at));
  }

  /** The bytes of the record that was given last, without its line end; none of one that is too long. */
  recordBytes(): Buffer {
    let end = this.#end;
    while (end > this.#start && (this.#data[end - 1] === LF || this.#data[end - 1] === CR)) end--;
    return this.#data.subarray(this.#start, end);
  }

  /** Lines end with a CR alone where the first megabyte holds not one LF but in quotes; false where that is not known yet. */
  #learnLineEnd(data: Buffer, final: boolean): boolean {
    const isWhole = final || data.length >= 1 << 20;
    const lf = this.#holdsLineFeed(data, isWhole);
    if (!lf && !isWhole) return false;
    this.#crEndsLines = !lf && data.includes(CR);
    return true;
  }

  /** Whether there is an LF outside of quotes, or in `data` that is whole after a quote that does not close. */
  #holdsLineFeed(data: Buffer, isWhole: boolean): boolean {
    const first = data.indexOf(LF);
    if (first < 0 || this.#quote < 0 || !data.subarray(0, first).includes(this.#quote)) return first >= 0;
    let begins = true;
    for (let at = 0; at < data.length; at++) {
      const byte = data[at];
      if (byte === LF) return true;
      if (byte === this.#quote && begins) {
        // A doubled quote closes, and opens again at once.
        const close = data.indexOf(this.#quote, at + 1);
        if (close < 0) return isWhole && data.includes(LF, at);
        at = close;
        begins = data[at + 1] === this.#quote;
      } else {
        const endsDelimiter = this.#delimitsAt(data, at - this.#delimiter.length + 1);
        begins = endsDelimiter || byte === CR || (begins && byte === this.#padding);
      }
    }
    return false;
  }

  /** Moves past the line that holds `at`; remembers to go on dropping where it does not end in `data`. */
  #dropLine(data: Buffer, at: number): number {
    const lf = data.indexOf(LF, at);
    this.#dropping = lf < 0;
    if (lf < 0) return data.length;
    this.#line += 1;
    return lf + 1;
  }

  /** Parses the record at `start` into cells, end, linesInside, problem; false where `data` ends before it does. */
  #parseAt(data: Buffer, start: number, final: boolean): boolean {
    this.#cells = [];
    this.#notUtf8 = undefined;
    this.#problem = undefined;
    this.#linesInside = 0;
    let at = start;
    for (;;) {
      let open = at;
      if (this.#quote >= 0) while (data[open] === this.#padding) open++;
      if (data[open] === this.#quote) {
        const after = this.#quotedCell(data, open, start + maxRecordBytes);
        if (after < 0) {
          this.#problem = 'has a quote that is never closed';
          if (!final && data.length - start <= maxRecordBytes) return false;
          return this.#endAtLine(data, start, final);
        }
        at = after;
        if (data[at] === CR && !this.#endsLine(CR) && (data[at + 1] ?? LF) === LF) at += 1;
        if (at + this.#delimiter.length > data.length && !final) return false;
        if (at < data.length && !this.#delimitsAt(data, at) && !this.#endsLine(data[at])) {
          this.#problem = 'has text after a closing quote';
          return this.#endAtLine(data, start, final);
        }
      } else {
        const from = at;
        while (at < data.length && !this.#delimitsAt(data, at) && !this.#endsLine(data[at])) at++;
        // A delimiter that the chunk cuts in two is looked for again with the rest of its line.
        if (at >= data.length && !final) return false;
        const beforeCr = at > from && data[at - 1] === CR && (data[at] ?? LF) === LF ? at - 1 : at;
        this.#cells.push(this.#textOf(data, from, beforeCr));
      }
      if (this.#delimitsAt(data, at)) {
        at += this.#delimiter.length;
        continue;
      }
      // Here is a line end: LF, CR LF or CR.
      if (data[at] === CR) {
        if (at + 1 >= data.length && !final) return false;
        at += 1;
      }
      if (at < data.length && data[at] === LF) at += 1;
      this.#linesInside += 1;
      this.#end = at;
      return true;
    }
  }

  /** Reads the quoted cell that opens at `open`; returns where its delimiter or line end should be, or −1 if it does not close before `limit`. */
  #quotedCell(data: Buffer, open: number, limit: number): number {
    let doubled = false;
    let close = open;
    for (;;) {
      close = data.indexOf(this.#quote, close + 1);
      if (close < 0 || close >= limit) return -1;
      if (data[close + 1] !== this.#quote) break;
      doubled = true;
      close += 1;
    }
    const text = this.#textOf(data, open + 1, close);
    this.#cells.push(doubled ? text.replaceAll(this.#quoteText + this.#quoteText, this.#quoteText) : text);
    for (let lf = data.indexOf(LF, open); lf >= 0 && lf < close; lf = data.indexOf(LF, lf + 1))
      this.#linesInside += 1;
    let after = close + 1;
    while (data[after] === this.#padding) after++;
    return after;
  }

  /** The text of the cell that comes next; remembers its bytes where they are not UTF-8. */
  #textOf(data: Buffer, from: number, to: number): string {
    if (!this.#valid && !isUtf8(data.subarray(from, to))) {
      this.#notUtf8 ??= new Map();
      this.#notUtf8.set(this.#cells.length, Buffer.from(data.subarray(from, to)));
    }
    return data.toString('utf8', from, to);
  }

  #delimitsAt(data: Buffer, at: number): boolean {
    if (data[at] !== this.#delimiterStart) return false;
    const { length } = this.#delimiter;
    return length === 1 || this.#delimiter.compare(data, at, Math.min(at + length, data.length)) === 0;
  }

  #endsLine(byte: number | undefined): boolean {
    return byte === LF || (byte === CR && this.#crEndsLines === true);
  }

  /**
   * Ends a record whose quotes are wrong at the end of its first line. One stray quote would otherwise take along all that
   * follows, up to the next quote, which may be a thousand good lines later.
   */
  #endAtLine(data: Buffer, start: number, final: boolean): boolean {
    const lf = data.indexOf(this.#crEndsLines === true ? CR : LF, start);
    if (lf < 0 && !final) return false;
    this.#end = lf < 0 ? data.length : lf + 1;
    this.#linesInside = 1;
    return true;
  }
}
