/**
 * Expressions and predicates as SQL of DuckDB, which gives what src/core/query/filters gives over the same cells: numbers are DOUBLE,
 * texts are compared by their bytes, and what has no value is NULL. Nothing of an expression is SQL: names and texts are quoted.
 */
import {
  checkerOf,
  type Checked,
  type CheckedTest,
  type Column,
  type Numbers,
  type Range,
  type Texts,
  type Value,
} from './check.js';
import { likeSql } from './like.js';
import { printName, type Expression, type Predicate } from './tree.js';

/** What cells are: whole numbers that may be beyond 2^53, numbers that may be infinite, true or false, parts with names. */
export type CellType =
  | 'numbers'
  | 'large integers'
  | 'floats'
  | 'texts'
  | 'booleans'
  | 'times'
  | 'nothing'
  | { readonly parts: ReadonlyMap<string, CellType> }
  /** Nothing is calculated with or compared: lists, maps, bytes. */
  | { readonly other: string };

export interface SqlColumn {
  readonly type: CellType;
  /** What the column is in SQL, of its type; by default its name. */
  readonly sql?: string;
  /** Of texts: the dates that they are, in ms since 1970 UTC, as a DOUBLE; NULL where one is none. */
  readonly dates?: string;
}

/** A type of DuckDB, as far as it is looked at. */
interface DuckdbType {
  toString(): string;
  readonly entryNames?: readonly string[];
  readonly entryTypes?: readonly DuckdbType[];
}

/** What cells of a column are whose type DuckDB says. */
export function cellTypeOf(type: DuckdbType): CellType {
  const name = type.toString();
  if (name.startsWith('STRUCT') && type.entryNames !== undefined) {
    const parts = type.entryNames.map((part, at) => [part, cellTypeOf(type.entryTypes![at]!)] as const);
    return { parts: new Map(parts) };
  }
  if (/[[\]]$/.test(name)) return { other: name };
  const [word] = /^\w+(?: WITH TIME ZONE)?/.exec(name) ?? [''];
  return cellTypes.get(word) ?? { other: name };
}

const cellTypes = new Map<string, CellType>([
  ...['TINYINT', 'SMALLINT', 'INTEGER', 'UTINYINT', 'USMALLINT', 'UINTEGER'].map(
    (each) => [each, 'numbers'] as const,
  ),
  ...['BIGINT', 'UBIGINT', 'HUGEINT', 'UHUGEINT', 'BIGNUM'].map((each) => [each, 'large integers'] as const),
  ...['FLOAT', 'DOUBLE', 'DECIMAL'].map((each) => [each, 'floats'] as const),
  ...['VARCHAR', 'ENUM', 'UUID'].map((each) => [each, 'texts'] as const),
  ...['DATE', 'TIMESTAMP', 'TIMESTAMP_S', 'TIMESTAMP_MS', 'TIMESTAMP_NS', 'TIMESTAMP WITH TIME ZONE'].map(
    (each) => [each, 'times'] as const,
  ),
  ['BOOLEAN', 'booleans'],
  ['SQLNULL', 'nothing'],
]);

/** SQL of a value, and which kind it is: a DOUBLE (of times ms since 1970 UTC) or a VARCHAR. */
export interface SqlValue {
  readonly kind: Value<Column>['kind'];
  readonly sql: string;
}

/**
 * The SQL of a value over columns. AppErrors 'bad-usage' as `checkerOf`. A whole number beyond 2^53 is no DOUBLE: a row with one ends
 * the statement, with an error that `tooLargeIn` knows.
 * @param text what the tree was parsed from, `what` names it in errors
 */
export function expressionToSql(
  tree: Expression,
  columns: ReadonlyMap<string, SqlColumn>,
  text: string,
  what: string,
): SqlValue {
  const { kind, of } = checker(columns, text, what).value(tree);
  return {
    kind,
    sql: of.op === 'nothing' ? `NULL::${kind === 'texts' ? 'VARCHAR' : 'DOUBLE'}` : valueSql(of),
  };
}

/** The SQL of a condition, a BOOLEAN: NULL where it is neither true nor false. As `expressionToSql`. */
export function predicateToSql(
  tree: Predicate,
  columns: ReadonlyMap<string, SqlColumn>,
  text: string,
  what: string,
): string {
  return predicateSql(checker(columns, text, what).predicate(tree));
}

interface Cells extends Column {
  readonly sql: string;
  readonly dates?: string | undefined;
}

function checker(
  columns: ReadonlyMap<string, SqlColumn>,
  text: string,
  what: string,
): ReturnType<typeof checkerOf<Cells>> {
  const typeOf = ([column, ...parts]: readonly string[]): CellType | undefined =>
    parts.reduce<CellType | undefined>(
      (type, part) => (typeof type === 'object' && 'parts' in type ? type.parts.get(part) : undefined),
      columns.get(column!)?.type,
    );
  return checkerOf<Cells>(text, what, {
    names: [...columns.keys()],
    partsOf(path) {
      const type = typeOf(path);
      return typeof type === 'object' && 'parts' in type ? [...type.parts.keys()] : undefined;
    },
    open(path) {
      const [column, ...parts] = path;
      const top = columns.get(column!)!.sql ?? quotedName(column!);
      const sql = parts.reduce((of, part) => `struct_extract(${of}, ${quotedText(part)})`, top);
      const dates = parts.length === 0 ? columns.get(column!)!.dates : undefined;
      return { ...cellsOf(sql, typeOf(path)!, printName({ parts: path })), dates };
    },
    datesOf: ({ dates }) => (dates === undefined ? undefined : { kind: 'dates', sql: dates }),
  });
}

