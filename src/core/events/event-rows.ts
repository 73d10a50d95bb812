/** Files of events row by row, in order: for whoever needs to know which row an event was, and not what all add up to. */
import { abortError } from '../errors.js';
import { plainName } from './column-roles.js';
import type { EventRecord } from './event-of-record.js';
import { eventRecords } from './event-records.js';
import type { EventSource } from './event-source.js';
import { openEventFiles, type OpeningOptions } from './open-event-files.js';
import type { ReadingContext } from './files/input-file.js';
import { openScratchDirectory } from './files/scratch-directory.js';
import { noteRows, remarksOnProfiles, sourceSummary } from './reading-remarks.js';

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
 * The rows of files (as openInputFiles takes them) in batches; none of an empty one. Memory: a batch, and DuckDB's for JSON
 * Lines and Parquet. AppErrors as `readInteractions`, but for bad rows, which are given too.
 */
export async function* readEventRows(
  paths: readonly string[],
  options: EventRowsOptions,
  context: ReadingContext,
): AsyncGenerator<EventRows> {
  const moreRoles = (options.moreColumns ?? []).map((role) => {
    return { role, required: false, synonyms: [[plainName(role)]] };
  });
  const { signal } = context;
  const scratch = await openScratchDirectory();
  try {
    const reading = { ...options, moreRoles, threads: 1, skipBadRows: true };
    const { files, looked, session } = await openEventFiles(paths, scratch.directory, reading, context);
    const counts = new Map<EventSource, number>();
    try {
      for (const comeAgain of options.twice === true ? [true, false] : [false]) {
        const following =
          comeAgain || options.twice !== true ? context : { ...context, onProgress: noProgress };
        for (const [at, file] of files.entries()) {
          const source = looked[at];
          const digests = options.digests === true && !comeAgain;
          const more = { columns: source?.more ?? [], types: options.moreTypes ?? [], digests };
          if (source !== undefined)
            for await (const records of eventRecords(source, session, following, more)) {
              if (signal.aborted) throw abortError(signal);
              if (!comeAgain) counts.set(source, (counts.get(source) ?? 0) + records.length);
              yield { source, records, comeAgain };
            }
          await file.checkUnchanged();
        }
      }
      const found = looked.filter((source) => source !== undefined);
      const summaries = found.map((source) => sourceSummary(source, counts.get(source) ?? 0, 0));
      noteRows(remarksOnProfiles(summaries), context);
    } finally {
      session.close();
    }
  } finally {
    await scratch.close();
  }
}

/** What is read again has been counted. */
const noProgress = (): void => undefined;
