import type { RoleDefinition } from './column-roles.js';
import { openDuckdb, type DuckdbSession } from './duckdb-session.js';
import { eventLook, lookAtEvents, type EventSource } from './event-source.js';
import { asPairs } from './files/adjacency-file.js';
import type { EventFormat } from './files/adjacency-shape.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import { openInputFiles, type InputOptions } from './files/input-files.js';
import { columnsOfParquet } from './row-source.js';
import type { TextOptions } from './text-options.js';

export interface OpeningOptions extends TextOptions, InputOptions {
  /** How the files are read; default 'auto'. */
  readonly format?: EventFormat | undefined;
}

interface OpenOptions extends OpeningOptions {
  readonly threads: number;
  /** Columns to find besides. */
  readonly moreRoles?: readonly RoleDefinition<string>[];
}

/** By file, what it is; undefined where it is empty. The session is to be closed. AppErrors 'bad-input-file' and 'bad-usage'. */
export async function openEventFiles(
  paths: readonly string[],
  scratch: string,
  { format = 'auto', encoding, stdin, threads, moreRoles, ...text }: OpenOptions,
  context: ReadingContext,
): Promise<{ files: InputFile[]; looked: (EventSource | undefined)[]; session: DuckdbSession }> {
  const look = eventLook(text, moreRoles);
  // What has a delimiter has columns.
  const mayBeAdjacency = format !== 'auto' || look.dialect.delimiter === undefined;
  const files: InputFile[] = [];
  for (const file of await openInputFiles(paths, scratch, context, { stdin, encoding }))
    files.push(mayBeAdjacency ? await asPairs(file, format, scratch, context) : file);
  const inputBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const session = await openDuckdb({ scratch, threads, inputBytes, signal: context.signal });
  try {
    const looked: (EventSource | undefined)[] = [];
    for (const [index, file] of files.entries())
      looked.push(await lookAtEvents(index, file, look, (each) => columnsOfParquet(each, session), context));
    return { files, looked, session };
  } catch (error) {
    session.close();
    throw error;
  }
}
