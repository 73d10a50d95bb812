/** Files of events row by row, in order: for whoever needs to know which row an event was, and not what all add up to. */
import { abortError } from '../errors.js';
import { eventRoles, plainName, type EventRole, type RoleDefinition } from './column-roles.js';
import type { EventRecord } from './event-of-record.js';
import { eventRecords } from './event-records.js';
import { openEventFiles, type EventSource, type OpeningOptions } from './event-source.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import { openScratchDirectory } from './files/scratch-directory.js';
import { findColumns, parseColumnChoices, type ColumnChoice } from './find-columns.js';
import { columnNames } from './row-source.js';

export interface EventRowsOptions extends OpeningOptions {
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
  const more = (options.moreColumns ?? []).map((role) => {
    return { role, required: false, synonyms: [[plainName(role)]] };
  });
  const all = parseColumnChoices<string>(options.columns ?? '', [...eventRoles, ...more]);
  const choices = all as ReadonlyMap<EventRole, ColumnChoice>;
  const { signal } = context;
  const scratch = await openScratchDirectory();
  try {
    const reading = { ...options, choices, threads: 1 };
    const { files, looked, session } = await openEventFiles(paths, scratch.directory, reading, context);
    try {
      const opened = files.map((file, at): OpenedRows => {
        const found = looked[at];
        return { file, ...(found && withColumns(found, more, all)) };
      });
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
