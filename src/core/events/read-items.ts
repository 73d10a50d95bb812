/** The file of `--items` → the table of the catalogue's items. */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AppError, abortError } from '../errors.js';
import type { ItemColumn, ItemTable, StringColumn } from '../contracts.js';
import { requireMemory } from '../files/machine-memory.js';
import { requireMetadataColumns } from '../tables/metadata-limit.js';
import { packStrings } from '../tables/string-column.js';
import { itemRoles, nameBeside, plainName } from './column-roles.js';
import {
  findColumns,
  findIdParts,
  holdNumber,
  openRoles,
  parseColumnChoices,
  type ColumnChoice,
  type KnownColumns,
} from './find-columns.js';
import { recogniseDates } from './date-columns.js';
import { openDuckdb, type DuckdbSession } from './duckdb-session.js';
import { otherDelimiter, parseDialect } from './files/delimiters.js';
import { breachOfId } from './event-rules.js';
import type { InputFile, ReadingContext } from './files/input-file.js';
import type { ItemDetail } from './relation/item-details.js';
import { openInputFiles } from './files/input-files.js';
import { joinedId, textsOfId } from './joined-ids.js';
import { withoutArrow } from './relation/arrow-lines.js';
import { standsAsItIs } from './relation/needs-view.js';
import { tableView } from './relation/view.js';
import { recordsOf, type RowRecord } from './row-records.js';
import type { RowSource } from './row-source.js';
import { columnNames, lookAtRows, oneColumn, otherDelimiterAdvice, columnsOfParquet } from './row-source.js';
import { withScratchDirectory } from './files/scratch-directory.js';
import type { TextOptions } from './text-options.js';

/** `columns` are `id=a,name=b`, and `artist=c` for a column that is to be called artist. */
export interface ReadItemsOptions extends ReadingContext, TextOptions {
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable;
}

/** A row of the file: its line, and its cells by column. */
interface ItemRow {
  readonly line: number;
  readonly cells: readonly (string | null)[];
}

/**
 * Reads a table of items: CSV, TSV, JSON Lines or Parquet, also packed, with a header. Column `id` is needed; the column of names
 * comes back as `name`, and all others by their own names, in the file's order, dates as ISO 8601 (date-columns.ts; a note says
 * what was made of a column, or why nothing was). With `noHeader` the first column of a delimited file is the id, the second the
 * name, and the others are `column3`, `column4` … Rows that are the same merge.
 *
 * Throws AppError 'bad-input-file', 'bad-row' (among them two different rows with one id), 'empty-input' and 'too-large'.
 */
