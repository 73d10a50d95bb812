/** Files of listening events → interactions. */
import type { Readable } from 'node:stream';
import { AppError } from '../errors.js';
import type { Interactions, StringColumn } from '../contracts.js';
import { StringColumnBuilder } from '../tables/string-column.js';
import type { CarefulResult, SkippedRow } from './careful-reader.js';
import { readCarefully } from './careful-reader.js';
import type { EventRole } from './column-roles.js';
import { eventRoles, parseColumnChoices } from './column-roles.js';
import { coreFilter } from './core-filter.js';
import type { DuckdbSession } from './duckdb-session.js';
import { openDuckdb } from './duckdb-session.js';
import type { EventSource } from './event-source.js';
import { lookAtEvents } from './event-source.js';
import type { EventColumns, RowsFrom } from './event-sql.js';
import { fileOfFailure, selectEvents, selectIds } from './event-sql.js';
import type { FileFormat } from './file-shape.js';
import type { InputFile, ReadingContext } from './input-files.js';
import { openInputFiles } from './input-files.js';
import { hashInteractions } from './interactions-hash.js';
import type { FoldedPairs } from './pair-fold.js';
import { PairFold } from './pair-fold.js';
import { bigintWords, doubles, smallIntegers } from './raw-columns.js';
import { withScratchDirectory } from './scratch-directory.js';

export interface ReadEventsOptions extends ReadingContext {
  /** Paths, globs, `-` for stdin. */
  readonly files: readonly string[];
  /** `user=a,item=b,weight=c,time=d,type=e`; see column-roles.ts. */
  readonly columns?: string | undefined;
  /** The quote of delimited files; default `"` for CSV, none for TSV. */
  readonly quote?: string | undefined;
  readonly skipBadRows: boolean;
  /** Users with fewer different items are left out; 1 keeps all. */
  readonly minUserItems: number;
  /** Items with fewer different users are left out; 1 keeps all. */
  readonly minItemUsers: number;
  readonly threads: number;
  /** What `-` reads; default: the process's stdin. */
  readonly stdin?: Readable;
}

/** What was found in one file. */
export interface SourceSummary {
  /** As it was named; 'standard input' for `-`. */
  readonly path: string;
  readonly format: FileFormat;
  readonly gzip: boolean;
  readonly header: boolean;
  /** Column of each role: its name, or its position from 1 in a file without a header. */
  readonly columns: Partial<Record<EventRole, string | number>>;
  /** Events read, before the minimums. */
  readonly rows: number;
  readonly skippedRows: number;
}

export interface EventsRead {
  readonly interactions: Interactions;
  readonly sources: readonly SourceSummary[];
  readonly skippedRows: number;
  /** The first five, in the order of the files. */
  readonly skippedExamples: readonly SkippedRow[];
}

const maxExamples = 5;
const maxEvents = 2 ** 32 - 1;

/**
 * Reads events and adds them up. The result depends on the set of events only: not on the order of rows and files, their
 * format, or the number of threads. Memory: see memoryLimit, plus 25 bytes a pair.
 *
 * Throws AppError 'bad-input-file', 'bad-row', 'empty-input', 'too-large', 'bad-usage', or how the signal aborted.
 */
export async function readInteractions(options: ReadEventsOptions): Promise<EventsRead> {
  const choices = parseColumnChoices(options.columns ?? '', eventRoles);
  checkQuote(options.quote);
  return await withScratchDirectory(async (scratch) => {
    const files = await openInputFiles(
      options.files,
      scratch,
      options,
      options.stdin === undefined ? {} : { stdin: options.stdin },
    );
    const session = await openDuckdb({
      scratch,
      threads: options.threads,
      inputBytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
      signal: options.signal,
    });
    try {
      const sources: EventSource[] = [];
      for (const [index, file] of files.entries()) {
        const source = await lookAtEvents(index, file, choices, options.quote, session);
        if (source !== undefined) sources.push(source);
      }
      if (sources.length === 0) throw nothingIn(files);
      return await new EventReading(sources, session, options).read();
    } finally {
      session.close();
    }
  });
}

function checkQuote(quote: string | undefined): void {
  if (quote === undefined || quote === '' || (/^[!-~]$/.test(quote) && quote !== ',')) return;
  throw new AppError(
    'bad-usage',
    `--quote ${JSON.stringify(quote)} is not one printable ASCII character, or empty for none`,
  );
}

function nothingIn(files: readonly InputFile[]): AppError {
  const names = files.map(({ name }) => name).join(', ');
  return new AppError('empty-input', `there are no events in ${names}`, {
    details: { files: files.map(({ name }) => name) },
  });
}

