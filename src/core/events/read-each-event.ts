/** Files of events → every event by itself, in the order of the files and of their rows. */
import { realpath } from 'node:fs/promises';
import { AppError } from '../errors.js';
import { hashFile } from '../files/sha256.js';
import { badRow, type EventRecord } from './event-records.js';
import { readEventRows, type EventRowsOptions } from './event-rows.js';
import { noTimeNumber } from './event-rules.js';
import type { ReadingContext } from './files/input-file.js';

export interface ReadEachOptions extends EventRowsOptions {
  /** Paths, globs, `-` for stdin. */
  readonly files: readonly string[];
  readonly skipBadRows: boolean;
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
 * Calls `take` with one batch of events after the other. Throws AppErrors as `readEventRows`, 'bad-row' unless bad rows are
 * skipped, and 'empty-input'.
 */
export async function readEachEvent(
  options: ReadEachOptions,
  context: ReadingContext,
  take: (events: readonly EachEvent[]) => Promise<void> | void,
): Promise<RowsRead> {
  const { files, skipBadRows } = options;
  let rows = 0;
  let skippedRows = 0;
  let hashed = { path: '', digest: '' };
  for await (const { source, records } of readEventRows(files, options, context)) {
    const { name, path } = source.file;
    if (hashed.path !== path)
      hashed = { path, digest: (await hashFile(await realpath(path), context)).sha256.slice(0, 16) };
    rows += records.length;
    for (const { bad, advice } of records) {
      if (bad !== undefined && !skipBadRows) throw badRow(source, bad, advice);
      if (bad !== undefined) skippedRows += 1;
    }
    const { digest } = hashed;
    await take(records.flatMap((record) => eachEvent(record, name, digest)));
  }
  if (rows > 0) return { rows, skippedRows };
  throw new AppError('empty-input', `there are no events in ${files.join(', ')}`, { details: { files } });
}

function eachEvent({ line, event, otherType, more }: EventRecord, file: string, digest: string): EachEvent[] {
  if (event === undefined) return [];
  const { user, item, weight, time, type } = event;
  const timeMs = time === noTimeNumber ? undefined : time;
  return [
    { ...{ file, line, digest, user, item, weight, timeMs, more }, type: otherType ?? typeNames[type] },
  ];
}
