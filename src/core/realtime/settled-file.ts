/**
 * A file that is whole: its one partition is the digest of its bytes, whatever it is called and wherever it stands, so that a
 * file that was added is known again. In any format that training reads: an offset is the byte after a line of JSON, else the
 * number of a line or row.
 */
import { hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { AppError } from '../errors.js';
import { readEventRows, type EventRowsOptions } from '../events/event-rows.js';
import { keptRoles } from '../events/column-roles.js';
import type { EventRecord } from '../events/event-of-record.js';
import { eventTypes, keptTypes, noTimeNumber, type ParsedEvent } from '../events/event-rules.js';
import { readHead, type ReadingContext } from '../events/files/input-file.js';
import { textOptions, type TextOptions } from '../events/text-options.js';
import { hashFile } from '../files/sha256.js';
import { unreadable } from '../files/text-lines.js';
import { weightUnits } from '../numeric/pairs.js';
import { parseObject } from './event-line.js';
import { LineSplitter } from './line-splitter.js';
import { requireRegular } from './regular-file.js';
import { maxLineBytes, type EventSource, type SourceEvent, type SourceStart } from './source.js';

export interface SettledFileOptions extends EventRowsOptions {
  /** Whether a file of which all was dealt with before is an error. */
  readonly refuseSeen: boolean;
  /** Whether each of its lines is an event; else it goes to the readers of `train`. */
  readonly isLines: boolean;
}

/** AppErrors as `readEventRows`, and 'bad-usage' for a file that was seen; bad rows are events with a problem. */
export function openSettledFile(
  path: string,
  options: SettledFileOptions,
  context: ReadingContext,
  known: SourceStart['known'] = new Map(),
): EventSource {
  let partition: string | undefined;
  let isRead = false;
  return {
    async partitions() {
      if (isRead) return undefined;
      requireRegular(path);
      partition ??= partitionOf((await hashed(path, context)).slice(0, 32), path, options, known);
      return [partition];
    },
    async *read(_, after) {
      isRead = true;
      let isNew = after === 0;
      const batches = options.isLines ? lines(path, after) : rows(path, options, after, context);
      for await (const batch of batches) {
        if (batch.length === 0) continue;
        isNew = true;
        yield batch;
      }
      if (!isNew && options.refuseSeen) throw seen(path);
    },
    publish: () => Promise.reject(new AppError('bad-usage', `${path} is whole: nothing is added to it`)),
    waiting: () => undefined,
    close: () => undefined,
  };
}

/**
 * The digest of a file, and of how it is read: another filter is another place in it. AppError 'bad-usage' where it was read
 * otherwise. Earlier versions named a file by its digest alone, however they read it.
 */
function partitionOf(
  digest: string,
  path: string,
  options: TextOptions & Pick<EventRowsOptions, 'format'>,
  known: SourceStart['known'],
): string {
  const asked = { ...textOptions(options), format: options.format === 'auto' ? undefined : options.format };
  const reading = JSON.stringify(asked);
  const own =
    reading === '{}' || known.has(digest) ? digest : `${digest}-${hash('sha256', reading).slice(0, 8)}`;
  const other = [...known.keys()].find((each) => each.startsWith(digest) && each !== own);
  if (other === undefined) return own;
  throw new AppError('bad-usage', `the events of ${path} were read before, by other options`, {
    suggestions: ['go on with the options of then (`columns`, `filter`, `types`, `format`, `sql` …)'],
    details: { file: path },
  });
}

function seen(path: string): AppError {
  return new AppError('bad-usage', `the events of ${path} were added before: its sha256 is known`, {
    suggestions: ['name a file with new events'],
    details: { file: path },
  });
}

async function hashed(path: string, { signal }: ReadingContext): Promise<string> {
  try {
    return (await hashFile(path, { signal })).sha256;
  } catch (error) {
    if (signal.aborted || error instanceof AppError) throw error;
    throw unreadable(path, path, error);
  }
}

/** Whether it is JSON Lines: one of its first lines is an object, or its only one may become one. */
export async function holdsObjects(path: string): Promise<boolean> {
  requireRegular(path);
  const head = (await readHead(path, path)).toString('utf8').trimStart();
  if (!head.startsWith('{')) return false;
  const [first = '', ...more] = head.split('\n', 1000);
  return (
    (more.length === 0 && first.length <= maxLineBytes) || [first, ...more].some((line) => parseObject(line))
  );
}

async function* lines(path: string, after: number): AsyncGenerator<SourceEvent[]> {
  const splitter = new LineSplitter(after);
  for await (const piece of createReadStream(path, { start: after, highWaterMark: 256 << 10 }))
    yield splitter.push(piece as Buffer);
  yield splitter.finish();
}

async function* rows(
  path: string,
  options: EventRowsOptions,
  after: number,
  context: ReadingContext,
): AsyncGenerator<SourceEvent[]> {
  const reading = { ...options, moreColumns: keptRoles, moreTypes: keptTypes };
  for await (const { records } of readEventRows([path], reading, context)) {
    yield records.flatMap(({ line, bad, ...read }): SourceEvent[] => {
      if (line <= after) return [];
      if (read.event !== undefined)
        return [{ offset: line, text: textOf({ ...read, event: read.event }), isPlain: true }];
      const problem = bad?.message ?? 'cannot be read';
      return [{ offset: line, text: bad?.value ?? '', isPlain: true, problem }];
    });
  }
}

/** As a line of JSON that says the same, exactly. */
function textOf({
  event,
  otherType,
  more,
}: Pick<EventRecord, 'otherType' | 'more'> & { event: ParsedEvent }): string {
  const { user, item, weight, time, type } = event;
  const fraction = String(weight % weightUnits).padStart(9, '0');
  const kept = keptRoles.flatMap((role, at) => ((more[at] ?? '') === '' ? [] : [[role, more[at]] as const]));
  return JSON.stringify({
    ...(item === '' ? {} : { item }),
    ...{ user, type: otherType ?? eventTypes[type], weight: `${weight / weightUnits}.${fraction}` },
    ...(time === noTimeNumber ? {} : { time: new Date(time).toISOString() }),
    ...Object.fromEntries(kept),
  });
}