export async function readItemTable(path: string, options: ReadItemsOptions): Promise<ItemTable> {
  const given: ReadonlyMap<string, ColumnChoice> = parseColumnChoices(
    options.columns ?? '',
    itemRoles,
    'itemColumns',
    true,
  );
  const dialect = parseDialect(options.delimiter, options.quote, 'itemDelimiter');
  return await withScratchDirectory(async (scratch) => {
    const { stdin, encoding, noHeader = false } = options;
    const [opened, ...more] = await openInputFiles([path], scratch, options, { stdin, encoding });
    if (opened === undefined || more.length > 0) {
      throw new AppError('bad-usage', `\`items\` takes one file, and ${path} names ${more.length + 1}`);
    }
    const file = await withoutArrow(opened, options);
    let running: Promise<DuckdbSession> | undefined;
    const session = (): Promise<DuckdbSession> =>
      (running ??= openDuckdb({ scratch, threads: 1, inputs: [file], signal: options.signal }));
    try {
      const looked = await lookAtRows(
        0,
        file,
        dialect,
        'itemDelimiter',
        () => !noHeader,
        async (each) => columnsOfParquet(each, await session()),
      );
      if (looked === undefined) throw noItems(file);
      const { source: found, choices } = standsAsItIs(looked, { choices: given })
        ? { source: looked, choices: given }
        : await tableView(looked, given, await session(), options);
      requireMetadataColumns(file.name, found.names.length);
      requireDelimiter(found);
      const names = columnNames(found);
      const known: KnownColumns<string> = {
        ...{ file: file.name, names, width: found.names.length, option: 'itemColumns' },
        advice: (role, known) => howToName(found, role, known),
      };
      const { id, name: usual, ...own } = findColumns(known, choices, openRoles(itemRoles, choices));
      const isOpen = usual === undefined && names !== undefined && id !== undefined && !choices.has('name');
      const beside = isOpen ? nameBeside(names, id) : usual;
      const name = Object.values(own).includes(beside) ? usual : beside;
      const parts = findIdParts(known, choices, 'id')?.map(({ column }) => column) ?? [id!];
      // Columns that an id is made of stay columns of the table.
      const onlyId = parts.length === 1 ? id : undefined;
      const source = { ...found, names: namesOf(found, onlyId, name, own) };
      const rows = await readRows(source, parts, session, options);
      await file.checkUnchanged();
      if (rows.size === 0) throw noItems(file);
      const nameColumn = name === undefined ? undefined : (names?.[name] ?? String(name + 1));
      return { ...tableOf(source, onlyId, rows, options), nameColumn };
    } finally {
      (await running)?.close();
    }
  });
}

/** Of a cell that is empty, in its row and in its column, at the least. */
const cellBytes = 16;

function howToName(source: RowSource, role: string, known: readonly string[]): readonly string[] {
  const named = [
    ...otherDelimiterAdvice(source.names, source.dialect?.delimiter, 'itemDelimiter'),
    `Say which column has the ${role}s: \`itemColumns\` ${role}=NAME. These names are recognised without it: ${known.join(', ')}.`,
  ];
  if (!source.header) return named;
  const noHeader = 'If line 1 is an item, say that there is no header: `itemHeader` no';
  return holdNumber(source.names) ? [noHeader, ...named] : [...named, noHeader];
}

/** AppError 'bad-input-file' for a single column that looks like several. */
function requireDelimiter(source: RowSource): void {
  const { dialect, names, sample, header } = source;
  if (dialect === undefined || names.length > 1) return;
  const other = otherDelimiter((header ? names[0] : sample?.[0]) ?? '', dialect.delimiter);
  if (other === undefined || other === ' ') return;
  throw oneColumn(source, 'an id and at least one other column are wanted', 'itemDelimiter');
}

/**
 * What the columns are called in the table: as `itemColumns` says, else by the header, or by their numbers where there
 * is none.
 * AppError 'bad-input-file' where two are called the same.
 */
function namesOf(
  source: RowSource,
  id: number | undefined,
  name: number | undefined,
  own: Readonly<Partial<Record<string, number>>>,
): string[] {
  const { file, header, dialect, names } = source;
  const given = new Map(Object.entries({ ...own, name }).map(([called, at]) => [at, called]));
  const hasNames = header || dialect === undefined;
  const called = names.map((text, at) => given.get(at) ?? (hasNames ? text : `column${text}`));
  const seen = new Set<string>();
  for (const [at, text] of called.entries()) {
    const problem =
      text === '' ? `column ${at + 1} has no name` : seen.has(text) ? `two columns are named "${text}"` : '';
    if (problem !== '') {
      throw new AppError('bad-input-file', `${file.name}: ${problem}`, {
        suggestions: [`Give it a name of its own: \`itemColumns\` NAME=${String(at + 1)}`],
        details: { file: file.name },
      });
    }
    // The id is no column of the table.
    if (at !== id) seen.add(text);
  }
  return called;
}

