/**
 * Items as sparse rows of features, made of the columns of their table: categories of texts and ids, parts of texts between
 * bars, years and decades of dates, buckets of numbers; and of vectors that came from elsewhere. What a column is, and which
 * values it has, is learned from trained items. Pure.
 */
import type { Count, ItemColumn, Text } from '../../contracts.js';
import { allocateSparseRows, type SparseRows } from '../../numeric/csr.js';
import { parseDate } from '../../numeric/dates.js';

export interface UsedColumn {
  readonly name: Text;
  /** What its cells are. */
  readonly as: 'categories' | 'lists' | 'dates' | 'numbers' | 'vectors';
  /** Features that it makes. */
  readonly features: Count;
}

export interface LeftOutColumn {
  readonly name: Text;
  readonly why: Text;
}

/** A column, and one of its values. The constant, which no column has, is of the column ''. */
export interface Feature {
  readonly column: string;
  readonly value: string;
}

/** Vectors of items that came from elsewhere. */
export interface VectorsOfItems {
  readonly name: string;
  readonly dim: number;
  /** [dim], undefined for an item without one. */
  of(row: number): Float32Array | undefined;
}

/** A table of items: each column has a cell for each row. */
export interface FeatureTable {
  readonly columns: readonly ItemColumn[];
  readonly vectors?: VectorsOfItems | undefined;
}

export interface ItemFeatures {
  readonly used: readonly UsedColumn[];
  readonly leftOut: readonly LeftOutColumn[];
  /** By number; the constant is the last. */
  readonly features: readonly Feature[];
  /**
   * Rows from … to − 1 of the table that was learned from, or of another one. A column that is not there, and a value that no
   * trained item has, make no feature; a row of which nothing is known is empty, without the constant too.
   */
  rows(table: FeatureTable, from: number, to: number): SparseRows;
}

type Cell = string | number | null;
type Filled = string | number;

/** What one column makes; the numbers of its features begin at 0. */
interface Reader {
  readonly name: string;
  readonly as: UsedColumn['as'];
  readonly values: readonly string[];
  /** A column whose cell tells values of one text apart. */
  readonly by?: string | undefined;
  /** Features of a cell: those that are known, each of the same weight. */
  of(cell: Filled, by: Cell): readonly number[];
  /** Of a column of categories the feature of each row that was learned from, −1 elsewhere. */
  readonly learned?: { readonly cells: readonly Cell[]; readonly of: Int32Array };
}

/** Buckets of numbers hold as many trained items each, but for ties. */
const mostBuckets = 10;
/** A column of categories has to have so many cells whose value is that of another item too. */
const leastShared = 0.1;
/** Parts of lists that are features: the most frequent. */
const mostListed = 500;

/**
 * @param trained rows of the table to learn from
 * @param chosen names of columns: only these, whatever their values say; undefined: all that can say something
 */
export function learnFeatures(
  table: FeatureTable,
  trained: ArrayLike<number>,
  chosen?: ReadonlySet<string>,
): ItemFeatures {
  const readers: Reader[] = [];
  const leftOut: LeftOutColumn[] = [];
  for (const column of table.columns) {
    const { name } = column;
    const found =
      chosen?.has(name) === false
        ? 'it was not asked for'
        : readerOf(table, column, trained, chosen !== undefined);
    if (typeof found === 'object') readers.push(found);
    else leftOut.push({ name, why: found });
  }
  const ofVectors = table.vectors === undefined ? undefined : vectorReader(table.vectors, trained);
  const starts = [0];
  for (const { values } of readers) starts.push(starts.at(-1)! + values.length);
  const all = [...readers, ...(ofVectors === undefined ? [] : [ofVectors])];
  const features = all.flatMap(({ name, values }) => values.map((value) => ({ column: name, value })));
  return {
    used: all.map(({ name, as, values }) => ({ name, as, features: values.length })),
    leftOut,
    features: [...features, { column: '', value: '' }],
    rows({ columns, vectors }, from, to) {
      const cellsOf = (name?: string): readonly Cell[] | undefined =>
        columns.find((column) => column.name === name)?.values;
      const cells = readers.map(({ name, by, learned }) => {
        const own = cellsOf(name);
        return { own, owners: cellsOf(by), learned: learned?.cells === own ? learned?.of : undefined };
      });
      const entries = new Entries(8 * (to - from));
      const indptr = new Uint32Array(to - from + 1);
      for (let row = from; row < to; row++) {
        for (let at = 0; at < readers.length; at++) {
          const { own, owners, learned } = cells[at]!;
          const feature = learned?.[row] ?? -1;
          const cell = own?.[row] ?? null;
          if (feature >= 0) {
            entries.push(starts[at]! + feature, 1);
          } else if (isFilled(cell)) {
            const reader = readers[at]!;
            const known = reader.of(cell, owners?.[row] ?? null);
            const by = reader.as === 'lists' ? 1 / Math.sqrt(known.length) : 1;
            for (const one of known) entries.push(starts[at]! + one, by);
          }
        }
        ofVectors?.read(vectors?.of(row), (f, value) => {
          entries.push(starts.at(-1)! + f, value);
        });
        if (entries.length > indptr[row - from]!) entries.push(features.length, 1);
        indptr[row - from + 1] = entries.length;
      }
      const rows = allocateSparseRows(to - from, entries.length);
      rows.indptr.set(indptr);
      rows.idx.set(entries.idx.subarray(0, entries.length));
      rows.weight.set(entries.weight.subarray(0, entries.length));
      return rows;
    },
  };
}

