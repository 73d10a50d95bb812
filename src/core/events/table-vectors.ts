/**
 * Vectors in tables that another program wrote, in the order of the rows: in Parquet a column of lists of float32 or float64, in
 * CSV columns of numbers, as csv-writer.ts of the tables has them.
 */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { AppError, abortError } from '../errors.js';
import { chooseVectorColumns, type KnownColumn, type VectorColumnChoice } from '../tables/vector-columns.js';
import { quotedName } from '../expressions/sql.js';
import { openDuckdb, type DuckdbSession } from './duckdb-session.js';
import type { ReadingContext } from './files/input-file.js';
import { openInputFiles } from './files/input-files.js';
import type { ArrowVectors, Cell } from '../tables/arrow-vectors.js';
import { withScratchDirectory } from './files/scratch-directory.js';

const readParquet = 'read_parquet($1, hive_partitioning = false, binary_as_string = true)';
const csvOptions = `header = true, delim = ',', quote = '"', escape = '"', allow_quoted_nulls = false, sample_size = -1`;
/** As in a table of items (read-items.ts): what is too large for a double stays text, digit by digit. */
const wholeNumber = '0|-?[1-9][0-9]{0,15}';

/**
 * @param path a file, or a glob of the parts that Spark writes. AppErrors 'bad-input-file', the machine's, the abort's.
 */
export async function openTableVectors(
  path: string,
  format: 'csv' | 'parquet',
  choice: VectorColumnChoice,
  context: ReadingContext,
): Promise<ArrowVectors> {
  const withTable: WithTable = (use) => withFiles(path, format, choice, context, use);
  const wrong = (problem: string): AppError =>
    new AppError('bad-input-file', `${path} ${problem}`, { details: { file: path } });

  const about = await withTable(async (session, files, source) => {
    const types = await session.rows(`DESCRIBE SELECT * FROM ${source}`, [files]);
    const known = types.map(([name, type]) => ({ name: String(name), type: String(type) }));
    const columns = chooseVectorColumns(
      path,
      known.map(({ name, type }) => ({ name, kind: kindOf(type) })),
      choice,
    );
    const isDouble = known.find(({ name }) => name === columns.vector)?.type === 'DOUBLE[]';
    const { id, count, others } = columns;
    const wanted = [id, count, ...others].filter((name) => name !== undefined);
    const isInt = wanted.map((name) =>
      known.some((each) => each.name === name && kindOf(each.type) === 'int'),
    );
    const cells = wanted.map((): Cell[] => []);
    const vector = quotedName(columns.vector);
    const casts = wanted.map(
      (name, at) => `${quotedName(name)}::${isInt[at] === true ? 'BIGINT' : 'VARCHAR'}`,
    );
    const select = [
      `coalesce(len(${vector}), 0)::UINTEGER`,
      `coalesce(list_count(${vector}), 0)::UINTEGER`,
      ...casts,
    ];
    let numRows = 0;
    let dim: number | undefined;
    for await (const chunk of session.chunks(`SELECT ${select.join(', ')} FROM ${source}`, [files])) {
      if (context.signal.aborted) throw abortError(context.signal);
      for (let row = 0; row < chunk.rowCount; row++) {
        const length = Number(chunk.getColumnVector(0).getItem(row));
        dim ??= length;
        if (length !== dim) {
          throw wrong(
            `has a vector of ${String(length)} dimensions in row ${String(numRows + row + 1)}, and others of ${String(dim)}`,
          );
        }
        if (Number(chunk.getColumnVector(1).getItem(row)) !== length) {
          throw wrong(`has a vector with an empty number in it, in row ${String(numRows + row + 1)}`);
        }
        cells.forEach((values, at) => values.push(cellOf(chunk.getColumnVector(2 + at).getItem(row))));
      }
      numRows += chunk.rowCount;
    }
    const valuesOf = (name: string | undefined): readonly Cell[] | undefined =>
      name === undefined ? undefined : cells[wanted.indexOf(name)];
    return {
      ...{ numRows, dim: dim ?? 0, isDouble, vector },
      ids: valuesOf(id),
      counts: valuesOf(count),
      others: others.map((name) => ({ name, values: valuesOf(name) ?? [] })),
    };
  });

  const { vector, ...found } = about;
  return {
    ...found,
    read: (each) =>
      withTable(async (session, files, source) => {
        let from = 0;
        for await (const chunk of session.chunks(`SELECT ${vector} FROM ${source}`, [files])) {
          if (context.signal.aborted) throw abortError(context.signal);
          if (from + chunk.rowCount > found.numRows) throw wrong('changed while it was being read');
          each(from, floatsOf(session.duckdb, chunk, found.dim));
          from += chunk.rowCount;
        }
        if (from < found.numRows) throw wrong('changed while it was being read');
      }),
  };
}