/** Rows by id, the same ones merged. */
async function readRows(
  source: RowSource,
  idParts: readonly number[],
  session: () => Promise<DuckdbSession>,
  context: ReadingContext,
): Promise<Map<string, ItemRow>> {
  const rows = new Map<string, ItemRow>();
  const columns = source.names.map((_, at) => at);
  const plainOnly = columns.map((at) => idParts.includes(at));
  for await (const batch of recordsOf(source, columns, session, context, plainOnly)) {
    if (context.signal.aborted) throw abortError(context.signal);
    requireMemory(
      `${source.file.name} with its ${columns.length} columns`,
      cellBytes * rows.size * columns.length,
      ['leave out columns that results and filters do not need'],
    );
    for (const record of batch) {
      const cells = record.cells.map((cell) => (cell === '' ? null : cell));
      const texts = idParts.map((at) => cells[at] ?? '');
      const key = texts.includes('') ? null : joinedId(texts);
      const problem = record.problem ?? cellProblem(source, record) ?? idProblem(key);
      if (problem !== undefined) throw badItem(source, record, key, problem);
      const other = rows.get(key!);
      if (other === undefined) rows.set(key!, { line: record.line, cells });
      else checkSame(source, key!, other, { line: record.line, cells });
    }
  }
  return rows;
}

function cellProblem({ names }: RowSource, { badCell }: RowRecord): string | undefined {
  return badCell === undefined ? undefined : `: ${names[badCell.at] ?? ''} ${badCell.problem}`;
}

function idProblem(id: string | null): string | undefined {
  const breach = breachOfId(id);
  return breach === undefined ? undefined : `: id ${breach.problem}`;
}

function tableOf(
  source: RowSource,
  id: number | undefined,
  rows: ReadonlyMap<string, ItemRow>,
  { onProgress }: ReadingContext,
): ItemTable {
  const sorted = sortedByBytes([...rows.keys()]);
  const ids = packStrings(sorted, 'item ids');
  const columns = source.names.flatMap((header, at): ItemColumn[] => {
    if (at === id) return [];
    const cells = sorted.map((key) => rows.get(key)!.cells[at] ?? null);
    const { column, note } = recogniseDates(columnFrom(header, cells));
    if (note !== undefined) onProgress({ kind: 'note', message: `${source.file.name}: ${note}` });
    return [column];
  });
  return { ids, columns, sha256: hashItems(ids, columns) };
}

/** What an item is called by, among the columns that its id is made of; else it is the last of them. */
const partsThatName = ['name', 'title', 'trackname', 'tracktitle', 'songname', 'songtitle', 'track', 'song'];

/**
 * The table that the events themselves are: of ids of several columns a column for each part, one of them the name; and what the
 * events say besides. undefined where they say nothing.
 */
export function itemTableOfEvents(
  items: StringColumn,
  parts: readonly string[] = [],
  details: readonly ItemDetail[] = [],
): ItemTable | undefined {
  if (parts.length + details.length === 0) return undefined;
  const plain = parts.map(plainName);
  const named = partsThatName.map((name) => plain.indexOf(name)).find((at) => at >= 0) ?? parts.length - 1;
  const rowOf = new Map(Array.from({ length: items.length }, (_, row) => [items.at(row), row]));
  const sorted = sortedByBytes([...rowOf.keys()]);
  const texts = sorted.map((id) => textsOfId(id, parts.length));
  const ids = packStrings(sorted, 'item ids');
  const ofParts = parts.map((part, at) => {
    return { name: at === named ? 'name' : part, cells: texts.map((own) => own?.[at] ?? null) };
  });
  const ofDetails = details
    .filter(({ name }) => !ofParts.some((part) => part.name === name))
    .map(({ name, cells }) => ({ name, cells: sorted.map((id) => cells[rowOf.get(id)!]!) }));
  const columns = [...ofParts, ...ofDetails].map(
    ({ name, cells }) => recogniseDates(columnFrom(name, cells)).column,
  );
  return { ids, columns, sha256: hashItems(ids, columns) };
}