/** Features and their weights, of which it is not known how many there will be. */
class Entries {
  length = 0;
  idx: Uint32Array;
  weight: Float32Array;

  constructor(expected: number) {
    this.idx = new Uint32Array(expected);
    this.weight = new Float32Array(expected);
  }

  push(feature: number, weight: number): void {
    if (this.length === this.idx.length) {
      const [idx, weights] = [this.idx, this.weight];
      this.idx = new Uint32Array(2 * this.length + 64);
      this.weight = new Float32Array(2 * this.length + 64);
      this.idx.set(idx);
      this.weight.set(weights);
    }
    this.idx[this.length] = feature;
    this.weight[this.length++] = weight;
  }
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[ _-]/g, '');
const namesOfItems: readonly string[] = ['id', 'name', 'title', 'track', 'song'];
/** Columns of texts and ids, whose numbers are names: `artist_id`, `albumId`. */
const isOfNames = (name: string): boolean =>
  /^(?:album)?artist$|^album$/.test(plain(name)) || /(?:^|[ _.-])id$|[a-z]I[dD]$/.test(name);
const isNamedDate = (name: string): boolean => /year|date|released|decade/i.test(name);
const decimal = /^\s*-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$/i;

/** What reads a column, or why nothing does. @param isChosen use it whether or not items have values in common */
function readerOf(
  { columns }: FeatureTable,
  { name, values }: ItemColumn,
  trained: ArrayLike<number>,
  isChosen: boolean,
): Reader | string {
  const all: readonly Cell[] = values;
  const [rows, cells]: [number[], Filled[]] = [[], []];
  for (let at = 0; at < trained.length; at++) {
    const cell = all[trained[at]!] ?? null;
    if (!isFilled(cell)) continue;
    rows.push(trained[at]!);
    cells.push(cell);
  }
  if (namesOfItems.includes(plain(name)) && !isChosen) return 'it names the items';
  if (cells.length === 0) return 'no trained item has a value';
  if (cells.every((cell) => cell === cells[0])) return 'all trained items have the same value';
  if (!isOfNames(name)) {
    const distinct = [...new Set(cells)];
    const isDate = typeof cells[0] === 'string' || isNamedDate(name);
    if (isDate && distinct.every((cell) => yearOf(cell) !== undefined)) return dateReader(name, distinct);
    if (distinct.every((cell) => typeof cell === 'number' || decimal.test(cell)))
      return numberReader(name, cells.map(Number));
  }
  if (cells.some((cell) => typeof cell === 'string' && cell.includes('|'))) return listReader(name, cells);
  // Albums of one title are as many as they have artists.
  const owners =
    plain(name) === 'album'
      ? ['albumartist', 'artist'].flatMap((wanted) => columns.filter((each) => plain(each.name) === wanted))
      : [];
  const reader = categoryReader(name, all, rows, owners[0]);
  return reader.isShared || isChosen ? reader : 'nearly every item has a value of its own';
}

function isFilled(cell: Cell): cell is Filled {
  return typeof cell === 'number' || (cell !== null && cell.trim() !== '');
}

