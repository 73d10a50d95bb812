/**
 * The passes over files of events: the first numbers users and items, the second sorts all events by these numbers
 * and adds them up; where order is asked for, a third sorts what is played by time. Files that the fast reading gives up on go through the careful reader first.
 *
 * Two passes over the files take less time and far less memory than keeping what the first one read: ids are text.
 */
import type { DuckDBDataChunk, DuckDBType, DuckDBValue } from '@duckdb/node-api';
import { AppError } from '../errors.js';
import type { Sequences, StringColumn } from '../contracts.js';
import { maxColumnBytes, maxTextBytes, StringColumnBuilder } from '../tables/string-column.js';
import { readCarefully, type CarefulResult } from './careful-reader.js';
import type { EventRole } from './column-roles.js';
import { isUtf8File } from './files/bad-bytes.js';
import { isBroken, type DuckdbSession } from './duckdb-session.js';
import type { EventFilter } from './event-filter.js';
import { idColumns, likeness, type EventSource } from './event-source.js';
import {
  fileNamedIn,
  selectEvents,
  selectIds,
  selectPlays,
  type EventColumns,
  type SourceGroup,
} from './event-sql.js';
import type { ReadingContext } from './files/input-file.js';
import type { CountedEvents } from './interactions-hash.js';
import { endsInLongLine } from './files/last-line.js';
import { PairFold, requireCountable, type FoldedPairs } from './pair-fold.js';
import { PlayFold, withOrder } from './play-order.js';
import type { CountedTitles } from './shared-titles.js';

/** Skipped rows that are shown. */
export const maxExamples = 5;

export interface PassesResult {
  /** undefined where there is no event. */
  readonly events: CountedEvents | undefined;
  /** Number of events by index of the file; files without any are missing. */
  readonly rows: ReadonlyMap<number, number>;
  /** What the careful reader found, by index of the file. */
  readonly careful: ReadonlyMap<number, CarefulResult>;
  /** Events that have no time. */
  readonly numUntimed: number;
  /** Of ids that are titles, beside artists. */
  readonly titles: CountedTitles;
}

/** Of DuckDB's reader of CSV. */
const maxDelimiterBytes = 4;

export interface AskedPasses {
  readonly sources: readonly EventSource[];
  readonly session: DuckdbSession;
  readonly skipBadRows: boolean;
  readonly filter: EventFilter;
  readonly ordered: boolean;
  readonly context: ReadingContext;
}

export class EventPasses {
  readonly #asked: AskedPasses;
  readonly #columns: EventColumns;
  readonly #careful = new Map<number, CarefulResult>();
  /** JSON Lines whose ids are read as JSON, which takes longer. */
  readonly #exact = new Set<number>();
  #singleThreaded = false;

  constructor(asked: AskedPasses) {
    this.#asked = asked;
    const { sources } = asked;
    const any = (...roles: EventRole[]): boolean =>
      sources.some(({ columns }) => roles.some((role) => columns[role] !== undefined));
    // A ban weighs nothing, so where there are types there are weights.
    const artist = sources.some(({ titles }) => titles !== undefined);
    this.#columns = { weight: any('weight', 'type'), time: any('time'), type: any('type'), artist };
  }