/** JavaScript compares UTF-16 units, which order some characters otherwise than their bytes. */
function sortedByBytes(ids: readonly string[]): string[] {
  return ids
    .map((id) => ({ id, bytes: Buffer.from(id) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ id }) => id);
}

const wholeNumber = /^(?:0|-?[1-9]\d{0,15})$/;

/** Whole numbers where every filled cell is one, written as a computer writes it (`1985`, not `01985` or `1985.0`). */
function columnFrom(name: string, cells: readonly (string | null)[]): ItemColumn {
  const filled = cells.filter((cell) => cell !== null);
  const isInt =
    filled.length > 0 && filled.every((cell) => wholeNumber.test(cell) && Number.isSafeInteger(Number(cell)));
  return isInt
    ? { name, type: 'int', values: cells.map((cell) => (cell === null ? null : Number(cell))) }
    : { name, type: 'text', values: cells };
}

/**
 * sha256 over the table, every number little-endian: "segue-items-1" in ASCII and three zero bytes; u64 rows, u64 columns;
 * the ids; then for each column in order its name (u32 length, UTF-8), u8 0 for text or 1 for whole numbers, a u8 for each
 * row that is 1 where the cell is empty, and the cells as text. Ids and cells are (rows + 1) × u32 byte offsets, then
 * the UTF-8 of all rows, end to end.
 */
export function hashItems(ids: StringColumn, columns: readonly ItemColumn[]): string {
  const hash = createHash('sha256');
  const update = (array: ArrayBufferView): void => {
    hash.update(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  };
  const updateStrings = (strings: StringColumn): void => {
    update(strings.offsets);
    update(strings.bytes);
  };
  hash.update('segue-items-1\0\0\0', 'latin1');
  update(BigUint64Array.of(BigInt(ids.length), BigInt(columns.length)));
  updateStrings(ids);
  for (const { name, type, values } of columns) {
    const nameBytes = Buffer.from(name);
    update(Uint32Array.of(nameBytes.length));
    update(nameBytes);
    update(Uint8Array.of(type === 'int' ? 1 : 0));
    const cells = values.map((value) => (value === null ? null : String(value)));
    update(Uint8Array.from(cells, (cell) => (cell === null ? 1 : 0)));
    updateStrings(
      packStrings(
        cells.map((cell) => cell ?? ''),
        `cells of ${name}`,
      ),
    );
  }
  return hash.digest('hex');
}

function place({ file, format }: RowSource, line: number | string): string {
  return `${file.name} ${format === 'parquet' ? 'row' : 'line'} ${line}`;
}

function badItem(
  source: RowSource,
  { line, advice }: RowRecord,
  value: string | null,
  problem: string,
): AppError {
  const glue = problem.startsWith(':') ? '' : ' ';
  return new AppError('bad-row', `${place(source, line)}${glue}${problem}`, {
    suggestions: advice === undefined ? [] : [advice],
    details: { file: source.file.name, line, column: 'id', value },
  });
}

function checkSame(source: RowSource, id: string, first: ItemRow, second: ItemRow): void {
  const at = first.cells.findIndex((cell, column) => cell !== second.cells[column]);
  if (at < 0) return;
  const column = source.names[at]!;
  const shown = (row: ItemRow): string => JSON.stringify(row.cells[at] ?? '');
  const rows = source.format === 'parquet' ? 'rows' : 'lines';
  throw new AppError(
    'bad-row',
    `${source.file.name} ${rows} ${first.line} and ${second.line} both have the id ${JSON.stringify(id)}, ` +
      `with ${column} ${shown(first)} and ${shown(second)}`,
    {
      suggestions: ['Keep one of them: an id has one row, or several identical ones.'],
      details: { file: source.file.name, lines: [first.line, second.line], column, value: id },
    },
  );
}

function noItems({ name }: InputFile): AppError {
  return new AppError('empty-input', `there are no items in ${name}`, { details: { file: name } });
}
