/** Files of events row by row, in order: for whoever needs to know which row an event was, and not what all add up to. */
import type { Readable } from 'node:stream';
import { abortError } from '../errors.js';
import type { EventFormat } from './files/adjacency-shape.js';
import { asPairs } from './files/adjacency-file.js';
import { eventRoles, plainName, type RoleDefinition } from './column-roles.js';
import { openDuckdb } from './duckdb-session.js';
import type { EventRecord } from './event-of-record.js';
import { eventRecords } from './event-records.js';
import { lookAtEvents, type ColumnsOfParquet, type EventSource } from './event-source.js';
import { parseDialect } from './files/delimiters.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import { openInputFiles } from './files/input-files.js';
import { openScratchDirectory } from './files/scratch-directory.js';
import { findColumns, parseColumnChoices, type ColumnChoice } from './find-columns.js';
import { columnNames, parquetColumns } from './row-source.js';
import type { TextOptions } from './text-options.js';

export interface EventRowsOptions extends TextOptions {
  readonly format?: EventFormat | undefined;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable | undefined;
  /** Columns to read besides, where a file has them, in any spelling (`plainName`), or by `columns`. */
  readonly moreColumns?: readonly string[] | undefined;
  /** Types that a row may have besides play, like, dislike and ban; in lower case. */
  readonly moreTypes?: readonly string[] | undefined;
  /** All rows of all files once to look at them, and then once more; default: once. */
  readonly twice?: boolean | undefined;
  /** Whether records of text have a digest, where they do not come once more. */
  readonly digests?: boolean;
}

export interface EventRows {
  readonly source: EventSource;
  readonly records: readonly EventRecord[];
  /** Whether they come once more. */
  readonly comeAgain: boolean;
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
  const more = (options.moreColumns ?? []).map((role) => {
    return { role, required: false, synonyms: [[plainName(role)]] };
  });
  const all = parseColumnChoices<string>(columns, [...eventRoles, ...more]);
  const choices = new Map(eventRoles.flatMap(({ role }) => entryOf(all, role)));
  const moreChoices = new Map(more.flatMap(({ role }) => entryOf(all, role)));
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
      const columnsOf: ColumnsOfParquet = (file) => parquetColumns(file, session);
      const opened: OpenedRows[] = [];
      for (const [index, input] of files.entries()) {
        const file = mayBeAdjacency ? await asPairs(input, format, directory, context) : input;
        const found = await lookAtEvents(index, file, choices, looking, columnsOf, context);
        opened.push({ file, ...(found && withColumns(found, more, moreChoices)) });
      }
      for (const comeAgain of options.twice === true ? [true, false] : [false]) {
        const following =
          comeAgain || options.twice !== true ? context : { ...context, onProgress: noProgress };
        for (const { file, source, at = [] } of opened) {
          const digests = options.digests === true && !comeAgain;
          const more = { columns: at, types: options.moreTypes ?? [], digests };
          if (source !== undefined)
            for await (const records of eventRecords(source, session, following, more)) {
              if (signal.aborted) throw abortError(signal);
              yield { source, records, comeAgain };
            }
          await file.checkUnchanged();
        }
      }
    } finally {
      session.close();
    }
  } finally {
    await scratch.close();
  }
}

/** Without a source where the file is empty. */
interface OpenedRows {
  readonly file: InputFile;
  readonly source?: EventSource;
  readonly at?: readonly (number | undefined)[];
}

/** What is read again has been counted. */
const noProgress = (): void => undefined;

/** Where each of the roles is a column: undefined where none is. Any line of JSON may have such a key. */
function withColumns(
  source: EventSource,
  more: readonly RoleDefinition<string>[],
  choices: ReadonlyMap<string, ColumnChoice>,
): { readonly source: EventSource; readonly at: readonly (number | undefined)[] } {
  const { file, format, numSeen } = source;
  const plain = new Set(source.names.map(plainName));
  const added = more.filter(
    ({ role }) => format === 'jsonl' && !choices.has(role) && !plain.has(plainName(role)),
  );
  const names = [...source.names, ...added.map(({ role }) => role)];
  const taken = new Set<number>(Object.values(source.columns));
  const left = columnNames({ ...source, names })?.map((name, at) => (taken.has(at) ? '' : name));
  const known = { file: file.name, names: left, width: names.length, numSeen };
  const found = findColumns(known, file.adjacency === true ? new Map() : choices, more);
  return { source: { ...source, names }, at: more.map(({ role }) => found[role]) };
}

function entryOf<R extends string>(choices: ReadonlyMap<string, ColumnChoice>, role: R): [R, ColumnChoice][] {
  const choice = choices.get(role);
  return choice === undefined ? [] : [[role, choice]];
}
