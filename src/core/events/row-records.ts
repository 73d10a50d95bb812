/** A file of rows as records in the file's order, each with its line (or row) number and its cells. */
import { createReadStream } from 'node:fs';
import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import type { DuckDBValue } from '@duckdb/node-api';
import { AppError, machineError } from '../errors.js';
import { badBytesShown } from './files/bad-bytes.js';
import { DelimitedTokenizer, type DelimitedRecord } from './files/delimited-records.js';
import { howToSayThereAreNoQuotes } from './files/delimiters.js';
import type { DuckdbSession } from './duckdb-session.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import { howToSayTheEncoding, unreadableParquet, type RowSource } from './row-source.js';
import { quotedText } from '../expressions/sql.js';
import { scan, textOf } from './row-sql.js';

export interface RowRecord {
  /** From 1: a line of a text file (the one on which the record begins), a row of a Parquet file. */
  readonly line: number;
  /** Where digests were asked for, of a text file: see `PrefixDigest`. */
  readonly digest?: string | undefined;
  /** A cell for each of the columns that were asked for; null where there is none. */
  readonly cells: readonly (string | null)[];
  /** The end of a sentence that begins with the line, where the record as a whole is bad. */
  readonly problem?: string;
  /** The first cell that is bad, whatever is wanted in it: its place in `cells`, and the end of a sentence that begins with it. */
  readonly badCell?: { readonly at: number; readonly problem: string };
  /** What to do about it, besides fixing the row. */
  readonly advice?: string;
}

/** A longer line of JSON is refused; the fast reading, which is DuckDB's, takes none that is longer. */
const maxJsonLineBytes = 32 << 20;

/**
 * The cells of `columns` (positions, or undefined for a cell that is always null), in batches, so that the event loop
 * turns between them. `session` is only asked for where the format needs it.
 * @param plainOnly [columns] whether a cell of JSON may be text or a number only; elsewhere objects come as their text
 * @param digests whether records of text have a digest
 */
export function recordsOf(
  source: RowSource,
  columns: readonly (number | undefined)[],
  session: () => Promise<DuckdbSession>,
  context: ReadingContext,
  plainOnly: readonly boolean[] = [],
  digests = false,
): AsyncGenerator<RowRecord[]> {
  const prefix = digests ? new PrefixDigest() : undefined;
  switch (source.format) {
    case 'csv':
    case 'tsv':
      return delimitedRecords(source, columns, context, prefix);
    case 'jsonl':
      return jsonRecords(source, columns, session, context, plainOnly, prefix);
    case 'parquet':
      return parquetRecords(source, columns, session);
  }
}

/**
 * Of a text file's records: each has the digest of the bytes up to and including it, but for line ends and empty lines. So a file
 * that grew repeats the digests of its beginning, and another file that begins otherwise has none of them.
 */
class PrefixDigest {
  /** The digest of what came before, and room for a record. */
  #memory = Buffer.alloc(1024);

