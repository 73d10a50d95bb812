/** Files of events → every event by itself, in the order of the files and of their rows. */
import { realpath } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { hashFile } from '../files/sha256.js';
import type { EventRecord } from './event-of-record.js';
import { badRow } from './event-records.js';
import type { EventSource } from './event-source.js';
import { readEventRows, type EventRowsOptions } from './event-rows.js';
import { eventTypes, noTimeNumber } from './event-rules.js';
import type { ReadingContext } from './files/input-file.js';

export interface ReadEachOptions extends EventRowsOptions {
  /** Paths of files, folders and archives, globs, `-` for stdin. */
  readonly files: readonly string[];
  readonly skipBadRows: boolean;
}

export interface EachEvent {
  /** As the file was named, and the line or row in it, from 1. */
  readonly file: string;
  readonly line: number;
  /** The first 16 hex digits of the file's sha256, a colon and the line. */
  readonly place: string;
  /** Of a text file, when it is handed over: of the file's bytes up to and including the row, 32 hex digits. */
  readonly digest: string | undefined;
  readonly user: string;
  readonly item: string;
  readonly type: string;
  /** Units of 1e-9. */
  readonly weight: bigint;
  /** ms since 1970 UTC; undefined where the row has no time. */
  readonly timeMs: number | undefined;
  /** Cells of `moreColumns`, in that order; null where there is none. */
  readonly more: readonly (string | null)[];
}

/** How many rows were read, and how many of them were bad, and left out. */
export interface RowsRead {
  readonly rows: number;
  readonly skippedRows: number;
}

/** A cell that a reader's own rules refuse: `problem` ends a sentence that begins with it. */
export class CellBreach {
  readonly column: string;
  readonly problem: string;
  constructor(column: string, problem: string) {
    this.column = column;
    this.problem = problem;
  }
}

/** What becomes of events. */
export interface EventTaker<T extends object> {
  /** A pure function, which may be asked twice. */
  parse(event: EachEvent): T | CellBreach;
  /** A batch, one after the other. @param rows how many come in all, bad ones too; undefined where they are not counted before */
  take(parsed: readonly T[], rows: number | undefined): Promise<void>;
}

/**
 * Hands events over in batches. A bad row is 'bad-row' before any event is handed over, unless bad rows are skipped: all rows
 * are read twice for that. AppErrors as `readEventRows`, and 'empty-input'.
 */
export async function readEachEvent<T extends object>(
  options: ReadEachOptions,
  context: ReadingContext,
  { parse, take }: EventTaker<T>,
): Promise<RowsRead> {
  const { files, skipBadRows } = options;
  let [rows, skippedRows, checked] = [0, 0, 0];
  let hashed = { path: '', digest: '' };
  for await (const { source, records, comeAgain } of readEventRows(
    files,
    { ...options, twice: !skipBadRows, digests: true },
    context,
  )) {
    const { name, path } = source.file;
    if (hashed.path !== path)
      hashed = { path, digest: (await hashFile(await realpath(path), context)).sha256.slice(0, 16) };
    const { digest } = hashed;
    const parsed: T[] = [];
    for (const record of records) {
      const { bad, advice } = record;
      const event = eachEvent(record, name, digest);
      const found = event === undefined ? undefined : parse(event);
      if (found !== undefined && !(found instanceof CellBreach)) parsed.push(found);
      else if (skipBadRows) skippedRows += 1;
      else if (bad !== undefined) throw badRow(source, bad, advice);
      else if (found !== undefined) throw badCell(source, record.line, found);
    }
    if (comeAgain) {
      checked += records.length;
      continue;
    }
    rows += records.length;
    await take(parsed, skipBadRows ? undefined : checked);
  }
  if (rows > 0) return { rows, skippedRows };
  throw new AppError('empty-input', `there are no events in ${files.join(', ')}`, { details: { files } });
}

function badCell({ file, format }: EventSource, line: number, { column, problem }: CellBreach): AppError {
  const where = `${file.name} ${format === 'parquet' ? 'row' : 'line'} ${line}`;
  return new AppError('bad-row', `${where}: ${column} ${problem}`, {
    suggestions: ['Fix the row, or leave out such rows with `skipBadRows`.'],
    details: { file: file.name, line, column },
  });
}

function eachEvent(
  { line, event, otherType, more, digest }: EventRecord,
  file: string,
  sha256: string,
): EachEvent | undefined {
  if (event === undefined) return undefined;
  const { user, item, weight, time, type } = event;
  const timeMs = time === noTimeNumber ? undefined : time;
  const place = `${sha256}:${line}`;
  // One literal: millions of them are made.
  return { file, line, place, digest, user, item, weight, timeMs, more, type: otherType ?? eventTypes[type] };
}