/** The two passes over the files, and the careful reading of those that need it. */
class EventReading {
  private readonly sources: readonly EventSource[];
  private readonly session: DuckdbSession;
  private readonly options: ReadEventsOptions;
  private readonly columns: EventColumns;
  private readonly careful = new Map<number, CarefulResult>();

  constructor(sources: readonly EventSource[], session: DuckdbSession, options: ReadEventsOptions) {
    this.sources = sources;
    this.session = session;
    this.options = options;
    const any = (...roles: EventRole[]): boolean =>
      sources.some(({ columns }) => roles.some((role) => columns[role] !== undefined));
    // A ban weighs nothing, so where there are types there are weights.
    this.columns = { weight: any('weight', 'type'), time: any('time'), type: any('type') };
  }

  async read(): Promise<EventsRead> {
    // DuckDB cannot be told reliably to skip empty lines before the first row.
    for (const source of this.sources) if (source.blankLines > 0) await this.readOneCarefully(source);
    for (;;) {
      try {
        return await this.readOnce();
      } catch (error) {
        if (error instanceof AppError || !(await this.readMoreCarefully(error))) throw error;
      }
    }
  }

  private async readOnce(): Promise<EventsRead> {
    const rows = await this.numberIds();
    const numEvents = [...rows.values()].reduce((sum, count) => sum + count, 0);
    if (numEvents === 0) throw this.noEvents();
    if (numEvents > maxEvents)
      throw new AppError(
        'too-large',
        `${numEvents} events are more than the ${maxEvents} that one training takes`,
      );
    const users = await this.readIds('users');
    const items = await this.readIds('items');
    const folded = await this.foldEvents(users.length, items.length, numEvents);
    for (const { file } of this.sources) await file.checkUnchanged();
    const { minUserItems, minItemUsers } = this.options;
    const kept = coreFilter({ users, items, numEvents, ...folded }, minUserItems, minItemUsers);
    if (kept.pairs.item.length === 0) throw this.allFiltered();
    return {
      interactions: { ...kept, sha256: hashInteractions(kept) },
      sources: this.sources.map((source) => this.summaryOf(source, rows.get(source.index) ?? 0)),
      skippedRows: [...this.careful.values()].reduce((sum, { skippedRows }) => sum + skippedRows, 0),
      skippedExamples: this.sources
        .flatMap(({ index }) => this.careful.get(index)?.examples ?? [])
        .slice(0, maxExamples),
    };
  }

  /** First pass: tables `users` and `items` (id, row), and the number of events of each file. */
  private async numberIds(): Promise<Map<number, number>> {
    const { session } = this;
    const { selects, paths } = this.unionOf(
      (source, from) => `SELECT u, i, ${source.index} AS f FROM (${selectIds(source, from)})`,
    );
    await this.watched('reading ids', async () => {
      await session.rows(
        'CREATE OR REPLACE TABLE ids AS SELECT u, i, f, grouping(u) AS not_user, grouping(i) AS not_item, count(*) AS n ' +
          `FROM (${selects.join(' UNION ALL ')}) GROUP BY GROUPING SETS ((u), (i), (f))`,
        paths,
      );
    });
    for (const [table, id, not] of [
      ['users', 'u', 'not_user'],
      ['items', 'i', 'not_item'],
    ] as const) {
      await session.rows(
        `CREATE OR REPLACE TABLE ${table} AS SELECT ${id} AS id, row_number() OVER (ORDER BY n DESC, ${id}) - 1 AS r FROM ids WHERE ${not} = 0`,
      );
    }
    const counts = await session.rows('SELECT f, n FROM ids WHERE not_user = 1 AND not_item = 1');
    await session.rows('DROP TABLE ids');
    return new Map(counts.map(([file, count]) => [Number(file), Number(count)]));
  }

  private async readIds(table: 'users' | 'items'): Promise<StringColumn> {
    const { session } = this;
    const builder = new StringColumnBuilder(`${table.slice(0, -1)} ids`);
    for await (const chunk of session.chunks(`SELECT encode(id) FROM ${table} ORDER BY r`)) {
      const vector = chunk.getColumnVector(0);
      if (!(vector instanceof session.duckdb.DuckDBBlobVector)) throw new TypeError('ids are not BLOB');
      for (let row = 0; row < chunk.rowCount; row++) builder.pushBytes(vector.getItemBytes(row)!);
    }
    return builder.finish();
  }

