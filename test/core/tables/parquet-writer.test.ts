import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import {
  openParquetWriter,
  type ParquetColumn,
  type ParquetValues,
} from '#dist/core/tables/parquet-writer.js';
import { hasPython, python } from '../../helpers/python.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();

const columns: readonly ParquetColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'year', type: 'int' },
  { name: 'count', type: 'int' },
  { name: 'rank', type: 'int32' },
  { name: 'score', type: 'float32' },
  { name: 'loss', type: 'float64' },
  { name: 'vector', type: 'vector' },
];

const hostile = ['', 'two words', 'line\nfeed', '"quoted", \\ and \0', '\u{1f3b8} ünïcode', 'x'.repeat(5000)];
const floats = [0, -0, 1.401298464324817e-45, -3.4028234663852886e38, 0.1, 1e-40].map(Math.fround);

function batchOf(from: number, to: number): readonly ParquetValues[] {
  const rows = Array.from({ length: to - from }, (_, at) => from + at);
  const dim = 3;
  return [
    rows.map((row) => hostile[row % hostile.length]!),
    rows.map((row) => (row % 3 === 0 ? null : row % 2 === 0 ? Number.MAX_SAFE_INTEGER : -row)),
    Uint32Array.from(rows, (row) => 2 ** 32 - 1 - row),
    Int32Array.from(rows, (row) => row - 5),
    Float32Array.from(rows, (row) => floats[row % floats.length]!),
    Float64Array.from(rows, (row) => 0.1 * row),
    {
      vectors: Float32Array.from(
        { length: rows.length * dim },
        (_, at) => floats[(dim * from + at) % floats.length]!,
      ),
      dim,
    },
  ];
}

async function write(path: string, bounds: readonly number[]): Promise<Buffer> {
  const writer = await openParquetWriter(columns, new Map([['segue', '{"dim":3}']]));
  const pieces: Uint8Array[] = [];
  for (let at = 1; at < bounds.length; at++) {
    const [from, to] = [bounds[at - 1]!, bounds[at]!];
    pieces.push(...writer.write(to - from, batchOf(from, to)));
  }
  pieces.push(...writer.finish());
  const bytes = Buffer.concat(pieces);
  writeFileSync(path, bytes);
  return bytes;
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
  const connection = await instance.connect();
  const rows = (await connection.runAndReadAll(sql)).getRowObjectsJson();
  connection.closeSync();
  instance.closeSync();
  return rows;
}

describe('a Parquet file', () => {
  test('has every value of every batch, as DuckDB reads it', async () => {
    const path = join(makeDirectory(), 'a.parquet');
    await write(path, [0, 50, 50, 117]);
    const rows = await query(`SELECT * FROM '${path}'`);
    expect(rows).toHaveLength(117);
    const [ids, years, counts, ranks, scores, losses, { vectors }] = batchOf(0, 117) as [
      string[],
      (number | null)[],
      Uint32Array,
      Int32Array,
      Float32Array,
      Float64Array,
      { vectors: Float32Array },
    ];
    rows.forEach((row, at) => {
      expect(row['id']).toBe(ids[at]);
      expect(row['year'] === null ? null : Number(row['year'])).toBe(years[at]);
      expect(Number(row['count'])).toBe(counts[at]);
      expect(row['rank']).toBe(ranks[at]);
      expect(row['score']).toBe(scores[at]);
      expect(row['loss']).toBe(losses[at]);
      expect(row['vector']).toEqual([...vectors.subarray(3 * at, 3 * at + 3)]);
    });
    const [metadata] = await query(
      `SELECT decode(value) v FROM parquet_kv_metadata('${path}') WHERE key = 'segue'`,
    );
    expect(metadata?.['v']).toBe('{"dim":3}');
  });

  test('without rows is one', async () => {
    const path = join(makeDirectory(), 'empty.parquet');
    await write(path, [0]);
    expect(await query(`SELECT count(*)::INT n FROM '${path}'`)).toEqual([{ n: 0 }]);
  });

  test('has the same bytes for the same batches', async () => {
    const folder = makeDirectory();
    const [one, two] = [
      await write(join(folder, 'a'), [0, 7, 20]),
      await write(join(folder, 'b'), [0, 7, 20]),
    ];
    expect(one.equals(two)).toBe(true);
  });

  test('is not made of columns of other lengths or types', async () => {
    const writer = await openParquetWriter([{ name: 'a', type: 'text' }]);
    expect(() => writer.write(2, [['x']])).toThrow(RangeError);
    expect(() => writer.write(1, [])).toThrow(RangeError);
    expect(() => writer.write(1, [{ vectors: new Float32Array(1), dim: 1 }])).toThrow(RangeError);
  });

  test.skipIf(!hasPython(['pandas', 'pyarrow'], 'no real pandas reads our Parquet'))(
    'has its vectors as arrays in pandas',
    async () => {
      const path = join(makeDirectory(), 'a.parquet');
      await write(path, [0, 50, 117]);
      const seen = python(
        `import sys, json, numpy as np, pandas as pd
frame = pd.read_parquet(sys.argv[1])
matrix = np.stack(frame.vector)
print(json.dumps([list(frame.columns), str(matrix.dtype), list(matrix.shape), str(frame["count"].dtype), matrix.tobytes().hex()]))`,
        [path],
      );
      const { vectors } = batchOf(0, 117)[6] as { vectors: Float32Array };
      expect(JSON.parse(seen)).toEqual([
        columns.map(({ name }) => name),
        'float32',
        [117, 3],
        'int64',
        Buffer.from(vectors.buffer).toString('hex'),
      ]);
    },
  );
});