function cellsOf(sql: string, type: CellType, name: string): Cells {
  switch (type) {
    case 'numbers':
      return { kind: type, sql: `${sql}::DOUBLE` };
    case 'floats':
      return { kind: 'numbers', sql: finite(`${sql}::DOUBLE`) };
    case 'large integers': {
      const refused = `error(${quotedText(name + tooLarge)} || ${sql}::VARCHAR)::DOUBLE`;
      return {
        kind: 'numbers',
        sql: `CASE WHEN ${sql} BETWEEN -${2 ** 53} AND ${2 ** 53} THEN ${sql}::DOUBLE WHEN ${sql} IS NOT NULL THEN ${refused} END`,
      };
    }
    case 'texts':
    case 'booleans':
      return { kind: 'texts', sql: `${sql}::VARCHAR` };
    case 'times':
      return {
        kind: 'dates',
        sql: `CASE WHEN isfinite(${sql}) THEN epoch_ms(${sql}::TIMESTAMP)::DOUBLE END`,
      };
    case 'nothing':
      return { kind: type, sql: 'NULL' };
    default:
      return {
        kind: 'others',
        sql,
        holds: 'other' in type ? type.other : `parts: ${[...type.parts.keys()].slice(0, 20).join(', ')}`,
      };
  }
}

/** Where DuckDB stopped at a whole number that is not kept exactly: the column, and the number. */
export function tooLargeIn(error: unknown): string | undefined {
  const message = error instanceof Error ? error.message.replace(/^[A-Za-z ]*Error: /, '') : '';
  return message.includes(tooLarge) ? message : undefined;
}

const tooLarge = ' holds a whole number beyond 2^53: ';

export function quotedName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A statement ends at a zero byte. */
export function quotedText(text: string): string {
  const parts = text.split('\0').map((part) => `'${part.replaceAll("'", "''")}'`);
  return parts.length === 1 ? parts[0]! : `(${parts.join(' || chr(0) || ')})`;
}

function predicateSql(predicate: Checked<Cells>): string {
  switch (predicate.op) {
    case 'and':
    case 'or':
      return `(${predicate.parts.map(predicateSql).join(predicate.op === 'and' ? ' AND ' : ' OR ')})`;
    case 'not':
      return `(NOT ${predicateSql(predicate.part)})`;
    default:
      return testSql(predicate);
  }
}

function testSql(test: CheckedTest<Cells>): string {
  switch (test.op) {
    case 'within':
      return withinSql(valueSql(test.of), test.ranges);
    case 'order':
      return `(${valueSql(test.of)} ${sqlOf(test.by)} ${valueSql(test.to)})`;
    case 'among':
      return `(${valueSql(test.of)} IN (${test.values.map(quotedText).join(', ')}))`;
    case 'text-order':
      return `(${valueSql(test.of)} ${sqlOf(test.by)} ${valueSql(test.to)})`;
    case 'like':
      return likeSql(valueSql(test.of), test.pattern, quotedText);
    case 'missing':
      return `(${valueSql(test.of)} IS NULL)`;
    case 'unknown':
      return 'NULL::BOOLEAN';
  }
}

const sqlOf = (by: string): string => (by === '!=' ? '<>' : by);

function withinSql(value: string, ranges: readonly Range[]): string {
  const single = ranges.filter(([least, most]) => least === most).map(([least]) => numberSql(least));
  const others = ranges.filter(([least, most]) => least !== most);
  const tests = others.map(([least, most]) => `${value} BETWEEN ${numberSql(least)} AND ${numberSql(most)}`);
  if (single.length > 0) tests.push(`${value} IN (${single.join(', ')})`);
  return `(${tests.join(' OR ')})`;
}

/** A value that is NULL where it is not finite. */
function valueSql(of: Value<Cells>['of']): string {
  switch (of.op) {
    case 'numbers':
    case 'texts':
    case 'others':
      return of.column.sql;
    case 'number':
      return numberSql(of.value);
    case 'text':
      return quotedText(of.value);
    case 'join':
      return `(${of.parts.map((part: Texts<Cells>) => valueSql(part)).join(' || ')})`;
    case 'nothing':
      return 'NULL';
    default:
      return finite(calculationSql(of));
  }
}

/** Not finite, and once so always so, or NULL where it has no value: one CASE around it all then does for every step. */
function calculationSql(of: Numbers<Cells>): string {
  switch (of.op) {
    case 'negative':
      return `(- ${calculationSql(of.of)})`;
    case '+':
    case '-':
    case '*':
      return `(${calculationSql(of.left)} ${of.op} ${calculationSql(of.right)})`;
    case '/': {
      const by = calculationSql(of.right);
      // Infinity % Infinity is NaN, and all else itself: 1 / (what is too large) would be 0.
      const isCell = of.right.op === 'numbers' || of.right.op === 'number';
      return `(${calculationSql(of.left)} / ${isCell ? by : `(${by} % 'Infinity'::DOUBLE)`})`;
    }
    default:
      return valueSql(of);
  }
}

function finite(sql: string): string {
  return `CASE WHEN isfinite(${sql}) THEN ${sql} END`;
}

/** The same DOUBLE: digits without quotes would be a DECIMAL. */
function numberSql(value: number): string {
  return `'${value}'::DOUBLE`;
}
