/** Files of events, looked at: each read as it stands, or through a view. */
import { join } from 'node:path';
import { AppError } from '../errors.js';
import type { RoleDefinition } from './column-roles.js';
import { openDuckdb, type DuckdbSession } from './duckdb-session.js';
import {
  columnsRead,
  eventLook,
  eventRowsOf,
  eventSourceOf,
  type EventLook,
  type EventSource,
} from './event-source.js';
import { asPairs } from './files/adjacency-file.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import { openInputFiles, type InputOptions } from './files/input-files.js';
import { withoutArrow } from './relation/arrow-lines.js';
import { standsAsItIs } from './relation/needs-view.js';
import { namedProfile, recognised, type Profile } from './relation/profile.js';
import { viewOf, viewOfQuery, type ViewTools } from './relation/view.js';
import { columnNames, columnsOfParquet, type FoundRows } from './row-source.js';
import type { TextOptions } from './text-options.js';

export interface OpeningOptions extends TextOptions, InputOptions {
  /** `auto`, `lightgcn`, or a profile by its name or path; default 'auto'. */
  readonly format?: string | undefined;
}

interface OpenOptions extends OpeningOptions {
  readonly threads: number;
  readonly skipBadRows: boolean;
  /** Columns to find besides. */
  readonly moreRoles?: readonly RoleDefinition<string>[];
}

/** By file, what it is; undefined where it is empty. The session is to be closed. AppErrors 'bad-input-file' and 'bad-usage'. */
export async function openEventFiles(
  paths: readonly string[],
  scratch: string,
  { format = 'auto', encoding, stdin, threads, skipBadRows, moreRoles, ...text }: OpenOptions,
  context: ReadingContext,
): Promise<{ files: InputFile[]; looked: (EventSource | undefined)[]; session: DuckdbSession }> {
  const isNamed = format !== 'auto' && format !== 'lightgcn';
  const profile = isNamed ? await namedProfile(format) : undefined;
  const look = { ...eventLook(text, moreRoles), profile };
  // What has a delimiter has columns, and so has what a profile or a query names.
  const mayBeAdjacency =
    format === 'lightgcn' || (!isNamed && text.sql === undefined && look.dialect.delimiter === undefined);
  const files: InputFile[] = [];
  for (const opened of await openInputFiles(paths, scratch, context, { stdin, encoding })) {
    const file = await withoutArrow(opened, context);
    const mayBePairs = mayBeAdjacency && file === opened;
    files.push(mayBePairs ? await asPairs(file, isNamed ? 'auto' : format, scratch, context) : file);
  }
  const session = await openDuckdb({ scratch, threads, inputs: files, signal: context.signal });
  const tools: ViewTools = { session, skipBadRows, context };
  try {
    if (text.sql !== undefined) {
      const rows: FoundRows[] = [];
      for (const [index, file] of files.entries())
        rows.push(...(await rowsWithHeader(index, file, look, session)));
      const source = await viewOfQuery(rows, text.sql, join(scratch, 'input-0'), look, tools);
      return { files, looked: [source], session };
    }
    const looked: (EventSource | undefined)[] = [];
    const refused: { readonly name: string; readonly error: AppError }[] = [];
    for (const [index, file] of files.entries()) {
      const source = await lookAt(index, file, look, tools).catch((error: unknown) => {
        // What was named is read or refused; an export holds much else beside its events.
        if (!(error instanceof AppError) || paths.includes(file.name)) throw error;
        if (error.code !== 'bad-input-file') throw error;
        refused.push({ name: file.name, error });
        return undefined;
      });
      looked.push(source);
    }
    requireProfile(looked, refused, context);
    return { files, looked, session };
  } catch (error) {
    session.close();
    throw error;
  }
}

/** Warns of files that hold no events, beside some that a profile knows; without one, the first is refused. */
function requireProfile(
  looked: readonly (EventSource | undefined)[],
  refused: readonly { readonly name: string; readonly error: AppError }[],
  { onProgress }: ReadingContext,
): void {
  const [first] = refused;
  if (first === undefined) return;
  const profiles = new Set(looked.flatMap((source) => source?.recognised ?? []));
  if (profiles.size === 0) throw first.error;
  const names = refused.slice(0, 5).map(({ name }) => name);
  if (refused.length > 5) names.push(`${String(refused.length - 5)} more`);
  onProgress({
    kind: 'warning',
    message: `left out, as no events beside those of ${[...profiles].join(', ')}: ${names.join(', ')}`,
  });
}

/** As it stands, where that is possible; else by a profile that fits, or through a view. */
async function lookAt(
  index: number,
  file: InputFile,
  look: EventLook,
  tools: ViewTools,
): Promise<EventSource | undefined> {
  const { session, context } = tools;
  const parquet = (each: InputFile): ReturnType<typeof columnsOfParquet> => columnsOfParquet(each, session);
  try {
    const { found, own } = await eventRowsOf(index, file, look, parquet);
    if (found === undefined) return undefined;
    if (!standsAsItIs(found, own)) return await viewOf(found, own, tools);
    const source = eventSourceOf(found, own, context);
    const item = source.names[source.columns.item ?? 0] ?? '';
    // A list, where that was said; else a line is no event, as everywhere.
    if (own.choices.has('item') && source.lists?.includes(item) === true)
      return await viewOf(found, own, tools);
    const profile = own.choices.size > 0 || file.adjacency === true ? undefined : await tellingMore(source);
    return profile === undefined ? source : await viewOf(found, { ...own, profile }, tools);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'bad-input-file') throw error;
    if (look.profile !== undefined || file.adjacency === true) throw error;
    const [found] = await rowsWithHeader(index, file, look, session).catch(() => []);
    const names = found && columnNames(found);
    const profile = names && look.choices.size === 0 ? await recognised(names) : undefined;
    if (profile !== undefined && found !== undefined) return await viewOf(found, { ...look, profile }, tools);
    // Rows may lie within an object, and events within a row.
    const isNested = found?.nested === true || found?.types?.some((type) => /\[|STRUCT/.test(type)) === true;
    if (found === undefined || !isNested) throw error;
    return await viewOf(found, look, tools);
  }
}

/** The profile that has the same users and items, and a role for a column that nothing else has: `Hours` are weights. */
async function tellingMore(source: EventSource): Promise<Profile | undefined> {
  const { columns, joined, numSeen } = source;
  const names = columnNames(source)?.slice(0, numSeen);
  if (names === undefined || Object.keys(joined).length > 0) return undefined;
  const read = new Set(columnsRead({ ...source, titles: undefined }));
  const unread = names.filter((_, at) => !read.has(at));
  if (unread.length === 0) return undefined;
  const profile = await recognised(names);
  const isOf = (role: 'user' | 'item'): boolean =>
    profile?.[role].includes(names[columns[role] ?? -1] ?? '') === true;
  const more = [...(profile?.weight ?? []), ...(profile?.time ?? []), ...(profile?.type ?? [])];
  return isOf('user') && isOf('item') && more.some((name) => unread.includes(name)) ? profile : undefined;
}

/** The rows of a file whose first line names its columns; none where it is empty. */
async function rowsWithHeader(
  index: number,
  file: InputFile,
  look: EventLook,
  session: DuckdbSession,
): Promise<FoundRows[]> {
  const parquet = (each: InputFile): ReturnType<typeof columnsOfParquet> => columnsOfParquet(each, session);
  const { found } = await eventRowsOf(index, file, look, parquet, () => !look.noHeader);
  return found === undefined ? [] : [found];
}
