import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect } from 'vitest';
import { openArrowBatchWriter } from '#dist/core/tables/arrow-batch-writer.js';
import { openParquetWriter } from '#dist/core/tables/parquet-writer.js';
import type { ColumnValues, TableColumn, TableWriter } from '#dist/core/tables/table-writer.js';
import { inPythonTest, python } from '../../helpers/python.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { inSmokeTest } from '../../helpers/full-tests.js';

const quickly = inSmokeTest();

const makeDirectory = temporaryDirectories();

const dim = 3;
const columns: readonly TableColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'year', type: 'int' },
  { name: 'count', type: 'int' },
  { name: 'vector', type: 'vector', dim },
];
const metadata = new Map([['segue', '{"dim":3}']]);

const hostile = [
  '',
  'two words',
  'line\nfeed',
  '"quoted", \\ and \0',
  '\u{1f3b8} ünïcode',
  'x'.repeat(5000),
  null,
];
const floats = [0, -0, 1.401298464324817e-45, -3.4028234663852886e38, 0.1, 1e-40].map(Math.fround);

function valuesOf(from: number, to: number): readonly ColumnValues[] {
  const rows = Array.from({ length: to - from }, (_, at) => from + at);
  return [
    rows.map((row) => hostile[row % hostile.length]!),
    rows.map((row) => (row % 3 === 0 ? null : row % 2 === 0 ? Number.MAX_SAFE_INTEGER : -row)),
    Uint32Array.from(rows, (row) => 2 ** 32 - 1 - row),
    Float32Array.from({ length: rows.length * dim }, (_, at) => floats[(dim * from + at) % floats.length]!),
  ];
}

type Cells = Record<string, unknown>;

function rowsOf(from: number, to: number): Cells[] {
  const values = valuesOf(from, to);
  return Array.from({ length: to - from }, (_, row) =>
    Object.fromEntries(
      columns.map(({ name, type }, at) => [
        name,
        type === 'vector'
          ? [...(values[at] as Float32Array).subarray(dim * row, dim * row + dim)]
          : values[at]![row],
      ]),
    ),
  );
}

function write(writer: TableWriter, path: string, bounds: readonly number[]): Buffer {
  const pieces = bounds
    .slice(1)
    .flatMap((to, at) => writer.write(to - bounds[at]!, valuesOf(bounds[at]!, to)));
  const bytes = Buffer.concat([...pieces, ...writer.finish()]);
  writeFileSync(path, bytes);
  return bytes;
}

async function query(sql: string): Promise<Cells[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

const exact = (value: unknown): unknown => (value === null ? null : Number(value));

const formats = {
  parquet: {
    open: openParquetWriter,
    pandas: 'read_parquet',
    async read(path: string): Promise<{ rows: Cells[]; note: unknown }> {
      const rows = await query(`SELECT * FROM '${path}'`);
      const notes = await query(
        `SELECT decode(value) v FROM parquet_kv_metadata('${path}') WHERE key = 'segue'`,
      );
      return {
        rows: rows.map((row) => ({ ...row, year: exact(row['year']), count: exact(row['count']) })),
        note: notes[0]?.['v'],
      };
    },
  },
  arrow: {
    open: openArrowBatchWriter,
    pandas: 'read_feather',
    read(path: string): Promise<{ rows: Cells[]; note: unknown }> {
      const table = tableFromIPC(readFileSync(path));
      const rows = table.toArray().map((each) => {
        const row = (each as { toJSON(): Cells }).toJSON();
        const vector = [...(row['vector'] as Iterable<number>)];
        return { ...row, year: exact(row['year']), count: exact(row['count']), vector };
      });
      return Promise.resolve({ rows, note: table.schema.metadata.get('segue') });
    },
  },
};

describe.each(Object.entries(formats))('a table as %s', (name, { open, read, pandas }) => {
  quickly('has every value of every batch, to the bit', async () => {
    const path = join(makeDirectory(), `a.${name}`);
    write(await open(columns, metadata), path, [0, 50, 50, 117]);
    const { rows, note } = await read(path);
    expect(rows).toEqual(rowsOf(0, 117));
    expect(note).toBe('{"dim":3}');
  });

  quickly('may have no rows', async () => {
    const path = join(makeDirectory(), `empty.${name}`);
    write(await open(columns), path, [0]);
    expect((await read(path)).rows).toEqual([]);
  });

  quickly('has the same bytes for the same batches', async () => {
    const folder = makeDirectory();
    const one = write(await open(columns, metadata), join(folder, 'a'), [0, 7, 20]);
    const two = write(await open(columns, metadata), join(folder, 'b'), [0, 7, 20]);
    expect(one.equals(two)).toBe(true);
  });

  quickly('is not made of columns of other lengths or types', async () => {
    const text = await open([{ name: 'a', type: 'text' }]);
    expect(() => text.write(2, [['x']])).toThrow(RangeError);
    expect(() => text.write(1, [])).toThrow(RangeError);
    expect(() => text.write(1, [new Float32Array(1)])).toThrow(RangeError);
    const vectors = await open([{ name: 'v', type: 'vector', dim: 2 }]);
    expect(() => vectors.write(2, [new Float32Array(3)])).toThrow(RangeError);
  });

  inPythonTest()('has its vectors as arrays in pandas', async () => {
    const path = join(makeDirectory(), `a.${name}`);
    write(await open(columns, metadata), path, [0, 50, 117]);
    const seen = python(
      `import sys, json, numpy as np, pandas as pd
frame = pd.${pandas}(sys.argv[1])
matrix = np.stack(frame.vector)
print(json.dumps([list(frame.columns), str(matrix.dtype), list(matrix.shape), matrix.tobytes().hex()]))`,
      [path],
    );
    const vectors = valuesOf(0, 117).at(-1) as Float32Array;
    const bits = Buffer.from(vectors.buffer).toString('hex');
    expect(JSON.parse(seen)).toEqual([columns.map((column) => column.name), 'float32', [117, dim], bits]);
  });
});
