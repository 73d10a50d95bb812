/**
 * Items as sparse rows of features, made of the columns of their table: categories of texts and ids, parts of texts between
 * bars, years and decades of dates, buckets of numbers; and of vectors that came from elsewhere. What a column is, and which
 * values it has, is learned from trained items. Pure.
 */
import type { CodedColumn, Count, Text } from '../../contracts.js';
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
  /** Names of the columns. */
  readonly columns: readonly string[];
  column(name: string): CodedColumn;
  readonly vectors?: VectorsOfItems | undefined;
}

export interface ItemFeatures {
  readonly used: readonly UsedColumn[];
  readonly leftOut: readonly LeftOutColumn[];
  /** By number; the constant is the last. */
  readonly features: readonly Feature[];
  /** Columns of the table that were learned from, and the vectors. A value that no trained item has makes no feature. */
  readonly readers: readonly Reader[];
  readonly vectors: { readonly first: number; of(row: number): Float32Array | undefined } | undefined;
}

/** These rows of the table; one of which nothing is known is empty, without the constant too. */
export function featureRows(
  { readers, vectors, features }: ItemFeatures,
  rows: ArrayLike<number>,
): SparseRows {
  const [idx, weight]: [number[], number[]] = [[], []];
  const indptr = new Uint32Array(rows.length + 1);
  const add = (feature: number, by: number): void => {
    idx.push(feature);
    weight.push(by);
  };
  for (let at = 0; at < rows.length; at++) {
    const row = rows[at]!;
    for (const { codes, of, as, first } of readers) {
      const code = codes[row]!;
      const known = code < 0 ? none : of[code]!;
      const by = as === 'lists' ? 1 / Math.sqrt(known.length) : 1;
      for (const one of known) add(first + one, by);
    }
    vectors?.of(row)?.forEach((value, f) => {
      add(vectors.first + f, value);
    });
    if (idx.length > indptr[at]!) add(features.length - 1, 1);
    indptr[at + 1] = idx.length;
  }
  const sparse = allocateSparseRows(rows.length, idx.length);
  sparse.indptr.set(indptr);
  sparse.idx.set(idx);
  sparse.weight.set(weight);
  return sparse;
}

type Filled = string | number;

const none: readonly number[] = [];

/** What one column makes. */
interface Reader {
  readonly name: string;
  /** Its first feature: `of` counts from there. */
  readonly first: number;
  readonly as: UsedColumn['as'];
  readonly values: readonly string[];
  /** [rows] of the table, as a column's. */
  readonly codes: Int32Array;
  /** By code its features, each of the same weight; those of cells that trained items do not have only where they are known. */
  readonly of: readonly (readonly number[])[];
}

type NewReader = Omit<Reader, 'first'>;

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
  const found: NewReader[] = [];
  const leftOut: LeftOutColumn[] = [];
  for (const name of table.columns) {
    const reader =
      chosen?.has(name) === false
        ? 'it was not asked for'
        : readerOf(table, name, trained, chosen !== undefined);
    if (typeof reader === 'object') found.push(reader);
    else leftOut.push({ name, why: reader });
  }
  let numFeatures = 0;
  const readers = found.map((reader) => {
    const first = numFeatures;
    numFeatures += reader.values.length;
    return { ...reader, first };
  });
  const vectors = table.vectors && centred(table.vectors, trained);
  const all = [...readers, ...(vectors === undefined ? [] : [vectors])];
  const features = all.flatMap(({ name, values }) => values.map((value) => ({ column: name, value })));
  return {
    ...{ readers, leftOut, vectors: vectors && { ...vectors, first: numFeatures } },
    used: all.map(({ name, as, values }) => ({ name, as, features: values.length })),
    features: [...features, { column: '', value: '' }],
  };
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[ _-]/g, '');
const namesOfItems: readonly string[] = ['id', 'name', 'title', 'track', 'song'];
/** Columns of texts and ids, whose numbers are names: `artist_id`, `albumId`. */
const isOfNames = (name: string): boolean =>
  /^(?:album)?artist$|^album$/.test(plain(name)) || /(?:^|[ _.-])id$|[a-z]I[dD]$/.test(name);
export const isNamedDate = (name: string): boolean => /year|date|released|decade/i.test(name);
const decimal = /^\s*-?\d+(?:\.\d+)?(?:e[+-]?\d+)?\s*$/i;

/** A column whose cells were counted. */
interface Counted extends CodedColumn {
  /** By code: trained items that have the cell. */
  readonly counts: Uint32Array;
}

function counted({ name, codes, cells }: CodedColumn, trained: ArrayLike<number>): Counted {
  const counts = new Uint32Array(cells.length);
  for (let at = 0; at < trained.length; at++) {
    const code = codes[trained[at]!]!;
    if (code >= 0) counts[code]!++;
  }
  return { name, codes, cells, counts };
}

/** What reads a column, or why nothing does. @param isChosen use it whether or not items have values in common */
function readerOf(
  table: FeatureTable,
  name: string,
  trained: ArrayLike<number>,
  isChosen: boolean,
): NewReader | string {
  if (namesOfItems.includes(plain(name)) && !isChosen) return 'it names the items';
  const column = counted(table.column(name), trained);
  const cells = column.cells.filter((_, code) => column.counts[code]! > 0);
  if (cells.length === 0) return 'no trained item has a value';
  if (cells.length === 1) return 'all trained items have the same value';
  if (!isOfNames(name)) {
    const isDate = typeof cells[0] === 'string' || isNamedDate(name);
    if (isDate && cells.every((cell) => yearOf(cell) !== undefined)) return dateReader(column);
    if (cells.every((cell) => typeof cell === 'number' || decimal.test(cell))) return numberReader(column);
  }
  if (cells.some((cell) => typeof cell === 'string' && cell.includes('|'))) return listReader(column);
  // Albums of one title are as many as they have artists.
  const owners = plain(name) === 'album' ? ['albumartist', 'artist'] : [];
  const [owner] = owners.flatMap((wanted) => table.columns.filter((each) => plain(each) === wanted));
  const whole = owner === undefined ? column : counted(pairsOf(column, table.column(owner).codes), trained);
  const [all, alone] = [sum(whole.counts), whole.counts.filter((count) => count === 1).length];
  if (all - alone < leastShared * all && !isChosen) return 'nearly every item has a value of its own';
  return categoryReader(whole);
}

