/** A file of events record by record, in its order: each with the event that it holds, or with what is wrong with it. */
import { AppError } from '../errors.js';
import type { EventRole } from './column-roles.js';
import type { DuckdbSession } from './duckdb-session.js';
import {
  eventReader,
  type EventLayout,
  type EventRecord,
  type MoreOfEvents,
  type SkippedRow,
} from './event-of-record.js';
import type { EventSource } from './event-source.js';
import type { ReadingContext } from './files/input-file.js';
import { recordsOf } from './row-records.js';
import { typeAdvice } from './type-names.js';

/** In batches, so that the event loop turns between them. */
export async function* eventRecords(
  source: EventSource,
  session: DuckdbSession,
  context: ReadingContext,
  more: MoreOfEvents = { columns: [], types: [] },
): AsyncGenerator<EventRecord[]> {
  const { columns, plainOnly, eventOf } = eventReader(source, more);
  const reading = [() => Promise.resolve(session), context, plainOnly, more.digests] as const;
  for await (const batch of recordsOf(source, columns, ...reading)) yield batch.map(eventOf);
}

/** What is thrown where bad rows are not skipped. */
export function badRow(
  source: EventLayout,
  { message, file, line, column, value }: SkippedRow,
  advice: string | undefined,
): AppError {
  const suggestions = ['Fix the row, or leave out such rows with `skipBadRows`.'];
  if (advice !== undefined) suggestions.unshift(advice);
  if (column === 'type') suggestions.unshift(...typeAdvice(value));
  const comma = decimalAdvice(source, column, value);
  if (comma !== undefined) suggestions.unshift(comma);
  const hasNoNames = source.dialect !== undefined && !source.header;
  if (hasNoNames && (column === 'weight' || column === 'time')) {
    suggestions.unshift(`If that column is not a ${column}, say so: \`columns\` ${column}=`);
  }
  if (line === 1 && hasNoNames) {
    suggestions.unshift(
      'If line 1 is a header, name its columns: `columns` user=NAME,item=NAME,weight=NAME.',
    );
  }
  return new AppError('bad-row', message, { suggestions, details: { file, line, column, value } });
}

/** Of a weight that would be a number with the other decimal mark. */
function decimalAdvice(
  { dialect, decimalComma }: EventLayout,
  column: EventRole | null,
  value: string | null,
): string | undefined {
  if (column !== 'weight' || dialect === undefined || !/^\s*\d+[.,]\d+\s*$/.test(value ?? ''))
    return undefined;
  return decimalComma
    ? 'With `decimalComma` a weight is written 1234,5, without any point.'
    : 'If weights are written with a decimal comma, say so: `decimalComma`';
}