function categoryReader(
  name: string,
  cells: readonly Cell[],
  rows: readonly number[],
  owner: ItemColumn | undefined,
): Reader & { readonly isShared: boolean } {
  const keyOf = (cell: Filled, by: Cell): Filled =>
    owner === undefined ? cell : `${String(cell)}\0${String(by)}`;
  const numbers = new Map<Filled, readonly [number]>();
  const values: string[] = [];
  const counts: number[] = [];
  const of = new Int32Array(cells.length).fill(-1);
  for (const row of rows) {
    const cell = cells[row]!;
    const key = keyOf(cell, owner?.values[row] ?? null);
    let number = numbers.get(key);
    if (number === undefined) {
      number = [counts.push(0) - 1];
      numbers.set(key, number);
      values.push(String(cell));
    }
    counts[number[0]]!++;
    of[row] = number[0];
  }
  const alone = counts.filter((count) => count === 1).length;
  return {
    ...{ name, as: 'categories', values, by: owner?.name },
    isShared: rows.length - alone >= leastShared * rows.length,
    of: (cell, by) => numbers.get(keyOf(cell, by)) ?? [],
    learned: { cells, of },
  };
}

/** Parts between bars. */
function listReader(name: string, cells: readonly Filled[]): Reader {
  const partsOf = remembered((cell: Filled) => [
    ...new Set(
      String(cell)
        .split('|')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
  ]);
  const counts = new Map<string, number>();
  for (const cell of cells) for (const part of partsOf(cell)) counts.set(part, (counts.get(part) ?? 0) + 1);
  const values = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
  const numbers = new Map(values.slice(0, mostListed).map((value, number) => [value, number]));
  const of = remembered((cell: Filled) => partsOf(cell).flatMap((part) => numbers.get(part) ?? []));
  return { name, as: 'lists', values: [...numbers.keys()], of };
}

/** The year that a cell begins with, of what is a date. */
function yearOf(cell: Filled): number | undefined {
  if (typeof cell === 'number') return cell >= 1000 && cell < 3000 ? cell : undefined;
  return parseDate(cell) === undefined ? undefined : Number(cell.trim().slice(0, 4));
}

/** A year and its decade, each of those that trained items have. */
function dateReader(name: string, distinct: readonly Filled[]): Reader {
  const textsOf = (cell: Filled): string[] => {
    const year = yearOf(cell);
    return year === undefined ? [] : [String(year), `${Math.floor(year / 10)}0s`];
  };
  const values = [...new Set(distinct.flatMap(textsOf))].sort();
  const numbers = new Map(values.map((text, number) => [text, number]));
  const of = remembered((cell: Filled) => textsOf(cell).flatMap((text) => numbers.get(text) ?? []));
  return { name, as: 'dates', values, of };
}

/** Few different numbers are a bucket each; what lies outside of all is in the nearest. */
function numberReader(name: string, cells: readonly number[]): Reader {
  const sorted = Float64Array.from(cells).sort();
  const distinct = [...new Set(sorted)];
  const quantiles = Array.from(
    { length: mostBuckets },
    (_, n) => sorted[Math.floor((n * sorted.length) / mostBuckets)]!,
  );
  const isEach = distinct.length <= mostBuckets;
  const from = isEach ? distinct : [...new Set(quantiles)];
  const text = (least: number, at: number): string => {
    if (isEach) return String(least);
    return at + 1 < from.length ? `${least} to below ${from[at + 1]}` : `${least} and more`;
  };
  return {
    ...{ name, as: 'numbers', values: from.map(text) },
    of(cell) {
      const value = Number(cell);
      return Number.isFinite(value)
        ? [
            Math.max(
              0,
              from.findLastIndex((least) => value >= least),
            ),
          ]
        : [];
    },
  };
}

/** The same function, which keeps what it returned. */
function remembered<T>(of: (cell: Filled) => T): (cell: Filled) => T {
  const known = new Map<Filled, T>();
  return (cell) => {
    const found = known.get(cell) ?? of(cell);
    known.set(cell, found);
    return found;
  };
}

/** Less their mean, and divided by their mean length: each is about as long as a category. */
function vectorReader({ name, dim, of }: VectorsOfItems, trained: ArrayLike<number>) {
  const vectors = Array.from(trained, of).filter((vector) => vector !== undefined);
  const mean = new Float64Array(dim);
  for (const vector of vectors) for (let f = 0; f < dim; f++) mean[f]! += vector[f]! / vectors.length;
  let squares = 0;
  for (const vector of vectors) for (let f = 0; f < dim; f++) squares += (vector[f]! - mean[f]!) ** 2;
  const scale = squares > 0 ? Math.sqrt(vectors.length / squares) : 0;
  return {
    ...{ name, as: 'vectors' as const, values: Array.from(mean, (_, f) => String(f)) },
    read(vector: Float32Array | undefined, add: (f: number, value: number) => void) {
      vector?.forEach((value, f) => {
        add(f, (value - mean[f]!) * scale);
      });
    },
  };
}