  /** 32 hex digits. */
  take(bytes: Buffer): string {
    const end = 64 + bytes.length;
    if (end > this.#memory.length) this.#memory = Buffer.concat([this.#memory], 2 * end);
    bytes.copy(this.#memory, 64);
    const digest = hash('sha256', this.#memory.subarray(0, end));
    this.#memory.write(digest, 'latin1');
    // A text of its own, which does not keep the whole one.
    return this.#memory.toString('latin1', 0, 32);
  }
}

async function* delimitedRecords(
  source: RowSource,
  columns: readonly (number | undefined)[],
  context: ReadingContext,
  prefix: PrefixDigest | undefined,
): AsyncGenerator<RowRecord[]> {
  const tokenizer = new DelimitedTokenizer(source.dialect!);
  let { header } = source;
  for await (const { chunk, final } of chunksOf(source.file, context)) {
    const batch: RowRecord[] = [];
    for (const record of tokenizer.push(chunk, final)) {
      const digest = prefix?.take(tokenizer.recordBytes());
      if (header) header = false;
      else {
        const row = delimitedRow(source, record, columns);
        batch.push(digest === undefined ? row : { ...row, digest });
      }
    }
    yield batch;
  }
}

/** A record of a delimited file as a row of its columns. */
export function delimitedRow(
  { names, file }: Pick<RowSource, 'names'> & { readonly file: Pick<InputFile, 'encoding'> },
  { line, cells, notUtf8, problem }: DelimitedRecord,
  columns: readonly (number | undefined)[],
): RowRecord {
  const width = names.length;
  if (problem !== undefined) {
    const advice = problem.includes('quote') ? { advice: howToSayThereAreNoQuotes } : {};
    return { line, cells: [], problem, ...advice };
  }
  if (cells.length < width || cells.some((cell, at) => at >= width && cell !== '')) {
    // Delimiters at the end of a line are let pass, as DuckDB does.
    const found = `${cells.length} column${cells.length === 1 ? '' : 's'}`;
    return { line, cells: [], problem: `has ${found}; ${width} are wanted` };
  }
  const isBad = (at: number | undefined): boolean => at !== undefined && notUtf8?.has(at) === true;
  const picked = columns.map((at) => (at === undefined || isBad(at) ? null : (cells[at] ?? null)));
  const bad = notUtf8 === undefined ? -1 : columns.findIndex(isBad);
  if (bad < 0) return { line, cells: picked };
  const { problem: badBytes, ...advice } = notUtf8Problem(file, notUtf8!.get(columns[bad]!)!);
  return { line, cells: picked, badCell: { at: bad, problem: badBytes }, ...advice };
}

async function* jsonRecords(
  source: RowSource,
  columns: readonly (number | undefined)[],
  session: () => Promise<DuckdbSession>,
  context: ReadingContext,
  plainOnly: readonly boolean[],
  prefix: PrefixDigest | undefined,
): AsyncGenerator<RowRecord[]> {
  // DuckDB takes the objects apart, so that a number is written here as the fast reading writes it.
  const { duckdb, rows } = await session();
  const used = [...new Set(columns.filter((column) => column !== undefined))];
  const pointers = used.map((column) => quotedText(pointerTo(source.names[column]!)));
  const value = (column: number): string => `x[${used.indexOf(column) + 1}]`;
  const cells = columns.map((column) =>
    column === undefined ? 'NULL::VARCHAR' : `json_extract_string(${value(column)}, '$')`,
  );
  const types = columns.map((column) =>
    column === undefined ? 'NULL::VARCHAR' : `json_type(${value(column)})`,
  );
  // A line is parsed once, for all of its cells and to see whether it is JSON: what is parsed takes several times its size.
  const sql =
    `WITH found AS MATERIALIZED (SELECT n, TRY(json_extract(l, [${pointers.join(', ')}])) AS x ` +
    'FROM (SELECT unnest($1) AS l, unnest($2) AS n)) ' +
    `SELECT n, x IS NOT NULL, ${[...cells, ...types].join(', ')} FROM found ORDER BY n`;
  for await (const lines of linesOf(source.file, context)) {
    const filled = lines.flatMap(({ line, text }) =>
      text === undefined || text.trim() === '' ? [] : [{ line, text }],
    );
    const broken = lines.flatMap(({ text, ...bad }): RowRecord[] =>
      text === undefined ? [{ ...bad, cells: [] }] : [],
    );
    if (filled.length === 0) {
      yield broken;
      continue;
    }
    const found = await rows(
      sql,
      [
        duckdb.listValue(filled.map(({ text }) => text)),
        duckdb.listValue(filled.map(({ line }) => BigInt(line))),
      ],
      [duckdb.LIST(duckdb.VARCHAR), duckdb.LIST(duckdb.BIGINT)],
    );
    const records = found.map(([line, isObject, ...row], which): RowRecord => {
      const digest = prefix?.take(Buffer.from(filled[which]?.text ?? ''));
      if (isObject !== true) return { line: Number(line), cells: [], problem: notAnObject };
      const record = { line: Number(line), digest, cells: row.slice(0, columns.length).map(textOrNull) };
      const kinds = row.slice(columns.length).map((type) => notPlain.get(textOrNull(type) ?? ''));
      const at = kinds.findIndex((kind, cell) => kind !== undefined && plainOnly[cell] === true);
      const badCell = { at, problem: `is ${kinds[at] ?? ''}; text or a number is wanted` };
      return at < 0 ? record : { ...record, badCell };
    });
    yield [...records, ...broken].sort((a, b) => a.line - b.line);
  }
}

/** What is wrong with a line of JSON that holds something else. */
export const notAnObject = 'is not a JSON object';

/** What is no value of a cell, by DuckDB's name of its type. */
const notPlain = new Map([
  ['OBJECT', 'an object'],
  ['ARRAY', 'an array'],
  ['BOOLEAN', 'true or false'],
]);

async function* parquetRecords(
  source: RowSource,
  columns: readonly (number | undefined)[],
  session: () => Promise<DuckdbSession>,
): AsyncGenerator<RowRecord[]> {
  const { rows, chunks } = await session();
  const cells = columns.map((column) => (column === undefined ? 'NULL::VARCHAR' : textOf(source, column)));
  const used = columns.filter((column) => column !== undefined);
  await rows('SET preserve_insertion_order = true');
  let row = 0;
  const { rowColumn = 'NULL', file } = source;
  const sql = `SELECT ${[...cells, rowColumn].join(', ')} FROM ${scan(source, used, 1)}`;
  try {
    for await (const chunk of chunks(sql, [file.path])) {
      yield chunk.getRows().map((values) => {
        row += 1;
        const line = rowColumn === 'NULL' ? row : Number(values.at(-1));
        return { line, cells: values.slice(0, -1).map(textOrNull) };
      });
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
export function pointerTo(key: string): string {
  return `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** A line: its text, or what is wrong with it. */
interface JsonLine extends Pick<RowRecord, 'line' | 'problem' | 'advice'> {
  readonly text?: string;
}

/** Lines with their numbers, in batches. Memory: the longest line that is taken, and a chunk. */
async function* linesOf(file: InputFile, context: ReadingContext): AsyncGenerator<JsonLine[]> {
  let line = 1;
  let pending: Buffer[] = [];
  let pendingBytes = 0;
  // Within a line that is too long, and named already.
  let dropping = false;
  for await (const { chunk, final } of chunksOf(file, context)) {
    const batch: JsonLine[] = [];
    let at = 0;
    while (at < chunk.length || (final && pendingBytes > 0)) {
      const lf = chunk.indexOf(10, at);
      const end = lf < 0 ? chunk.length : lf;
      if (!dropping) pending.push(chunk.subarray(at, end));
      pendingBytes += end - at;
      at = end + 1;
      if (pendingBytes > maxJsonLineBytes && !dropping) {
        dropping = true;
        pending = [];
        batch.push({ line, problem: `is longer than ${maxJsonLineBytes} bytes` });
      }
      if (lf < 0 && !final) break;
      if (!dropping) batch.push(lineOf(file, line, Buffer.concat(pending)));
      pending = [];
      pendingBytes = 0;
      dropping = false;
      line += 1;
    }
    yield batch;
  }
}

function lineOf(file: InputFile, line: number, bytes: Buffer): JsonLine {
  if (!isUtf8(bytes)) return { line, ...notUtf8Problem(file, bytes) };
  const text = bytes.toString('utf8');
  return text.trim() === '' || /^\s*\{/.test(text) ? { line, text } : { line, problem: notAnObject };
}

/** The end of a sentence about a line or a cell. `bytes` are those of the file, or of its copy from another encoding. */
function notUtf8Problem(
  { encoding }: Pick<InputFile, 'encoding'>,
  bytes: Buffer,
): { readonly problem: string; readonly advice?: string } {
  return encoding === undefined
    ? { problem: `is not UTF-8: "${badBytesShown(bytes)}"`, advice: howToSayTheEncoding }
    : { problem: `has bytes that are not a character in ${encoding}` };
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
