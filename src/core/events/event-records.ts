/** A file of events as records in the file's order, each with its line (or row) number and its cells by role. */
import { createReadStream } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import type { DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../errors.js';
import type { EventRole } from './column-roles.js';
import { DelimitedTokenizer } from './delimited-records.js';
import type { DuckdbSession } from './duckdb-session.js';
import { literal, selectText } from './event-sql.js';
import type { EventSource } from './event-source.js';
import { unreadableParquet } from './event-source.js';
import type { InputFile, ReadingContext } from './input-files.js';

export interface EventRecord {
  /** From 1. */
  readonly line: number;
  /** user, item, weight, time, type; null where there is none. */
  readonly cells: readonly (string | null)[];
  /** The end of a sentence that begins with the line, where the record as a whole is bad. */
  readonly problem?: string;
}

const roles: readonly EventRole[] = ['user', 'item', 'weight', 'time', 'type'];

/** Records in batches, so that the event loop turns between them. */
export function recordsOf(
  source: EventSource,
  session: DuckdbSession,
  context: ReadingContext,
): AsyncGenerator<EventRecord[]> {
  switch (source.format) {
    case 'csv':
    case 'tsv':
      return delimitedRecords(source, context);
    case 'jsonl':
      return jsonRecords(source, session, context);
    case 'parquet':
      return parquetRecords(source, session);
  }
}

async function* delimitedRecords(
  source: EventSource,
  context: ReadingContext,
): AsyncGenerator<EventRecord[]> {
  const tokenizer = new DelimitedTokenizer(source.dialect!);
  const width = source.names.length;
  const indices = roles.map((role) => source.columns[role] ?? -1);
  let header = source.header;
  for await (const { chunk, final } of chunksOf(source.file, context)) {
    const batch: EventRecord[] = [];
    for (const { line, cells, problem } of tokenizer.push(chunk, final)) {
      if (header) {
        header = false;
      } else if (problem !== undefined) {
        batch.push({ line, cells: [], problem });
      } else if (cells.length !== width && !(cells.length === width + 1 && cells[width] === '')) {
        // A delimiter at the end of a line is let pass, as DuckDB does.
        const columns = `${cells.length} column${cells.length === 1 ? '' : 's'}`;
        batch.push({ line, cells: [], problem: `has ${columns}; ${width} are wanted` });
      } else {
        batch.push({ line, cells: indices.map((at) => cells[at] ?? null) });
      }
    }
    yield batch;
  }
}

async function* jsonRecords(
  source: EventSource,
  session: DuckdbSession,
  context: ReadingContext,
): AsyncGenerator<EventRecord[]> {
  const { duckdb } = session;
  const values = roles.map((role) => {
    const column = source.columns[role];
    return column === undefined
      ? 'NULL::VARCHAR'
      : `json_extract_string(l, ${literal(pointerTo(source.names[column]!))})`;
  });
  const sql =
    `SELECT n, json_type(l) = 'OBJECT', ${values.join(', ')} FROM (SELECT n, CASE WHEN json_valid(l) THEN l ELSE 'null' END AS l ` +
    'FROM (SELECT unnest($1) AS l, unnest($2) AS n)) ORDER BY n';
  let line = 0;
  let pending: Buffer = Buffer.alloc(0);
  for await (const { chunk, final } of chunksOf(source.file, context)) {
    const data = Buffer.concat([pending, chunk]);
    const lines: string[] = [];
    const numbers: number[] = [];
    const notText: EventRecord[] = [];
    let at = 0;
    for (;;) {
      const lf = data.indexOf(10, at);
      if (lf < 0 && (!final || at === data.length)) break;
      const end = lf < 0 ? data.length : lf;
      line += 1;
      const bytes = data.subarray(at, end);
      at = end + 1;
      if (!isUtf8(bytes)) notText.push({ line, cells: [], problem: 'is not UTF-8' });
      const text = bytes.toString('utf8');
      if (isUtf8(bytes) && text.trim() !== '') {
        lines.push(text);
        numbers.push(line);
      }
      if (lf < 0) break;
    }
    pending = Buffer.from(data.subarray(at));
    if (lines.length === 0) {
      yield notText;
      continue;
    }
    const result = await session.connection.run(
      sql,
      [duckdb.listValue(lines), duckdb.listValue(numbers)],
      [duckdb.LIST(duckdb.VARCHAR), duckdb.LIST(duckdb.INTEGER)],
    );
    const records = (await result.getRows()).map(([number, isObject, ...cells]) =>
      isObject === true
        ? { line: Number(number), cells: cells.map(textOrNull) }
        : { line: Number(number), cells: [], problem: 'is not a JSON object' },
    );
    yield [...records, ...notText].sort((a, b) => a.line - b.line);
  }
}

async function* parquetRecords(source: EventSource, session: DuckdbSession): AsyncGenerator<EventRecord[]> {
  await session.rows('SET preserve_insertion_order = true');
  let line = 0;
  try {
    for await (const chunk of session.chunks(selectText(source, roles), [source.file.path])) {
      yield chunk.getRows().map((row) => ({ line: ++line, cells: row.map(textOrNull) }));
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadableParquet(source.file.name, error);
  }
  await session.rows('SET preserve_insertion_order = false');
}

function textOrNull(value: DuckDBValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** A key as a JSON Pointer (RFC 6901), which takes any key as it is. */
function pointerTo(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** The bytes of a file without its byte order mark, in chunks, the last one marked. */
async function* chunksOf(
  file: InputFile,
  { onProgress }: ReadingContext,
): AsyncGenerator<{ chunk: Buffer; final: boolean }> {
  let done = 0;
  let last: Buffer | undefined;
  for await (const read of createReadStream(file.path, { highWaterMark: 1 << 20 })) {
    const chunk = read as Buffer;
    if (last !== undefined) yield { chunk: last, final: false };
    last =
      done === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf ? chunk.subarray(3) : chunk;
    done += chunk.length;
    onProgress({ kind: 'step', phase: `checking ${file.name}`, done, total: file.bytes, unit: 'bytes' });
  }
  yield { chunk: last ?? Buffer.alloc(0), final: true };
}
