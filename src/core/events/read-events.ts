/** Files of listening events → interactions. */
import { AppError } from '../errors.js';
import type { Interactions, Progress } from '../contracts.js';
import { interactionsOf, type Minimums } from './core-filter.js';
import { EventPasses, maxExamples } from './event-passes.js';
import { asRead, exampleEvents, type AsRead, type ExampleEvent } from './first-look.js';
import { filterInWords, nothingLeft, type EventFilter } from './event-filter.js';
import type { SkippedRow } from './event-of-record.js';
import { openEventFiles, type OpeningOptions } from './open-event-files.js';
import type { ReadingContext } from './files/input-file.js';
import type { LedgerCell } from '../numeric/ledger-cell.js';
import {
  remarksOn,
  remarksOnTitles,
  sourceSummary,
  type Remark,
  type SourceSummary,
} from './reading-remarks.js';
import { findLedgerMark } from './ledger-mark.js';
import { itemDetails, type ItemDetail } from './relation/item-details.js';
import { withScratchDirectory } from './files/scratch-directory.js';

export interface ReadEventsOptions extends ReadingContext, EventFilter, OpeningOptions, Minimums {
  /** Paths of files, folders and archives, globs, `-` for stdin. */
  readonly files: readonly string[];
  readonly skipBadRows: boolean;
  /**
   * Whether the order of plays is read too; default false. Then the order of the rows matters where they have no times: files come one
   * after another by the bytes of their paths.
   */
  readonly ordered?: boolean | undefined;
  readonly threads: number;
  /** Whether to show rows as they are understood; default false. */
  readonly firstLook?: boolean | undefined;
}

export interface EventsRead {
  readonly interactions: Interactions;
  readonly sources: readonly SourceSummary[];
  /** The names of the columns that the items' ids are made of, where they are made of several. */
  readonly itemParts: readonly string[] | undefined;
  /** What the events say of their items besides. */
  readonly itemDetails?: readonly ItemDetail[];
  /** The last entry of the ledger that the events were exported from; undefined where they were not. */
  readonly ledgerMark: LedgerCell | undefined;
  readonly skippedRows: number;
  /** Before the minimums. */
  readonly remarks: readonly Remark[];
  /** Where that was asked for. */
  readonly examples?: readonly ExampleEvent[];
  readonly asRead?: AsRead | null;
}

export interface FilesRead extends EventsRead {
  /** The first five, in the order of the files. */
  readonly skippedExamples: readonly SkippedRow[];
}

/**
 * Reads events and adds them up. The result depends on the set of events only: not on the order of rows and files, their
 * format, or the number of threads. Memory: 1.5 × the files for DuckDB, at least 500 MB and at most a quarter of the
 * machine's (what is more goes to temporary files), plus 25 bytes an event for the result.
 *
 * Throws AppError 'bad-input-file', 'bad-row', 'empty-input', 'too-large', 'bad-usage', or how the signal aborted.
 */
export async function readInteractions(options: ReadEventsOptions): Promise<FilesRead> {
  const { skipBadRows, ordered = false } = options;
  return await withScratchDirectory(async (scratch) => {
    const { files, looked, session } = await openEventFiles(options.files, scratch, options, options);
    try {
      const sources = looked.filter((source) => source !== undefined);
      const names = files.map(({ name }) => name);
      if (sources.length === 0) throw noEvents(names);
      const asked = { sources, session, skipBadRows, filter: options, ordered, context: options };
      const { events, rows, careful, numUntimed, titles } = await new EventPasses(asked).read();
      const skippedRows = sum([...careful.values()].map((result) => result.skippedRows));
      const skippedExamples = sources
        .flatMap(({ index }) => careful.get(index)?.examples ?? [])
        .slice(0, maxExamples);
      if (events === undefined) {
        const leftOut = sources
          .flatMap((source) => source.leftOut ?? [])
          .map(({ what, rows }) => `${what} (${String(rows)})`);
        if (leftOut.length > 0) throw nothingKept(names, leftOut);
        throw filterInWords(options) === ''
          ? noEvents(names, skippedRows, skippedExamples[0]?.message)
          : nothingLeft(names, options);
      }
      const ledgerMark = await findLedgerMark(sources, session, options);
      if (skippedRows > 0) options.onProgress(skippedWarning(skippedRows, skippedExamples));
      const summaries = sources.map((source) =>
        sourceSummary(source, rows.get(source.index) ?? 0, careful.get(source.index)?.skippedRows ?? 0),
      );
      const ofTitles = remarksOnTitles(titles, sources, options.columns);
      const remarks = remarksOn(summaries, numUntimed, ofTitles, options);
      const interactions = interactionsOf(events, options);
      return {
        interactions,
        ...(options.firstLook === true
          ? {
              examples: await exampleEvents(sources, session, options),
              asRead: asRead(sources, options.files, options),
            }
          : {}),
        itemDetails: await itemDetails(sources, session, interactions.items),
        ...{ sources: summaries, remarks },
        itemParts: sources
          .find(({ joined }) => joined.item !== undefined)
          ?.joined.item?.map(({ name }) => name),
        ...{ ledgerMark, skippedRows, skippedExamples },
      };
    } finally {
      session.close();
    }
  });
}

function nothingKept(files: readonly string[], leftOut: readonly string[]): AppError {
  const message = `no row of ${files.join(', ')} is left: ${leftOut.join(', ')}`;
  return new AppError('empty-input', message, { details: { files, leftOut } });
}

/** How many rows were left out, and which, as far as it is shown. */
function skippedWarning(skippedRows: number, examples: readonly SkippedRow[]): Progress {
  const more = skippedRows > examples.length ? '; …' : '';
  const which = examples.map(({ message }) => message).join('; ');
  return { kind: 'warning', message: `bad rows skipped: ${String(skippedRows)} (${which}${more})` };
}

/** @param worst what is wrong with one of the rows that were left out */
export function noEvents(files: readonly string[], skippedRows = 0, worst?: string): AppError {
  const names = files.join(', ');
  const message =
    worst === undefined
      ? `there are no events in ${names}`
      : `all ${skippedRows} rows of ${names} are bad; the first: ${worst}`;
  return new AppError('empty-input', message, { details: { files, skippedRows } });
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
