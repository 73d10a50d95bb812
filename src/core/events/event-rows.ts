/** Files of events row by row, in order: for whoever needs to know which row an event was, and not what all add up to. */
import type { Readable } from 'node:stream';
import { abortError } from '../errors.js';
import type { EventFormat } from './files/adjacency-shape.js';
import { asPairs } from './files/adjacency-file.js';
import { eventRoles, plainName } from './column-roles.js';
import { openDuckdb } from './duckdb-session.js';
import { eventRecords, type EventRecord } from './event-records.js';
import { lookAtEvents, type EventSource } from './event-source.js';
import { parseDialect } from './files/delimiters.js';
import type { ReadingContext } from './files/input-file.js';
import { openInputFiles } from './files/input-files.js';
import { openScratchDirectory } from './files/scratch-directory.js';
import { parseColumnChoices } from './find-columns.js';
import { columnNames } from './row-source.js';
import type { TextOptions } from './text-options.js';

export interface EventRowsOptions extends TextOptions {
  readonly format?: EventFormat | undefined;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
  /** Columns to read besides, where a file has them, by their plain names (`plainName`). */
  readonly moreColumns?: readonly string[] | undefined;
  /** Types that a row may have besides play, like, dislike and ban; in lower case. */
  readonly moreTypes?: readonly string[] | undefined;
}

export interface EventRows {
  readonly source: EventSource;
  readonly records: readonly EventRecord[];
}

/**
 * The rows of files (paths, globs, `-` for stdin) in batches; none of an empty one. Memory: a batch, and DuckDB's for JSON
 * Lines and Parquet. AppErrors as `readInteractions`, but for bad rows, which are given too.
 */
export async function* readEventRows(
  paths: readonly string[],
  options: EventRowsOptions,
  context: ReadingContext,
): AsyncGenerator<EventRows> {
  const { columns = '', encoding, noHeader = false, decimalComma = false, format = 'auto', stdin } = options;
  const choices = parseColumnChoices(columns, eventRoles);
  const dialect = parseDialect(options.delimiter, options.quote, 'delimiter');
  const mayBeAdjacency = format !== 'auto' || dialect.delimiter === undefined;
  const looking = { dialect, noHeader, decimalComma };
  const { signal } = context;
  const scratch = await openScratchDirectory();
  try {
    const { directory } = scratch;
    const files = await openInputFiles(paths, directory, context, { stdin, encoding });
    const inputBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const session = await openDuckdb({ scratch: directory, threads: 1, inputBytes, signal });
    try {
      for (const [index, input] of files.entries()) {
        const file = mayBeAdjacency ? await asPairs(input, format, directory, context) : input;
        const found = await lookAtEvents(index, file, choices, looking, session, context);
        if (found !== undefined) {
          const { source, at } = withColumns(found, options.moreColumns ?? []);
          const more = { columns: at, types: options.moreTypes ?? [] };
          for await (const records of eventRecords(source, session, context, more)) {
            if (signal.aborted) throw abortError(signal);
            yield { source, records };
          }
        }
        await file.checkUnchanged();
      }
    } finally {
      session.close();
    }
  } finally {
    await scratch.close();
  }
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