  /** Throws AppError 'bad-row', 'bad-input-file', 'too-large', or how the signal aborted. */
  async read(): Promise<PassesResult> {
    // DuckDB cannot be told reliably to skip empty lines before the first row, loses a last line that is very long, and
    // takes no long delimiters.
    for (const source of this.#asked.sources) {
      const { dialect } = source;
      const isLong = dialect !== undefined && (await endsInLongLine(source.file));
      const isBeyondDuckdb = Buffer.byteLength(dialect?.delimiter ?? '') > maxDelimiterBytes;
      if (source.blankLines > 0 || isLong || isBeyondDuckdb) await this.#readCarefully(source);
    }
    for (;;) {
      try {
        return await this.#readOnce();
      } catch (error) {
        if (await this.#makeRoom(error)) continue;
        if (error instanceof AppError || !(await this.#readMoreCarefully(error))) throw error;
      }
    }
  }

  async #readOnce(): Promise<PassesResult> {
    const careful = this.#careful;
    const rows = await this.#numberIds();
    const titles = await this.#countTitles();
    const numEvents = [...rows.values()].reduce((sum, count) => sum + count, 0);
    if (numEvents === 0) return { events: undefined, rows, careful, numUntimed: 0, titles };
    requireCountable(numEvents);
    // Items stand in one file of a snapshot; users may be cut into shards.
    const users = await this.#readIds('users', maxTextBytes);
    const items = await this.#readIds('items', maxColumnBytes);
    const { numUntimed, ...folded } = await this.#foldEvents(users.length, items.length, numEvents);
    const counted = { users, items, numEvents, ...folded };
    const events = this.#asked.ordered
      ? withOrder(counted, await this.#readPlays(users.length, numEvents))
      : counted;
    for (const { file } of this.#asked.sources) await file.checkUnchanged();
    return { events, rows, careful, numUntimed, titles };
  }

  /** First pass: tables `users` and `items` (id, row), and the number of events of each file. */
  async #numberIds(): Promise<Map<number, number>> {
    const { session } = this.#asked;
    const groups = this.#groups();
    const artists = this.#columns.artist ? ', min(a) AS a, max(a) AS z' : '';
    this.#tellPass(0, 'finding users and items');
    await session.rows(
      'CREATE OR REPLACE TABLE ids AS ' +
        `SELECT u, i, f, grouping(u) AS not_user, grouping(i) AS not_item, count(*) AS n${artists} ` +
        `FROM (${groups.map((group) => selectIds(group, this.#columns, this.#asked.filter)).join(' UNION ALL ')}) GROUP BY GROUPING SETS ((u), (i), (f))`,
      ...this.#pathLists(groups),
    );
    for (const [table, id, not] of [
      ['users', 'u', 'not_user'],
      ['items', 'i', 'not_item'],
    ] as const) {
      await session.rows(
        `CREATE OR REPLACE TABLE ${table} AS ` +
          `SELECT ${id} AS id, (row_number() OVER (ORDER BY n DESC, ${id}) - 1)::UINTEGER AS r` +
          `${this.#asked.ordered ? `, row_number() OVER (ORDER BY ${id}) AS b` : ''} FROM ids WHERE ${not} = 0`,
      );
    }
    const counts = await session.rows('SELECT f, n FROM ids WHERE not_user = 1 AND not_item = 1');
    return new Map(counts.map(([file, count]) => [fileNamedIn(file as string)!, Number(count)]));
  }

  /** Of the table of ids, which is not needed any more then. */
  async #countTitles(): Promise<CountedTitles> {
    const { session } = this.#asked;
    const from = this.#columns.artist ? 'FROM ids WHERE not_item = 0 AND a' : undefined;
    const [[titles = 0] = []] =
      from === undefined ? [] : await session.rows(`SELECT count(*) ${from} IS NOT NULL`);
    const shared = from === undefined ? [] : await session.rows(`SELECT i, a, z, n ${from} <> z`);
    await session.rows('DROP TABLE ids');
    return {
      titles: Number(titles),
      shared: shared.map(([i, a, z, n]) => [String(i), String(a), String(z), Number(n)] as const),
    };
  }

  async #readIds(table: 'users' | 'items', mostBytes: number): Promise<StringColumn> {
    const { session } = this.#asked;
    const [sizes = []] = await session.rows(`SELECT count(*), sum(strlen(id)) FROM ${table}`);
    const [numRows, numBytes] = sizes.map(Number);
    const builder = new StringColumnBuilder(`${table.slice(0, -1)} ids`, numRows, numBytes, mostBytes);
    for await (const chunk of session.chunks(`SELECT encode(id) FROM ${table} ORDER BY r`)) {
      const vector = chunk.getColumnVector(0);
      if (!(vector instanceof session.duckdb.DuckDBBlobVector)) throw new TypeError('ids are not BLOB');
      for (let row = 0; row < chunk.rowCount; row++) builder.pushBytes(vector.getItemBytes(row)!);
    }
    return builder.finish();
  }

  /** Second pass: every event with its rows instead of its ids, sorted by them, added up. */
  async #foldEvents(numUsers: number, numItems: number, numEvents: number): Promise<FoldedPairs> {
    const columns = this.#columns;
    const { session, sources } = this.#asked;
    const groups = this.#groups();
    const names = [
      ...(columns.weight ? ['w'] : []),
      ...(columns.time ? ['t'] : []),
      ...(columns.type ? ['y'] : []),
    ];
    const sql =
      `SELECT ${['users.r', 'items.r', ...names].join(', ')} ` +
      `FROM (${groups.map((group) => selectEvents(group, columns, this.#asked.filter)).join(' UNION ALL ')}) AS events ` +
      'JOIN users ON events.u = users.id JOIN items ON events.i = items.id ORDER BY users.r, items.r';
    const fold = new PairFold(numUsers, numItems, numEvents, columns);
    let done = 0;
    this.#tellPass(1, 'sorting by user and item');
    for await (const chunk of session.chunks(sql, ...this.#pathLists(groups))) {
      const at = (name: string): number => 2 + names.indexOf(name);
      fold.push({
        length: chunk.rowCount,
        user: integers(chunk, 0),
        item: integers(chunk, 1),
        weight: columns.weight ? bigintWords(chunk, at('w')) : undefined,
        time: columns.time ? doubles(chunk, at('t')) : undefined,
        type: columns.type ? smallIntegers(chunk, at('y')) : undefined,
      });
      done += chunk.rowCount;
      const step = { kind: 'step', phase: 'adding up events', done, total: numEvents, unit: 'rows' } as const;
      this.#asked.context.onProgress(step);
    }
    if (done !== numEvents) {
      // Only a file that was changed between the passes can do this; it says which.
      for (const { file } of sources) await file.checkUnchanged();
      throw new Error(`the first pass found ${numEvents} events, the second ${done}`);
    }
    return fold.finish();
  }

  /** Third pass, where order is asked for: what is played, user by user in order. */
  async #readPlays(numUsers: number, numEvents: number): Promise<Sequences> {
    const columns = this.#columns;
    const { session, filter, sources } = this.#asked;
    const groups = this.#groups();
    const places = placesOf(sources);
    const plays = groups.map((group) => selectPlays(group, columns, filter, places)).join(' UNION ALL ');
    const sql =
      `SELECT users.r, items.r, t FROM (${plays}) AS plays ` +
      'JOIN users ON plays.u = users.id JOIN items ON plays.i = items.id ORDER BY users.r, t, f, n, items.b';
    const fold = new PlayFold(numUsers, numEvents);
    this.#tellPass(2, 'sorting by time');
    await session.rows('SET preserve_insertion_order = true');
    try {
      for await (const chunk of session.chunks(sql, ...this.#pathLists(groups))) {
        fold.push(chunk.rowCount, integers(chunk, 0), integers(chunk, 1), doubles(chunk, 2));
      }
    } finally {
      await session.rows('SET preserve_insertion_order = false');
    }
    return fold.finish();
  }

  /** After memory ran out: whether there is more to be had, or to be gained by a single thread. Either is set then. */
  async #makeRoom(error: unknown): Promise<boolean> {
    const isRefused = error instanceof AppError && error.code === 'out-of-memory';
    if (!isRefused && !(error instanceof AppError && error.details['reason'] === 'memory')) return false;
    if (!isRefused && (await this.#asked.session.takeMoreMemory())) return true;
    if (this.#singleThreaded) return false;
    this.#singleThreaded = true;
    await this.#asked.session.rows('SET threads = 1');
    return true;
  }

  /**
   * After a statement failed: reads the file that it named by the careful reader, or all that remain where it named none
   * or this is not the first; JSON Lines with their ids as JSON before. Returns whether there was anything left to do so with.
   */
  async #readMoreCarefully(error: unknown): Promise<boolean> {
    const named = fileNamedIn(error instanceof Error ? error.message : String(error));
    const left = this.#asked.sources.filter(({ index }) => !this.#careful.has(index));
    const some = isBroken(error)
      ? await this.#startAgain(left)
      : this.#careful.size === 0 && (this.#exact.size === 0 || this.#exact.has(named ?? -1))
        ? left.filter(({ index }) => index === named)
        : [];
    const chosen = some.length > 0 ? some : left;
    const inexact = chosen.filter(({ format, index }) => format === 'jsonl' && !this.#exact.has(index));
    const fresh = isBroken(error) ? [] : inexact;
    for (const { index } of fresh) this.#exact.add(index);
    if (fresh.length === 0) for (const source of chosen) await this.#readCarefully(source);
    return chosen.length > 0;
  }

  /**
   * After DuckDB broke, which it does over text that is not UTF-8 in a column that stands behind one that is not read: with
   * a new one, and what was read carefully in it once more. Returns the files of `left` that hold such text.
   */
  async #startAgain(left: readonly EventSource[]): Promise<EventSource[]> {
    const { session, context } = this.#asked;
    await session.restart();
    if (this.#singleThreaded) await session.rows('SET threads = 1');
    const before = this.#asked.sources.filter(({ index }) => this.#careful.has(index));
    this.#careful.clear();
    for (const source of before) await this.#readCarefully(source);
    const bad: EventSource[] = [];
    for (const source of left) {
      if (source.format !== 'parquet' && !(await isUtf8File(source.file, context.signal))) bad.push(source);
    }
    return bad;
  }

  async #readCarefully(source: EventSource): Promise<void> {
    const { session, context, skipBadRows } = this.#asked;
    this.#careful.set(
      source.index,
      await readCarefully(source, session, { skipBadRows, maxExamples }, context),
    );
  }

  /** Files that the careful reader has read one by one, the others by likeness: a thousand SELECTs take seconds to plan. */
  #groups(): SourceGroup[] {
    const groups: SourceGroup[] = [];
    const alike = new Map<string, EventSource[]>();
    for (const looked of this.#asked.sources) {
      const source = this.#exact.has(looked.index) ? { ...looked, asJson: idColumns(looked) } : looked;
      const table = this.#careful.get(source.index)?.table;
      const group = alike.get(likeness(source));
      if (table !== undefined) groups.push({ sources: [source], from: { table } });
      else if (group !== undefined) group.push(source);
      else alike.set(likeness(source), [source]);
    }
    let parameter = 0;
    for (const sources of alike.values()) groups.push({ sources, from: { parameter: ++parameter } });
    return groups;
  }