  /** Second pass: every event with its rows instead of its ids, sorted by them, added up. */
  private async foldEvents(numUsers: number, numItems: number, numEvents: number): Promise<FoldedPairs> {
    const { session, columns, sources } = this;
    const { selects, paths } = this.unionOf((source, from) => selectEvents(source, from, columns));
    const names = [
      ...(columns.weight ? ['w'] : []),
      ...(columns.time ? ['t'] : []),
      ...(columns.type ? ['y'] : []),
    ];
    const sql =
      `SELECT (users.r << 32) | items.r AS k${names.map((name) => `, ${name}`).join('')} FROM (${selects.join(' UNION ALL ')}) AS events ` +
      'JOIN users ON events.u = users.id JOIN items ON events.i = items.id ORDER BY k';
    const fold = new PairFold(numUsers, numItems, numEvents, columns);
    let done = 0;
    await this.watched('reading events', async () => {
      for await (const chunk of session.chunks(sql, paths)) {
        const at = (name: string): number => 1 + names.indexOf(name);
        fold.push({
          length: chunk.rowCount,
          key: bigintWords(chunk, 0),
          weight: columns.weight ? bigintWords(chunk, at('w')) : undefined,
          time: columns.time ? doubles(chunk, at('t')) : undefined,
          type: columns.type ? smallIntegers(chunk, at('y')) : undefined,
        });
        done += chunk.rowCount;
      }
    });
    if (done !== numEvents) {
      // Only a file that was changed between the passes can do this; it says which.
      for (const { file } of sources) await file.checkUnchanged();
      throw new Error(`the first pass found ${numEvents} events, the second ${done}`);
    }
    return fold.finish();
  }

  /**
   * After a statement failed: reads the file that it named by the careful reader, or all that remain where it named none or
   * this is not the first. Returns whether there was anything left to do so with.
   */
  private async readMoreCarefully(error: unknown): Promise<boolean> {
    const named = fileOfFailure(error);
    const left = this.sources.filter(({ index }) => !this.careful.has(index));
    const one = this.careful.size === 0 ? left.filter(({ index }) => index === named) : [];
    const chosen = one.length > 0 ? one : left;
    for (const source of chosen) await this.readOneCarefully(source);
    return chosen.length > 0;
  }

  private async readOneCarefully(source: EventSource): Promise<void> {
    const { skipBadRows } = this.options;
    this.careful.set(
      source.index,
      await readCarefully(source, this.session, { skipBadRows, maxExamples }, this.options),
    );
  }

  /** A SELECT for each file, from its careful table where it has one, and the paths that are their parameters. */
  private unionOf(select: (source: EventSource, from: RowsFrom) => string): {
    selects: string[];
    paths: string[];
  } {
    const paths: string[] = [];
    const selects = this.sources.map((source) => {
      const table = this.careful.get(source.index)?.table;
      return select(source, table === undefined ? { parameter: paths.push(source.file.path) } : { table });
    });
    return { selects, paths };
  }

  private async watched(phase: string, work: () => Promise<void>): Promise<void> {
    const total = this.sources.reduce((sum, { file }) => sum + file.bytes, 0);
    const tell = (fraction: number): void =>
      this.options.onProgress({
        kind: 'step',
        phase,
        done: Math.round(fraction * total),
        total,
        unit: 'bytes',
      });
    tell(0);
    const watch = this.session.watch(tell);
    try {
      await work();
    } finally {
      watch.stop();
    }
    tell(1);
  }

  private summaryOf(source: EventSource, rows: number): SourceSummary {
    const { file, format, header, columns, names, numSeen } = source;
    const named = source.dialect === undefined || header;
    return {
      path: file.name,
      format,
      gzip: file.gzip,
      header,
      columns: Object.fromEntries(
        Object.entries(columns)
          .filter(([, column]) => column < numSeen)
          .map(([role, column]) => [role, named ? names[column]! : column + 1]),
      ),
      rows,
      skippedRows: this.careful.get(source.index)?.skippedRows ?? 0,
    };
  }

  private noEvents(): AppError {
    const skipped = [...this.careful.values()].reduce((sum, { skippedRows }) => sum + skippedRows, 0);
    const names = this.sources.map(({ file }) => file.name).join(', ');
    const first = [...this.careful.values()].flatMap(({ examples }) => examples)[0];
    return new AppError(
      'empty-input',
      skipped === 0
        ? `there are no events in ${names}`
        : `all ${skipped} rows of ${names} are bad; the first: ${first?.message ?? ''}`,
      { details: { files: this.sources.map(({ file }) => file.name), skippedRows: skipped } },
    );
  }

  private allFiltered(): AppError {
    const { minUserItems, minItemUsers } = this.options;
    return new AppError(
      'empty-input',
      `no event is left: no users with at least ${minUserItems} items and items with at least ${minItemUsers} users exist together`,
      {
        suggestions: ['Lower --min-user-items or --min-item-users.'],
        details: { minUserItems, minItemUsers },
      },
    );
  }
}
