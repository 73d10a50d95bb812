/** Files of events → every event by itself, in the order of the files and of their rows. */
import { realpath } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { abortError, AppError } from '../errors.js';
import { hashFile } from '../files/sha256.js';
import { eventRoles, plainName } from './column-roles.js';
import { openDuckdb } from './duckdb-session.js';
import { badRow, eventRecords, type EventRecord } from './event-records.js';
import { noTimeNumber } from './event-rules.js';
import { lookAtEvents, type EventSource } from './event-source.js';
import { parseDialect } from './files/delimiters.js';
import type { ReadingContext } from './files/input-file.js';
import { openInputFiles } from './files/input-files.js';
import { withScratchDirectory } from './files/scratch-directory.js';
import { parseColumnChoices } from './find-columns.js';
import { columnNames } from './row-source.js';
import type { TextOptions } from './text-options.js';

export interface ReadEachOptions extends TextOptions {
  /** Paths, globs, `-` for stdin. */
  readonly files: readonly string[];
  readonly skipBadRows: boolean;
  readonly stdin?: Readable | undefined;
  /** Columns to read besides, where a file has them, by their plain names (`plainName`). */
  readonly moreColumns: readonly string[];
  /** Types that a row may have besides play, like, dislike and ban; in lower case. */
  readonly moreTypes: readonly string[];
}

export interface EachEvent {
  /** As the file was named, and the line or row in it, from 1. */
  readonly file: string;
  readonly line: number;
  /** The first 16 hex digits of the file's sha256. */
  readonly digest: string;
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

const typeNames = ['play', 'like', 'dislike', 'ban'] as const;

/**
 * Calls `take` with one batch of events after the other. Memory: a batch, and DuckDB's for JSON Lines and Parquet.
 *
 * Throws AppError 'bad-input-file', 'bad-row' unless bad rows are skipped, 'empty-input', or how the signal aborted.
 */
export async function readEachEvent(
  options: ReadEachOptions,
  context: ReadingContext,
  take: (events: readonly EachEvent[]) => Promise<void> | void,
): Promise<RowsRead> {
  const { columns = '', encoding, noHeader = false, decimalComma = false, stdin, skipBadRows } = options;
  const choices = parseColumnChoices(columns, eventRoles);
  const dialect = parseDialect(options.delimiter, options.quote, 'delimiter');
  const looking = { dialect, noHeader, decimalComma };
  return await withScratchDirectory(async (scratch) => {
    const files = await openInputFiles(options.files, scratch, context, { stdin, encoding });
    const inputBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const session = await openDuckdb({ scratch, threads: 1, inputBytes, signal: context.signal });
    let rows = 0;
    let skippedRows = 0;
    try {
      for (const [index, file] of files.entries()) {
        const found = await lookAtEvents(index, file, choices, looking, session, context);
        if (found === undefined) continue;
        const digest = (await hashFile(await realpath(file.path), context)).sha256.slice(0, 16);
        const { source, at } = withColumns(found, options.moreColumns);
        const more = { columns: at, types: options.moreTypes };
        for await (const batch of eventRecords(source, session, context, more)) {
          if (context.signal.aborted) throw abortError(context.signal);
          rows += batch.length;
          for (const { bad, advice } of batch) {
            if (bad !== undefined && !skipBadRows) throw badRow(source, bad, advice);
            if (bad !== undefined) skippedRows += 1;
          }
          await take(batch.flatMap((record) => eachEvent(record, file.name, digest)));
        }
        await file.checkUnchanged();
      }
    } finally {
      session.close();
    }
    if (rows > 0) return { rows, skippedRows };
    const names = files.map(({ name }) => name);
    const details = { files: names };
    throw new AppError('empty-input', `there are no events in ${names.join(', ')}`, { details });
  });
}

function eachEvent({ line, event, otherType, more }: EventRecord, file: string, digest: string): EachEvent[] {
  if (event === undefined) return [];
  const { user, item, weight, time, type } = event;
  const timeMs = time === noTimeNumber ? undefined : time;
  return [
    { ...{ file, line, digest, user, item, weight, timeMs, more }, type: otherType ?? typeNames[type] },
  ];
}

/** Where each of the names is a column: undefined where none is called so. Any line of JSON may have such a key. */
function withColumns(
  source: EventSource,
  wanted: readonly string[],
): { readonly source: EventSource; readonly at: readonly (number | undefined)[] } {
  const names = [...source.names];
  const plain = columnNames(source)?.map(plainName) ?? [];
  const taken = new Set<number>(Object.values(source.columns));
  const at = wanted.map((name) => {
    const found = plain.findIndex((each, column) => each === name && !taken.has(column));
    if (found >= 0) return found;
    return source.format === 'jsonl' ? names.push(name) - 1 : undefined;
  });
  return { source: { ...source, names }, at };
}
