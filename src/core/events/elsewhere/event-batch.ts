/**
 * The events of a batch of rows as an executor of Spark has them: what each row holds is decided by the rules that the files of this
 * machine are read by (event-of-record.ts), so that both engines count the same.
 */
import { DelimitedTokenizer, type Dialect } from '../files/delimited-records.js';
import { artistOf, eventReader, type EventLayout } from '../event-of-record.js';
import type { ParsedEvent } from '../event-rules.js';
import { eventRoles, plainName } from '../column-roles.js';
import { holdNumber } from '../find-columns.js';
import { howToSayThereAreNoQuotes } from '../files/delimiters.js';
import { delimitedRow, notAnObject, type RowRecord } from '../row-records.js';

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

/** What is wrong with a row; rows with the same problem are alike. */
export interface BadRow {
  readonly message: string;
  /** What to do about it, besides fixing the row. */
  readonly advice?: string | undefined;
  /** Whether rows near it may have been misread, so that it cannot be skipped. */
  readonly isFatal: boolean;
}

/** Rows that are bad in the same way. */
export interface BadRows extends BadRow {
  readonly rows: number;
  /** The first source that has one. */
  readonly source: number;
}

/** Bad rows that are shown. */
const examples = 5;

/** The first few: fatal ones before others, then by source and by what they say. */
export function worstOf(bad: readonly BadRows[]): BadRows[] {
  const inOrder = bad.toSorted(
    (a, b) =>
      Number(b.isFatal) - Number(a.isFatal) ||
      a.source - b.source ||
      (a.message < b.message ? -1 : Number(a.message > b.message)),
  );
  return inOrder.slice(0, examples);
}

/** Who is told what each row of a batch is. */
export interface EventSink {
  /** @param artist beside a title, or '' */
  event(event: ParsedEvent, artist: string): void;
  bad(row: BadRow): void;
}

export function readEventBatch({ layout, columns }: EventRowsBatch, sink: EventSink): void {
  const reader = eventReader(layout, artistOf(layout));
  const records =
    layout.dialect === undefined
      ? cellRecords(layout, columns)
      : lineRecords(layout, reader.columns, columns);
  for (const record of records) {
    const { event, bad, advice, more } = reader.eventOf(record);
    if (event !== undefined) sink.event(event, more[0] ?? '');
    else if (bad !== undefined)
      sink.bad({ message: bad.message, advice, isFatal: record.problem === acrossLines });
  }
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
