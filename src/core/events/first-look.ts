/** What a dry run shows of files: rows as they were understood, and the options that say what was recognised. */
import type { Rank, Text } from '../contracts.js';
import type { DuckdbSession } from './duckdb-session.js';
import { eventRecords } from './event-records.js';
import { eventTypes, noTimeNumber } from './event-rules.js';
import type { EventSource } from './event-source.js';
import type { ReadingContext } from './files/input-file.js';
import { quoted } from './joined-ids.js';
import { columnNames } from './row-source.js';
import type { TextOptions } from './text-options.js';

/** A row as it was understood. */
export interface ExampleEvent {
  readonly file: Text;
  /** Line of a text file, or row, from 1. */
  readonly row: Rank;
  readonly user: Text;
  readonly item: Text;
  readonly type: Text;
  readonly weight: number;
  /** ISO 8601; null where it has none. */
  readonly time: string | null;
}

/** The first events of the first file that has any. */
export async function exampleEvents(
  sources: readonly EventSource[],
  session: DuckdbSession,
  context: ReadingContext,
  most = 3,
): Promise<ExampleEvent[]> {
  const quiet = { ...context, onProgress: () => undefined };
  // No more is read ahead than is looked at.
  await session.rows(`SET streaming_buffer_size = '1MB'`);
  for (const source of sources) {
    const found: ExampleEvent[] = [];
    for await (const batch of eventRecords(source, session, quiet)) {
      for (const { line, event } of batch.slice(0, 1000)) {
        if (event === undefined || found.length === most) continue;
        const time = event.time === noTimeNumber ? null : new Date(event.time).toISOString();
        const { user, item, weight, type } = event;
        found.push({
          file: source.file.name,
          row: line,
          user,
          item,
          type: eventTypes[type],
          weight: Number(weight) / 1e9,
          time,
        });
      }
      break;
    }
    if (found.length > 0) return found;
  }
  return [];
}

/** Options that have files read as they were, whatever is recognised later. */
export interface AsRead {
  /** As they were named. */
  readonly events: readonly Text[];
  readonly format?: Text;
  readonly columns?: Text;
  readonly delimiter?: Text;
  readonly quote?: Text;
  readonly encoding?: Text;
  readonly noHeader?: true;
  readonly decimalComma?: true;
  readonly skipBadRows?: true;
  readonly sql?: Text;
  readonly filter?: Text;
  readonly types?: Text;
}

/** null where files were read otherwise than each other. */
export function asRead(
  sources: readonly EventSource[],
  events: readonly string[],
  {
    delimiter,
    quote,
    encoding,
    noHeader,
    decimalComma,
    sql,
    filter,
    types,
    skipBadRows,
  }: TextOptions & {
    readonly skipBadRows: boolean;
  },
): AsRead | null {
  const alike = new Map(sources.map((source) => [JSON.stringify(optionsOf(source)), source]));
  const [source] = alike.values();
  if (alike.size !== 1 || source === undefined) return null;
  const all = { delimiter, quote, encoding, noHeader, decimalComma, sql, filter, types, skipBadRows };
  const said = Object.entries(all).filter(([, value]) => value !== undefined && value !== false);
  return { events, ...optionsOf(source), ...Object.fromEntries(said) };
}

function optionsOf(source: EventSource): Omit<AsRead, 'events'> {
  const { recognised, columns, joined, numSeen, file, dialect, numOwn = source.names.length } = source;
  if (recognised !== undefined) return { format: recognised };
  if (file.adjacency === true) return { format: 'lightgcn' };
  const names = columnNames(source);
  // An expression is called as it is written.
  const named = (at: number): string =>
    at >= numOwn ? source.names[at]! : names === undefined ? String(at + 1) : quoted(names[at] ?? '');
  const roles = Object.entries(columns)
    .filter(([, at]) => at < numSeen)
    .map(([role, at]) => {
      const parts = role === 'user' || role === 'item' ? joined[role] : undefined;
      const text = parts?.map(({ column, name }) => {
        return name === names?.[column] ? named(column) : `${name}:${named(column)}`;
      });
      return `${role}=${text?.join('+') ?? named(at)}`;
    });
  const isGuessed =
    dialect !== undefined && file.from === undefined && ![',', '\t'].includes(dialect.delimiter);
  return { columns: roles.join(','), ...(isGuessed ? { delimiter: dialect.delimiter } : {}) };
}