/** One thread, and rows in the order of the files. */
async function withFiles<T>(
  path: string,
  format: 'csv' | 'parquet',
  choice: VectorColumnChoice,
  context: ReadingContext,
  use: Use<T>,
): Promise<T> {
  return await withScratchDirectory(async (scratch) => {
    const inputs = await openInputFiles([path], scratch, context);
    const session = await openDuckdb({ scratch, threads: 1, inputs, signal: context.signal });
    try {
      await session.connection.run('SET preserve_insertion_order = true');
      const files = session.duckdb.listValue(inputs.map((input) => input.path));
      const source =
        format === 'parquet'
          ? await withFields(session, files, choice)
          : await csvSource(session, files, choice);
      return await use(session, files, source);
    } catch (error) {
      if (error instanceof AppError) throw error;
      const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
      throw new AppError(
        'bad-input-file',
        `${path} cannot be read as a ${format === 'csv' ? 'CSV' : 'Parquet'} file: ${reason.replaceAll(scratch, '')}`,
        {
          details: { file: path },
          cause: error,
        },
      );
    } finally {
      session.close();
    }
  });
}

type DuckdbList = ReturnType<DuckdbSession['duckdb']['listValue']>;
/** `source` is what SQL selects from, with the files as its only parameter. */
type Use<T> = (session: DuckdbSession, files: DuckdbList, source: string) => Promise<T>;
type WithTable = <T>(use: Use<T>) => Promise<T>;

/** The table, and as columns the fields of structures that are chosen by dotted names. */
async function withFields(
  session: DuckdbSession,
  files: DuckdbList,
  choice: VectorColumnChoice,
): Promise<string> {
  const dotted = Object.values(choice as Record<string, string | undefined>).filter(
    (name) => name?.includes('.') === true,
  );
  if (dotted.length === 0) return readParquet;
  const rows = await session.rows(`DESCRIBE SELECT * FROM ${readParquet}`, [files]);
  const fields = dotted.flatMap((name = '') =>
    rows.some(([column]) => column === name)
      ? []
      : [`, ${name.split('.').map(quotedName).join('.')} AS ${quotedName(name)}`],
  );
  return `(SELECT *${fields.join('')} FROM ${readParquet})`;
}

/**
 * The table with its last columns, v0, v1 …, as one list of f32. What holds whole numbers alone, each as a computer writes
 * it, is of those; all else is text, to the letter: `00123` is a code.
 */
async function csvSource(
  session: DuckdbSession,
  files: DuckdbList,
  { id }: VectorColumnChoice,
): Promise<string> {
  const asText = `read_csv($1, ${csvOptions}, all_varchar = true)`;
  const names = (await session.rows(`DESCRIBE SELECT * FROM ${asText}`, [files])).map(([name]) =>
    String(name),
  );
  const [, prefix = 'v', last = '-1'] = /^(_*v)(\d+)$/.exec(names.at(-1) ?? '') ?? [];
  const dim = Math.min(Number(last) + 1, names.length);
  const numbers = Array.from({ length: dim }, (_, at) => `${prefix}${String(at)}`);
  const others = names.slice(0, names.length - numbers.length);
  const isWhole = numbers.length > 0 && numbers.every((name, at) => names[others.length + at] === name);
  if (!isWhole) return asText;
  let vector = 'vector';
  while (others.includes(vector)) vector = `_${vector}`;
  const maybeInt = others.filter((name) => !['id', 'name', id].includes(name));
  const tests = maybeInt.map((name) => `bool_and(regexp_full_match(${quotedName(name)}, '${wholeNumber}'))`);
  const [areInt = []] =
    tests.length === 0 ? [] : await session.rows(`SELECT ${tests.join(', ')} FROM ${asText}`, [files]);
  const typeOf = (name: string): string => (areInt[maybeInt.indexOf(name)] === true ? 'BIGINT' : 'VARCHAR');
  const types = [...others.map((name) => [name, typeOf(name)]), ...numbers.map((name) => [name, 'FLOAT'])]
    .map(([name = '', type = '']) => `'${name.replaceAll("'", "''")}': '${type}'`)
    .join(', ');
  const columns = [
    ...others.map(quotedName),
    `[${numbers.map(quotedName).join(', ')}] AS ${quotedName(vector)}`,
  ].join(', ');
  return `(SELECT ${columns} FROM read_csv($1, ${csvOptions}, types = {${types}}))`;
}

function kindOf(type: string): KnownColumn['kind'] {
  if (type === 'FLOAT[]' || type === 'DOUBLE[]') return 'vector';
  if (type === 'VARCHAR' || type.startsWith('ENUM')) return 'text';
  return /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type) ? 'int' : 'other';
}

function cellOf(value: unknown): Cell {
  if (typeof value === 'string') return value;
  if (typeof value !== 'bigint') return null;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** The numbers of a chunk's only column, end to end. */
function floatsOf(
  { DuckDBListVector }: DuckdbSession['duckdb'],
  chunk: DuckDBDataChunk,
  dim: number,
): Float32Array | Float64Array {
  const lists = chunk.getColumnVector(0);
  if (!(lists instanceof DuckDBListVector)) throw new TypeError('the vectors are no lists');
  const child: object = lists.childVector;
  const items: unknown = 'items' in child ? child.items : undefined;
  if (!(items instanceof Float32Array) && !(items instanceof Float64Array)) {
    throw new TypeError('a list of other numbers than FLOAT or DOUBLE');
  }
  const values =
    items instanceof Float32Array
      ? new Float32Array(chunk.rowCount * dim)
      : new Float64Array(chunk.rowCount * dim);
  for (let row = 0; row < chunk.rowCount; row++) {
    const offset = lists.getEntryOffset(row);
    values.set(items.subarray(offset, offset + dim), row * dim);
  }
  return values;
}
