/** A file of events row by row, in order: for whoever needs to know which row an event was, and not what all add up to. */
import type { EventFormat } from './files/adjacency-shape.js';
import { asPairs } from './files/adjacency-file.js';
import { eventRoles } from './column-roles.js';
import { openDuckdb } from './duckdb-session.js';
import { eventRecords, type EventRecord } from './event-records.js';
import { lookAtEvents } from './event-source.js';
import { parseDialect } from './files/delimiters.js';
import type { ReadingContext } from './files/input-file.js';
import { openInputFiles } from './files/input-files.js';
import { openScratchDirectory } from './files/scratch-directory.js';
import { parseColumnChoices } from './find-columns.js';
import type { TextOptions } from './text-options.js';

export interface EventRowsOptions extends TextOptions {
  readonly format?: EventFormat | undefined;
}

/** The rows of one file, in batches; none of an empty one. AppErrors as `readInteractions`, but for bad rows, which are given too. */
export async function* readEventRows(
  path: string,
  options: EventRowsOptions,
  context: ReadingContext,
): AsyncGenerator<EventRecord[]> {
  const { columns = '', encoding, noHeader = false, decimalComma = false, format = 'auto' } = options;
  const choices = parseColumnChoices(columns, eventRoles);
  const dialect = parseDialect(options.delimiter, options.quote, 'delimiter');
  const scratch = await openScratchDirectory();
  try {
    const { directory } = scratch;
    const [input] = await openInputFiles([path], directory, context, { encoding });
    if (input === undefined) return;
    const mayBeAdjacency = format !== 'auto' || dialect.delimiter === undefined;
    const file = mayBeAdjacency ? await asPairs(input, format, directory, context) : input;
    const { signal } = context;
    const session = await openDuckdb({ scratch: directory, threads: 1, inputBytes: file.bytes, signal });
    try {
      const looked = { dialect, noHeader, decimalComma };
      const source = await lookAtEvents(0, file, choices, looked, session, context);
      if (source !== undefined) yield* eventRecords(source, session, context);
      await file.checkUnchanged();
    } finally {
      session.close();
    }
  } finally {
    await scratch.close();
  }
}