  /** The parameters of a statement over groups, and their types. */
  #pathLists(groups: readonly SourceGroup[]): [DuckDBValue[], DuckDBType[]] {
    const { LIST, VARCHAR, listValue } = this.#asked.session.duckdb;
    const lists = groups
      .filter(({ from }) => 'parameter' in from)
      .map(({ sources }) => sources.map(({ file }) => file.path));
    return [lists.map((paths) => listValue(paths)), lists.map(() => LIST(VARCHAR))];
  }

  /** DuckDB does not say how far it is in a file, so progress counts the passes. */
  #tellPass(done: number, note: string): void {
    this.#asked.context.onProgress({
      kind: 'step',
      phase: 'reading events',
      done,
      total: this.#asked.ordered ? 3 : 2,
      unit: 'passes',
      note,
    });
  }
}

/** By index of a file, its place by the bytes of its path. */
function placesOf(sources: readonly EventSource[]): number[] {
  const inOrder = sources
    .map(({ index, file }) => ({ index, name: Buffer.from(file.name) }))
    .sort((a, b) => Buffer.compare(a.name, b.name));
  const places = new Array<number>(Math.max(...sources.map(({ index }) => index)) + 1).fill(0);
  inOrder.forEach(({ index }, place) => {
    places[index] = place;
  });
  return places;
}

