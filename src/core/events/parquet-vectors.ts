/** Vectors in Parquet files that another program wrote: a column of lists of float32 or float64, in the order of the rows. */
import type { DuckDBDataChunk } from '@duckdb/node-api';
import { AppError, abortError } from '../errors.js';
import { chooseVectorColumns, type KnownColumn, type VectorColumnChoice } from '../tables/vector-columns.js';
import { openDuckdb, type DuckdbSession } from './duckdb-session.js';
import type { ReadingContext } from './input-file.js';
import { openInputFiles } from './input-files.js';
import type { ArrowVectors, Cell } from '../tables/arrow-vectors.js';
import { withScratchDirectory } from './scratch-directory.js';

const source = 'read_parquet($1, hive_partitioning = false, binary_as_string = true)';

/** @param path a file, or a glob of the parts that Spark writes. AppErrors 'bad-input-file', the machine's, the abort's. */
export async function openParquetVectors(
  path: string,
  choice: VectorColumnChoice,
  context: ReadingContext,
): Promise<ArrowVectors> {
  const wrong = (problem: string): AppError =>
    new AppError('bad-input-file', `${path} ${problem}`, { details: { file: path } });

  const about = await withParquet(path, context, async (session, files) => {
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
    const vector = quoted(columns.vector);
    const casts = wanted.map((name, at) => `${quoted(name)}::${isInt[at] === true ? 'BIGINT' : 'VARCHAR'}`);
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
      withParquet(path, context, async (session, files) => {
        let from = 0;
        for await (const chunk of session.chunks(`SELECT ${vector} FROM ${source}`, [files])) {
          if (context.signal.aborted) throw abortError(context.signal);
          if (from + chunk.rowCount > found.numRows) throw wrong('was changed while it was read');
          each(from, floatsOf(session.duckdb, chunk, found.dim));
          from += chunk.rowCount;
        }
        if (from < found.numRows) throw wrong('was changed while it was read');
      }),
  };
}

/** One thread, and rows in the order of the files. */
async function withParquet<T>(
  path: string,
  context: ReadingContext,
  use: (session: DuckdbSession, files: DuckdbList) => Promise<T>,
): Promise<T> {
  return await withScratchDirectory(async (scratch) => {
    const inputs = await openInputFiles([path], scratch, context);
    const inputBytes = inputs.reduce((sum, { bytes }) => sum + bytes, 0);
    const session = await openDuckdb({ scratch, threads: 1, inputBytes, signal: context.signal });
    try {
      await session.connection.run('SET preserve_insertion_order = true');
      return await use(session, session.duckdb.listValue(inputs.map((input) => input.path)));
    } catch (error) {
      if (error instanceof AppError) throw error;
      const [reason = ''] = error instanceof Error ? error.message.split('\n') : [];
      throw new AppError(
        'bad-input-file',
        `${path} cannot be read as a Parquet file: ${reason.replaceAll(scratch, '')}`,
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

function kindOf(type: string): KnownColumn['kind'] {
  if (type === 'FLOAT[]' || type === 'DOUBLE[]') return 'vector';
  if (type === 'VARCHAR' || type.startsWith('ENUM')) return 'text';
  return /^U?(?:TINYINT|SMALLINT|INTEGER|BIGINT)$/.test(type) ? 'int' : 'other';
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
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
