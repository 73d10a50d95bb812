/**
 * A batch of rows as an executor of Spark has them, as events in columns: what each row holds is decided by the rules that the files
 * of this machine are read by (event-of-record.ts), so that both engines count the same.
 */
import { DelimitedTokenizer, type Dialect } from './files/delimited-records.js';
import { eventReader, type EventLayout } from './event-of-record.js';
import { eventRoles, plainName } from './column-roles.js';
import { holdNumber } from './find-columns.js';
import { howToSayThereAreNoQuotes } from './files/delimiters.js';
import { delimitedRow, notAnObject, type RowRecord } from './row-records.js';

/** A column of text in Arrow's layout: UTF-8 end to end, and [rows + 1] offsets into it. A missing cell is empty. */
export interface TextColumn {
  readonly bytes: Buffer;
  readonly offsets: Int32Array;
}

/** The rows of a batch: lines of a delimited file, or the cells of the columns that are read (`EventReader.columns`). */
export interface EventRowsBatch {
  readonly layout: EventLayout;
  readonly columns: readonly TextColumn[];
}

/** Events by column, each [events], and what was wrong with the other rows. */
export interface EventColumns {
  readonly users: TextColumn;
  readonly items: TextColumn;
  /** Units of 1e-9. */
  readonly weights: BigInt64Array;
  /** ms since 1970 UTC; −2⁶³ where there is none. */
  readonly times: Float64Array;
  /** The event's type. */
  readonly types: Uint8Array;
  readonly bad: readonly BadRow[];
}

/** What is wrong with a row; rows with the same problem are alike. */
export interface BadRow {
  readonly message: string;
  /** What to do about it, besides fixing the row. */
  readonly advice?: string | undefined;
  /** Whether rows near it may have been misread, so that it cannot be skipped. */
  readonly isFatal: boolean;
}

export function readEventBatch({ layout, columns }: EventRowsBatch): EventColumns {
  const reader = eventReader(layout);
  const records =
    layout.dialect === undefined
      ? cellRecords(layout, columns)
      : lineRecords(layout, reader.columns, columns);
  const users: string[] = [];
  const items: string[] = [];
  const weights: bigint[] = [];
  const times: number[] = [];
  const types: number[] = [];
  const bad: BadRow[] = [];
  for (const record of records) {
    const { event, bad: row, advice } = reader.eventOf(record);
    if (event !== undefined) {
      users.push(event.user);
      items.push(event.item);
      weights.push(event.weight);
      times.push(event.time);
      types.push(event.type);
    } else if (row !== undefined) {
      bad.push({ message: row.message, advice, isFatal: record.problem === acrossLines });
    }
  }
  return {
    users: columnOf(users),
    items: columnOf(items),
    weights: BigInt64Array.from(weights),
    times: Float64Array.from(times),
    types: Uint8Array.from(types),
    bad,
  };
}

/** Of JSON Lines there is a last column, of lines that are no object. */
function* cellRecords({ format }: EventLayout, columns: readonly TextColumn[]): Generator<RowRecord> {
  const texts = columns.map(textsOf);
  const broken = format === 'jsonl' ? texts.pop() : undefined;
  const numRows = (columns[0]?.offsets.length ?? 1) - 1;
  for (let row = 0; row < numRows; row++) {
    if (broken !== undefined && broken(row) !== '') yield { line: 0, cells: [], problem: notAnObject };
    else yield { line: 0, cells: texts.map((text) => text(row)) };
  }
}

const acrossLines = 'has a quoted cell that goes on in the next line; Spark reads line by line';

/** Each line is read by itself: which lines a machine has beside it is chance. */
function* lineRecords(
  layout: EventLayout & { readonly dialect?: Dialect },
  wanted: readonly (number | undefined)[],
  columns: readonly TextColumn[],
): Generator<RowRecord> {
  const { dialect, header, names } = layout;
  const [lines] = columns;
  if (dialect === undefined || lines === undefined) return;
  const isHeader = (cells: readonly string[]): boolean =>
    cells.length === names.length && cells.every((cell, at) => cell === names[at]);
  const { bytes, offsets } = lines;
  for (let row = 0; row + 1 < offsets.length; row++) {
    const line = withoutMark(bytes.subarray(offsets[row], offsets[row + 1]));
    for (const record of new DelimitedTokenizer(dialect).push(line, true)) {
      const { cells, problem } = record;
      if (problem === 'has a quote that is never closed') {
        yield { line: 0, cells: [], problem: acrossLines, advice: howToSayThereAreNoQuotes };
      } else if (!header || problem !== undefined || !isHeader(cells)) {
        const isOther = header && problem === undefined && isOtherHeader(cells);
        if (isOther) yield { line: 0, cells: [], problem: `has another header: ${JSON.stringify(cells)}` };
        else yield delimitedRow(layout, record, wanted);
      }
    }
  }
}

/** Every file may begin with a byte order mark. */
function withoutMark(line: Buffer): Buffer {
  return line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;
}

/** The header of a file whose columns are others than those of the file that was looked at. */
function isOtherHeader(cells: readonly string[]): boolean {
  const plain = cells.map(plainName);
  const names = eventRoles.filter(({ required }) => required).map(({ synonyms }) => synonyms.flat());
  return !holdNumber(cells) && names.every((known) => plain.some((name) => known.includes(name)));
}

function textsOf({ bytes, offsets }: TextColumn): (row: number) => string {
  // Decoding all at once takes a fraction of the time, and is the same where a byte is a character.
  const whole = bytes.toString('latin1');
  const isAscii = !/[^\0-\x7f]/.test(whole);
  return (row) => {
    const [from, to] = [offsets[row] ?? 0, offsets[row + 1] ?? 0];
    return isAscii ? whole.slice(from, to) : bytes.toString('utf8', from, to);
  };
}

function columnOf(texts: readonly string[]): TextColumn {
  const offsets = new Int32Array(texts.length + 1);
  const whole = texts.join('');
  const bytes = Buffer.from(whole);
  const isAscii = bytes.length === whole.length;
  let at = 0;
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row] ?? '';
    at += isAscii ? text.length : Buffer.byteLength(text);
    offsets[row + 1] = at;
  }
  return { bytes, offsets };
}