/** A BIGINT column as 32-bit words, low before high. */
function bigintWords(chunk: DuckDBDataChunk, column: number): Uint32Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof BigInt64Array)) throw otherType(chunk, column, 'BIGINT');
  return new Uint32Array(items.buffer, items.byteOffset, 2 * items.length);
}

/** A UINTEGER column. */
function integers(chunk: DuckDBDataChunk, column: number): Uint32Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof Uint32Array)) throw otherType(chunk, column, 'UINTEGER');
  return items;
}

function doubles(chunk: DuckDBDataChunk, column: number): Float64Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof Float64Array)) throw otherType(chunk, column, 'DOUBLE');
  return items;
}

/** A UTINYINT column. */
function smallIntegers(chunk: DuckDBDataChunk, column: number): Uint8Array {
  const items = itemsOf(chunk, column);
  if (!(items instanceof Uint8Array)) throw otherType(chunk, column, 'UTINYINT');
  return items;
}

function itemsOf(chunk: DuckDBDataChunk, column: number): unknown {
  const vector: object = chunk.getColumnVector(column);
  return 'items' in vector ? vector.items : undefined;
}

function otherType(chunk: DuckDBDataChunk, column: number, wanted: string): TypeError {
  return new TypeError(`a column of type ${chunk.getColumnVector(column).type.toString()}, wanted ${wanted}`);
}
