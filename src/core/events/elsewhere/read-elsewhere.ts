/**
 * Events that an engine on other machines reads and adds up → the same interactions as `readInteractions` makes of them here. The
 * columns are found, and what a row holds is decided, by the same rules.
 */
import { AppError } from '../../errors.js';
import { ledgerColumn } from '../../numeric/ledger-cell.js';
import type { BadRows } from './event-batch.js';
import { filterInWords, nothingLeft, type EventFilter } from '../event-filter.js';
import { artistOf, eventReader, type EventLayout } from '../event-of-record.js';
import { eventLook, eventRowsOf, eventSourceOf, type EventSource } from '../event-source.js';
import type { FileFormat } from '../files/input-file.js';
import type { InputFile, ReadingContext } from '../files/input-file.js';
import { filesOfTable, isParquet, type TableFolder } from '../files/table-folders.js';
import type { CountedEvents } from '../interactions-hash.js';
import { requireCountable } from '../pair-fold.js';
import { interactionsOf } from '../core-filter.js';
import { noEvents, sum, type EventsRead, type ReadEventsOptions } from '../read-events.js';
import { remarksOn, remarksOnTitles, sourceSummary } from '../reading-remarks.js';
import type { CountedTitles } from '../shared-titles.js';
import { standsAsItIs } from '../relation/needs-view.js';
import type { TextOptions } from '../text-options.js';
import { columnNames, type RowSource } from '../row-source.js';

/** Where events are: a path that the engine reads (globs and folders too), or a table of its catalogue. */
export type RemoteSource = { readonly path: string } | { readonly table: string };

/** The beginning of the first file of a path that is not empty. */
export interface FirstFile {
  readonly name: string;
  readonly gzip: boolean;
  /** At least; unpacked. */
  readonly bytes: number;
  readonly head: Buffer;
  /** The table that files of the path are of, which is not read by its files. */
  readonly table?: TableFolder | null;
}

export type NamedColumns = Required<Pick<RowSource, 'names' | 'types'>>;

/** A source with what its rows hold. */
export type PlannedSource = RemoteSource & {
  readonly format: FileFormat;
  readonly layout: EventLayout;
  /** Names of the columns that are read, in the order of the layout's; null for a cell that no column has. */
  readonly columns: readonly (string | null)[];
};

export interface RemoteCounts {
  /** Events by source, and rows that were left out. */
  readonly rows: readonly number[];
  readonly skipped: readonly number[];
  /** As `worstOf`. */
  readonly bad: readonly BadRows[];
  readonly titles: CountedTitles;
  /** The interactions of the events that count; there is one at least. AppErrors 'too-large'. */
  addUp(): Promise<AddedUpElsewhere>;
}

/** With how many events have no time. */
export type AddedUpElsewhere = CountedEvents & { readonly numUntimed: number };

/** What such an engine is asked. */
export interface RemoteEvents {
  /** AppError 'bad-input-file' where there is nothing. */
  firstFile(path: string): Promise<FirstFile>;
  columnsOfTable(table: string): Promise<NamedColumns>;
  columnsOfParquet(path: string): Promise<NamedColumns>;
  /** @param filter of the events that count */
  count(sources: readonly PlannedSource[], filter: EventFilter): Promise<RemoteCounts>;
}

/** As `readInteractions`, of paths and tables that `engine` reads. AppErrors of both. */
export async function readElsewhere(
  options: Omit<ReadEventsOptions, 'threads' | 'stdin'> & { readonly tables: readonly string[] },
  engine: RemoteEvents,
): Promise<EventsRead> {
  const { files, tables, skipBadRows } = options;
  const all: RemoteSource[] = [...files.map((path) => ({ path })), ...tables.map((table) => ({ table }))];
  const found: { readonly source: EventSource; readonly planned: PlannedSource }[] = [];
  for (const [index, remote] of all.entries()) {
    const source = await lookAt(index, remote, options, engine);
    if (source !== undefined) found.push({ source, planned: planOf(remote, source) });
  }
  const names = all.map(nameOf);
  if (found.length === 0) throw noEvents(names);
  const { minWeight, fromMs, beforeMs } = options;
  const counts = await engine.count(
    found.map(({ planned }) => planned),
    { minWeight, fromMs, beforeMs },
  );
  const skippedRows = sum(counts.skipped);
  const [worst] = counts.bad;
  if (worst !== undefined && (worst.isFatal || !skipBadRows)) throw badRows(counts, skippedRows);
  if (sum(counts.rows) === 0) {
    const isBare = worst !== undefined || filterInWords(options) === '';
    throw isBare ? noEvents(names, skippedRows, worst?.message) : nothingLeft(names, options);
  }
  requireCountable(sum(counts.rows));
  const sources = found.map(({ source }) => source);
  const ofTitles = remarksOnTitles(counts.titles, sources, options.columns);
  const { numUntimed, ...counted } = await counts.addUp();
  if (skippedRows > 0) {
    const message = `bad rows skipped: ${String(skippedRows)} (${inWords(counts.bad, skippedRows)})`;
    options.onProgress({ kind: 'warning', message });
  }
  if (found.some(({ source }) => columnNames(source)?.includes(ledgerColumn) === true)) {
    const message =
      'the events were exported from a ledger: which of them it holds, their times alone will say';
    options.onProgress({ kind: 'warning', message });
  }
  const summaries = found.map(({ source, planned }, at) => ({
    ...sourceSummary(source, counts.rows[at] ?? 0, counts.skipped[at] ?? 0),
    path: nameOf(planned),
  }));
  return {
    remarks: remarksOn(summaries, numUntimed, ofTitles, options),
    interactions: interactionsOf(counted, options),
    sources: summaries,
    itemParts: found.find(({ source }) => source.joined.item)?.source.joined.item?.map(({ name }) => name),
    ledgerMark: undefined,
    skippedRows,
  };
}