const sum = (counts: Uint32Array): number => counts.reduce((all, count) => all + count, 0);

/** The column with its cells told apart by what another one holds beside them. */
function pairsOf({ name, codes, cells }: CodedColumn, owners: Int32Array): CodedColumn {
  const numbers = new Map<number, number>();
  const own: Filled[] = [];
  const pairs = codes.map((code, row) => {
    if (code < 0) return code;
    const pair = code * 2 ** 32 + owners[row]! + 1;
    let number = numbers.get(pair);
    if (number === undefined) numbers.set(pair, (number = own.push(cells[code]!) - 1));
    return number;
  });
  return { name, codes: pairs, cells: own };
}

function categoryReader({ name, codes, cells, counts }: Counted): NewReader {
  const values: string[] = [];
  const of = cells.map((cell, code) => (counts[code]! > 0 ? [values.push(String(cell)) - 1] : []));
  return { name, as: 'categories', values, codes, of };
}

/** @param values texts that are features @param textsOf what a cell says, each once */
function textReader(
  as: 'lists' | 'dates',
  { name, codes, cells }: Counted,
  values: readonly string[],
  textsOf: (cell: Filled) => readonly string[],
): NewReader {
  const numbers = new Map(values.map((text, number) => [text, number]));
  const of = cells.map((cell) => textsOf(cell).flatMap((text) => numbers.get(text) ?? []));
  return { name, as, values, codes, of };
}

/** Parts between bars. */
function listReader(column: Counted): NewReader {
  const partsOf = (cell: Filled) => [
    ...new Set(
      String(cell)
        .split('|')
        .map((part) => part.trim())
        .filter((part) => part !== ''),
    ),
  ];
  const counts = new Map<string, number>();
  column.cells.forEach((cell, code) => {
    const count = column.counts[code]!;
    if (count > 0) for (const part of partsOf(cell)) counts.set(part, (counts.get(part) ?? 0) + count);
  });
  const values = [...counts.keys()].sort((a, b) => counts.get(b)! - counts.get(a)! || (a < b ? -1 : 1));
  return textReader('lists', column, values.slice(0, mostListed), partsOf);
}

/** The year that a cell begins with, of what is a date. */
function yearOf(cell: Filled): number | undefined {
  if (typeof cell === 'number') return cell >= 1000 && cell < 3000 ? cell : undefined;
  return parseDate(cell) === undefined ? undefined : Number(cell.trim().slice(0, 4));
}

/** A year and its decade, each of those that trained items have. */
function dateReader(column: Counted): NewReader {
  const textsOf = (cell: Filled): string[] => {
    const year = yearOf(cell);
    return year === undefined ? [] : [String(year), `${Math.floor(year / 10)}0s`];
  };
  const trained = column.cells.filter((_, code) => column.counts[code]! > 0);
  return textReader('dates', column, [...new Set(trained.flatMap(textsOf))].sort(), textsOf);
}

/** Few different numbers are a bucket each; what lies outside of all is in the nearest. */
function numberReader({ name, codes, cells, counts }: Counted): NewReader {
  const numbers = cells.map((cell, code) => [Number(cell), counts[code]!] as const);
  const sorted = numbers.filter(([, count]) => count > 0).sort(([x], [y]) => x - y);
  const distinct = [...new Set(sorted.map(([value]) => value))];
  const [quantiles, all]: [number[], number] = [[], sum(counts)];
  let passed = 0;
  for (const [value, count] of sorted) {
    passed += count;
    while (quantiles.length < mostBuckets && Math.floor((quantiles.length * all) / mostBuckets) < passed)
      quantiles.push(value);
  }
  const isEach = distinct.length <= mostBuckets;
  const from = isEach ? distinct : [...new Set(quantiles)];
  const text = (least: number, at: number): string => {
    if (isEach) return String(least);
    return at + 1 < from.length ? `${least} to below ${from[at + 1]}` : `${least} and more`;
  };
  const bucketOf = (value: number): number[] =>
    Number.isFinite(value)
      ? [
          Math.max(
            0,
            from.findLastIndex((least) => value >= least),
          ),
        ]
      : [];
  return {
    name,
    as: 'numbers',
    values: from.map(text),
    codes,
    of: numbers.map(([value]) => bucketOf(value)),
  };
}

/** Less their mean, and divided by their mean length: each is about as long as a category. */
function centred({ name, dim, of }: VectorsOfItems, trained: ArrayLike<number>) {
  const vectors = Array.from(trained, of).filter((vector) => vector !== undefined);
  const mean = new Float64Array(dim);
  for (const vector of vectors) for (let f = 0; f < dim; f++) mean[f]! += vector[f]! / vectors.length;
  let squares = 0;
  for (const vector of vectors) for (let f = 0; f < dim; f++) squares += (vector[f]! - mean[f]!) ** 2;
  const scale = squares > 0 ? Math.sqrt(vectors.length / squares) : 0;
  return {
    ...{ name, as: 'vectors' as const, values: Array.from(mean, (_, f) => String(f)) },
    of: (row: number) => of(row)?.map((value, f) => (value - mean[f]!) * scale),
  };
}
