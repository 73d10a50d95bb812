/** A file of rows as records in the file's order, each with its line (or row) number and its cells. */
import { createReadStream } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import type { DuckDBValue } from '@duckdb/node-api';
import { AppError, machineError } from '../errors.js';
import { DelimitedTokenizer } from './delimited-records.js';
import type { DuckdbSession } from './duckdb-session.js';
import type { InputFile, ReadingContext } from './input-files.js';
import type { RowSource } from './row-source.js';
import { unreadableParquet } from './row-source.js';
import { literal, scan, textOf } from './row-sql.js';

export interface RowRecord {
  /** From 1: a line of a text file (the one on which the record begins), a row of a Parquet file. */
  readonly line: number;
  /** A cell for each of the columns that were asked for; null where there is none. */
  readonly cells: readonly (string | null)[];
  /** The end of a sentence that begins with the line, where the record as a whole is bad. */
  readonly problem?: string;
}

/**
 * The cells of `columns` (positions, or undefined for a cell that is always null), in batches, so that the event loop
 * turns between them. `session` is only asked for where the format needs it.
 */
export function recordsOf(
  source: RowSource,
  columns: readonly (number | undefined)[],
  session: () => Promise<DuckdbSession>,
  context: ReadingContext,
): AsyncGenerator<RowRecord[]> {
  switch (source.format) {
    case 'csv':
    case 'tsv':
      return delimitedRecords(source, columns, context);
    case 'jsonl':
      return jsonRecords(source, columns, session, context);
    case 'parquet':
      return parquetRecords(source, columns, session);
  }
}

async function* delimitedRecords(
  source: RowSource,
  columns: readonly (number | undefined)[],
  context: ReadingContext,
): AsyncGenerator<RowRecord[]> {
  const tokenizer = new DelimitedTokenizer(source.dialect!);
  const width = source.names.length;
  let { header } = source;
  for await (const { chunk, final } of chunksOf(source.file, context)) {
    const batch: RowRecord[] = [];
    for (const { line, cells, problem } of tokenizer.push(chunk, final)) {
      if (header) {
        header = false;
      } else if (problem !== undefined) {
        batch.push({ line, cells: [], problem });
      } else if (cells.length < width || cells.some((cell, at) => at >= width && cell !== '')) {
        // Delimiters at the end of a line are let pass, as DuckDB does.
        const found = `${cells.length} column${cells.length === 1 ? '' : 's'}`;
        batch.push({ line, cells: [], problem: `has ${found}; ${width} are wanted` });
      } else {
        batch.push({ line, cells: columns.map((at) => (at === undefined ? null : (cells[at] ?? null))) });
      }
    }
    yield batch;
  }
}

async function* jsonRecords(
  source: RowSource,
  columns: readonly (number | undefined)[],
  session: () => Promise<DuckdbSession>,
  context: ReadingContext,
): AsyncGenerator<RowRecord[]> {
  // DuckDB takes the objects apart, so that a number is written here as the fast reading writes it.
  const { duckdb, connection } = await session();
  const cells = columns.map((column) =>
    column === undefined
      ? 'NULL::VARCHAR'
      : `json_extract_string(l, ${literal(pointerTo(source.names[column]!))})`,
  );
  const sql =
    `SELECT n, json_type(l) = 'OBJECT', ${cells.join(', ')} ` +
    `FROM (SELECT n, CASE WHEN json_valid(l) THEN l ELSE 'null' END AS l ` +
    'FROM (SELECT unnest($1) AS l, unnest($2) AS n)) ORDER BY n';
  for await (const lines of linesOf(source.file, context)) {
    const filled = lines.filter(({ text }) => text !== undefined && text.trim() !== '');
    const broken = lines
      .filter(({ text }) => text === undefined)
      .map(({ line }): RowRecord => ({ line, cells: [], problem: 'is not UTF-8' }));
    if (filled.length === 0) {
      yield broken;
      continue;
    }
    const result = await connection.run(
      sql,
      [
        duckdb.listValue(filled.map(({ text }) => text!)),
        duckdb.listValue(filled.map(({ line }) => BigInt(line))),
      ],
      [duckdb.LIST(duckdb.VARCHAR), duckdb.LIST(duckdb.BIGINT)],
    );
    const records = (await result.getRows()).map(([line, isObject, ...row]): RowRecord =>
      isObject === true
        ? { line: Number(line), cells: row.map(textOrNull) }
        : { line: Number(line), cells: [], problem: 'is not a JSON object' },
    );
    yield [...records, ...broken].sort((a, b) => a.line - b.line);
  }
}

async function* parquetRecords(
  source: RowSource,
  columns: readonly (number | undefined)[],
  session: () => Promise<DuckdbSession>,
): AsyncGenerator<RowRecord[]> {
  const { rows, chunks } = await session();
  const cells = columns.map((column) => (column === undefined ? 'NULL::VARCHAR' : textOf(source, column)));
  const used = columns.filter((column) => column !== undefined);
  await rows('SET preserve_insertion_order = true');
  let line = 0;
  try {
    for await (const chunk of chunks(`SELECT ${cells.join(', ')} FROM ${scan(source, used, 1)}`, [
      source.file.path,
    ])) {
      yield chunk.getRows().map((row) => ({ line: ++line, cells: row.map(textOrNull) }));
    }
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadableParquet(source.file.name, error);
  }
  await rows('SET preserve_insertion_order = false');
}

function textOrNull(value: DuckDBValue | undefined): string | null {
  return typeof value === 'string' ? value : null;
}

/** A key as a JSON Pointer (RFC 6901), which takes any key as it is. */
function pointerTo(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Lines with their numbers, in batches; a line that is not UTF-8 has no text. */
async function* linesOf(
  file: InputFile,
  context: ReadingContext,
): AsyncGenerator<{ line: number; text: string | undefined }[]> {
  let line = 0;
  let pending: Buffer = Buffer.alloc(0);
  for await (const { chunk, final } of chunksOf(file, context)) {
    const data = Buffer.concat([pending, chunk]);
    const batch: { line: number; text: string | undefined }[] = [];
    let at = 0;
    while (at < data.length) {
      const lf = data.indexOf(10, at);
      if (lf < 0 && !final) break;
      const bytes = data.subarray(at, lf < 0 ? data.length : lf);
      line += 1;
      batch.push({ line, text: isUtf8(bytes) ? bytes.toString('utf8') : undefined });
      at += bytes.length + 1;
    }
    pending = Buffer.from(data.subarray(at));
    yield batch;
  }
}

/** The bytes of a file without its byte order mark, in chunks, the last one marked. */
async function* chunksOf(
  file: InputFile,
  { onProgress }: ReadingContext,
): AsyncGenerator<{ chunk: Buffer; final: boolean }> {
  let done = 0;
  let last: Buffer | undefined;
  const stream = createReadStream(file.path, { highWaterMark: 1 << 20 });
  try {
    for await (const read of stream) {
      const chunk = read as Buffer;
      if (last !== undefined) yield { chunk: last, final: false };
      const bom = done === 0 && chunk[0] === 0xef && chunk[1] === 0xbb && chunk[2] === 0xbf;
      last = bom ? chunk.subarray(3) : chunk;
      done += chunk.length;
      onProgress({ kind: 'step', phase: `checking ${file.name}`, done, total: file.bytes, unit: 'bytes' });
    }
  } catch (error) {
    throw machineError(error, `read ${file.name}`);
  }
  yield { chunk: last ?? Buffer.alloc(0), final: true };
}