/** AppError 'bad-usage' for what only a reader of this machine's files can do. */
export function requireReadable({
  files,
  encoding,
  format = 'auto',
  ordered = false,
  ...views
}: Pick<ReadEventsOptions, 'files' | 'encoding' | 'format' | 'ordered' | 'filter' | 'types' | 'sql'>): void {
  const refuse = (what: string, instead: string): never => {
    throw new AppError('bad-usage', `\`engine\` spark ${what}`, { suggestions: [instead] });
  };
  if (ordered) refuse('does not read the order of plays', 'use `engine` local');
  if (files.includes('-')) refuse('does not read standard input', 'name a path that the executors can read');
  if (encoding !== undefined)
    refuse('reads UTF-8 alone', 'convert the files, to Parquet best, or use `engine` local');
  for (const name of ['filter', 'types', 'sql'] as const)
    if (views[name] !== undefined)
      refuse(
        `does not take \`${name}\``,
        'write what it leaves as Parquet or JSON Lines, or use `engine` local',
      );
  if (format !== 'auto')
    refuse(`does not read \`format\` ${format}`, 'convert the files, or use `engine` local');
}

async function lookAt(
  index: number,
  remote: RemoteSource,
  options: ReadingContext & TextOptions,
  engine: RemoteEvents,
): Promise<EventSource | undefined> {
  const look = eventLook(options);
  if ('table' in remote) {
    const named = await engine.columnsOfTable(remote.table);
    const plain = { index, format: 'parquet', header: false, blankLines: 0 } as const;
    const file = fileOf({ name: remote.table, gzip: false, bytes: 0, head: Buffer.alloc(0) });
    return eventSourceOf({ ...plain, file, ...named }, look, options);
  }
  const { path } = remote;
  const columnsOfParquet = (): Promise<NamedColumns> => engine.columnsOfParquet(path);
  const first = await engine.firstFile(path);
  if (first.table && isParquet(first.head)) throw filesOfTable(path, first.table);
  const file = fileOf(first);
  const { found, own } = await eventRowsOf(index, file, look, columnsOfParquet);
  if (found === undefined) return undefined;
  return standsAsItIs(found, own) ? eventSourceOf(found, own, options) : refuseView(file.name);
}

/** Views are DuckDB's. */
function refuseView(name: string): never {
  throw new AppError(
    'bad-usage',
    `\`engine\` spark reads ${name} as it stands: columns by their names, and no filter`,
    {
      suggestions: ['use `engine` local, or write the rows as Parquet or JSON Lines'],
    },
  );
}

function fileOf({ name, gzip, bytes, head }: FirstFile): InputFile {
  return { name, path: name, gzip, bytes, head, checkUnchanged: () => Promise.resolve() };
}

function planOf(remote: RemoteSource, source: EventSource): PlannedSource {
  const { columns, joined, weightOptional, decimalComma, format, names, types, dialect, header } = source;
  const layout: EventLayout = {
    ...{ columns, joined, weightOptional, decimalComma, format, names, header, titles: source.titles },
    ...(types === undefined ? {} : { types }),
    ...(dialect === undefined ? {} : { dialect }),
    file: { name: nameOf(remote) },
    isUnnumbered: true,
  };
  const read = eventReader(layout, artistOf(layout)).columns;
  return {
    ...remote,
    format,
    layout,
    columns: read.map((at) => (at === undefined ? null : (names[at] ?? null))),
  };
}

function nameOf(source: RemoteSource): string {
  return 'table' in source ? `table ${source.table}` : source.path;
}

function badRows({ bad }: RemoteCounts, skippedRows: number): AppError {
  const [worst] = bad;
  const others = skippedRows - (worst?.rows ?? 0);
  const more = others > 0 ? `; ${String(others)} other rows are bad too` : '';
  return new AppError('bad-row', `${worst?.message ?? ''}${alike(worst?.rows ?? 1)}${more}`, {
    suggestions: [
      ...(worst?.advice === undefined ? [] : [worst.advice]),
      worst?.isFatal === true
        ? 'Convert the files to Parquet, or use `engine` local.'
        : 'Fix the rows, or leave out such rows with `skipBadRows`.',
    ],
    details: { rows: skippedRows, examples: bad.map(({ message }) => message) },
  });
}

function inWords(bad: RemoteCounts['bad'], skippedRows: number): string {
  const shown = bad.map(({ message, rows }) => `${message}${alike(rows)}`).join('; ');
  return sum(bad.map(({ rows }) => rows)) < skippedRows ? `${shown}; …` : shown;
}

function alike(rows: number): string {
  return rows === 1 ? '' : ` (${String(rows)} such rows)`;
}
