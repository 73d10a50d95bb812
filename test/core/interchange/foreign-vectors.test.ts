import { mkdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocateFactors, factorBytes } from '#dist/core/compute/factors.js';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { columnOfCells } from '#dist/core/interchange/cell-columns.js';
import { readIds } from '#dist/core/interchange/foreign-ids.js';
import { loadVectors, requireIds } from '#dist/core/interchange/load-vectors.js';
import { openForeignVectors } from '#dist/core/interchange/open-vectors.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { openArrowBatchWriter } from '#dist/core/tables/arrow-batch-writer.js';
import { openParquetWriter } from '#dist/core/tables/parquet-writer.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import type { ColumnValues, TableColumn } from '#dist/core/tables/table-writer.js';
import { openWord2vecWriter } from '#dist/core/tables/word2vec-text.js';
import { anyCharacter } from '../../helpers/any-character.js';
import { foreignNpy } from '../../helpers/foreign-npy.js';
import { writeParquet } from '../../helpers/parquet.js';
import { listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { zipOf } from '../../helpers/zip.js';

const makeDirectory = temporaryDirectories('file');
let files = 0;
let folder: string | undefined;

function write(ending: string, bytes: Uint8Array | string): string {
  folder ??= makeDirectory();
  const path = join(folder, `${String(files++)}.${ending}`);
  writeFileSync(path, bytes);
  return path;
}

type Choice = Parameters<typeof openForeignVectors>[2];

async function load(path: string, choice: Choice = {}) {
  const rows = await openForeignVectors(path, undefined, choice, listening());
  try {
    const padded = Math.ceil(rows.dim / 8) * 8;
    const workspace = openWorkspace(factorBytes(rows.numRows, padded) + 64);
    const place = allocateFactors(workspace, rows.numRows, padded);
    const loaded = await loadVectors(rows, workspace, place, () => undefined);
    const stored = workspace.f32(place.address, rows.numRows * padded);
    const values = Float32Array.from(
      { length: rows.numRows * rows.dim },
      (_, at) => stored[Math.floor(at / rows.dim) * padded + (at % rows.dim)]!,
    );
    return { ...loaded, values, numRows: rows.numRows, dim: rows.dim };
  } finally {
    rows.close();
  }
}

const bits = (values: Float32Array | Float64Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);
const texts = (column: { length: number; at(row: number): string } | undefined): string[] =>
  Array.from({ length: column?.length ?? 0 }, (_, row) => column!.at(row));

const float32 = fc.float({ noNaN: true, min: Math.fround(-1e14), max: Math.fround(1e14) });
const matrix = fc
  .record({ rows: fc.integer({ min: 1, max: 12 }), dim: fc.integer({ min: 1, max: 11 }) })
  .chain(({ rows, dim }) =>
    fc
      .array(float32, { minLength: rows * dim, maxLength: rows * dim })
      .map((values) => ({ rows, dim, values: Float32Array.from(values) })),
  );

function transposed(values: Float32Array, rows: number, dim: number): Float32Array {
  return Float32Array.from(
    { length: rows * dim },
    (_, at) => values[(at % rows) * dim + Math.floor(at / rows)]!,
  );
}

describe('a .npy matrix', () => {
  test('gives its numbers to the bit, in either order of bytes and of axes, of any version', async () => {
    await fc.assert(
      fc.asyncProperty(
        matrix,
        fc.boolean(),
        fc.boolean(),
        fc.constantFrom(1, 2, 3),
        async (given, big, fortran, version) => {
          const { rows, dim, values } = given;
          const data = Buffer.from(bits(fortran ? transposed(values, rows, dim) : values));
          if (big) data.swap32();
          const bytes = foreignNpy(big ? '>f4' : '<f4', [rows, dim], data, { fortran, version });
          const loaded = await load(write('npy', bytes));
          expect(bits(loaded.values)).toEqual(bits(values));
          expect(loaded.zeroRows).toBe(
            Array.from({ length: rows }, (_, row) => values.subarray(row * dim, (row + 1) * dim)).filter(
              (v) => v.every((x) => x === 0),
            ).length,
          );
        },
      ),
      { numRuns: 30 },
    );
  });

  test('of float64 is rounded to float32, and refused where that cannot hold it', async () => {
    const values = Float64Array.of(0.1, -1e-300, 16777217, 1e14);
    const loaded = await load(write('npy', foreignNpy('<f8', [2, 2], bits(values))));
    expect([...loaded.values]).toEqual([...values].map(Math.fround));
    const large = write('npy', foreignNpy('<f8', [1, 2], bits(Float64Array.of(1, 1e39))));
    await expect(load(large)).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining('1e+39 in row 1, dimension 2: more than a float32 can'),
    });
    const endless = write('npy', foreignNpy('<f8', [1, 2], bits(Float64Array.of(Infinity, 1))));
    await expect(load(endless)).rejects.toMatchObject({
      message: expect.stringContaining('Infinity in row 1, dimension 1; finite numbers are wanted'),
    });
  });

  test('of vectors so long that a product would be infinite is refused, with the row and its length', async () => {
    const longest = Float32Array.of(3, 4, 6e14, 7.9e14);
    expect([...(await load(write('npy', foreignNpy('<f4', [2, 2], bits(longest))))).values]).toEqual([
      ...longest,
    ]);
    const longer = write('npy', foreignNpy('<f4', [2, 2], bits(Float32Array.of(3, 4, 6e14, 8.1e14))));
    await expect(load(longer)).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining('a vector of length 1.01e+15 in row 2'),
    });
  });

  test('may have any name where its format is said', async () => {
    const path = write('txt', foreignNpy('<f4', [2, 2], bits(Float32Array.of(1, 2, 3, 4))));
    const rows = await openForeignVectors(path, 'npy', {}, listening());
    expect([rows.numRows, rows.dim]).toEqual([2, 2]);
    rows.close();
  });

  test('larger than a block is read block by block, along either axis', async () => {
    // A block is 4 MiB: rows of 2 numbers fill it, and a bit.
    const rows = 530_000;
    const values = Float32Array.from({ length: 2 * rows }, (_, at) => at % 16_777_213);
    for (const fortran of [false, true]) {
      const data = bits(fortran ? transposed(values, rows, 2) : values);
      const loaded = await load(write('npy', foreignNpy('<f4', [rows, 2], data, { fortran })));
      expect(bits(loaded.values).equals(bits(values))).toBe(true);
    }
  });

  test('that is cut while it is read is refused; reading ends where it is aborted', async () => {
    const path = write('npy', foreignNpy('<f4', [2, 2], bits(Float32Array.of(1, 2, 3, 4))));
    const controller = new AbortController();
    const rows = await openForeignVectors(path, 'npy', {}, listening(controller.signal));
    truncateSync(path, statSync(path).size - 4);
    await expect(rows.read(() => undefined)).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining('was truncated while it was being read'),
    });
    controller.abort();
    await expect(rows.read(() => undefined)).rejects.toMatchObject({ code: 'interrupted' });
    rows.close();
  });

  const two = bits(Float32Array.of(1, 2, 3, 4));
  test.each([
    ['cut', foreignNpy('<f4', [2, 2], two).subarray(0, -1), 'truncated or damaged'],
    [
      'with bytes after its end',
      Buffer.concat([foreignNpy('<f4', [2, 2], two), Buffer.alloc(1)]),
      'truncated or damaged',
    ],
    ['cut in its header', foreignNpy('<f4', [2, 2], two).subarray(0, 40), 'truncated or damaged'],
    [
      'with a header that no array has',
      Buffer.concat([
        Buffer.from([0x93, ...Buffer.from('NUMPY'), 2, 0, 0, 0, 2, 0]),
        Buffer.from(`{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }`.padEnd(1 << 17)),
        two,
      ]),
      'has a header of 131072 bytes',
    ],
    ['of Python objects', foreignNpy('|O', [2, 2], two), 'Python objects (pickles), which are never read'],
    ['of whole numbers', foreignNpy('<i4', [2, 2], two), 'float32 or float64 is wanted'],
    ['of one axis', foreignNpy('<f4', [4], two), 'a matrix of rows × dimensions is wanted'],
    ['of three axes', foreignNpy('<f4', [1, 2, 2], two), 'a matrix of rows × dimensions is wanted'],
    ['without rows', foreignNpy('<f4', [0, 2], Buffer.alloc(0)), 'holds no vectors'],
    ['without dimensions', foreignNpy('<f4', [2, 0], Buffer.alloc(0)), '0 dimensions'],
    ['of too many dimensions', foreignNpy('<f4', [1, 1025], Buffer.alloc(4100)), '1025 dimensions'],
    ['of the next version', foreignNpy('<f4', [2, 2], two, { version: 4 }), 'version 4'],
    ['of a later version', Buffer.from('\x93NUMPY\x09\x00\x10\x00\x00\x00\x00\x00', 'latin1'), 'version 9'],
    ['that is an archive', Buffer.from('PK\x03\x04aaaaaaaaaaaa', 'latin1'), '.npz archive'],
    ['that is none', Buffer.from('hello, world, how are you'), 'does not begin like a .npy file'],
    ['that is empty', Buffer.alloc(0), 'does not begin like a .npy file'],
    ['with NaN', foreignNpy('<f4', [2, 2], bits(Float32Array.of(1, 2, NaN, 4))), 'NaN in row 2, dimension 1'],
    [
      'with infinity',
      foreignNpy('<f4', [2, 2], bits(Float32Array.of(1, -Infinity, 3, 4))),
      '-Infinity in row 1, dimension 2',
    ],
  ])('%s is refused', async (_, bytes, message) => {
    await expect(load(write('npy', bytes))).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining(message),
    });
  });

  test('cut at any place, or with any byte of its header flipped, is refused or read, and never anything else', async () => {
    const whole = foreignNpy('<f4', [2, 2], two);
    for (let at = 0; at < whole.length - two.length; at++) {
      const damaged = Buffer.from(whole);
      damaged[at] = damaged[at]! ^ 0x11;
      for (const bytes of at % 4 === 0 ? [damaged, whole.subarray(0, at)] : [damaged]) {
        const outcome = await load(write('npy', bytes)).then(
          () => 'read',
          (error: unknown) => (error as { code?: string }).code,
        );
        expect(['read', 'bad-input-file']).toContain(outcome);
      }
    }
  });
});

const hostileId = fc
  .oneof(
    fc.string({ unit: anyCharacter, minLength: 1, maxLength: 20 }),
    fc.constantFrom(' ', 'a b', '\n', '"', '%20', 'é'),
  )
  .map((text) => Buffer.from(text).toString())
  .filter((text) => text !== '' && !text.includes('\0'));
const table = matrix.chain((given) =>
  fc
    .uniqueArray(hostileId, { minLength: given.rows, maxLength: given.rows })
    .map((ids) => ({ ...given, ids })),
);

const columnsOf = (dim: number): TableColumn[] => [
  { name: 'id', type: 'text' },
  { name: 'count', type: 'int' },
  { name: 'name', type: 'text' },
  { name: 'vector', type: 'vector', dim },
];

describe('what segue export writes', () => {
  test.each(['parquet', 'arrow', 'vec'])(
    'as .%s is read back to the bit, whatever the ids',
    async (ending) => {
      await fc.assert(
        fc.asyncProperty(table, async ({ rows, dim, values, ids }) => {
          const counts = Uint32Array.from(ids, (_, row) => 3 * row);
          const names = ids.map((id, row) => (row % 2 === 0 ? null : `the ${id}`));
          const columns = columnsOf(dim);
          const writer =
            ending === 'vec'
              ? openWord2vecWriter(columns, rows)
              : await (ending === 'arrow' ? openArrowBatchWriter : openParquetWriter)(columns);
          const all: ColumnValues[] = [ids, counts, names, values];
          const path = write(ending, Buffer.concat([...writer.write(rows, all), ...writer.finish()]));
          const { beside, ...loaded } = await load(path);
          expect(bits(loaded.values)).toEqual(bits(values));
          expect(texts(beside.ids)).toEqual(ids);
          if (ending === 'vec') return;
          expect(beside.counts).toEqual(counts);
          expect(beside.columns.map(({ name }) => name)).toEqual(['name']);
          expect(beside.columns[0]?.values).toEqual(names);
        }),
        { numRuns: ending === 'parquet' ? 4 : 12 },
      );
    },
  );
});

describe('a table that another program wrote', () => {
  test('may have its ids as numbers, its vectors as doubles, and the names that Spark gives', async () => {
    const path = await writeParquet(
      write('parquet', ''),
      "SELECT range::INT AS id, [range + 0.5, -range]::DOUBLE[] AS features, DATE '2020-01-01' AS day FROM range(3000)",
    );
    const { beside, values, numRows } = await load(path);
    expect([numRows, texts(beside.ids).slice(0, 3), [...values.subarray(0, 6)]]).toEqual([
      3000,
      ['0', '1', '2'],
      [0.5, 0, 1.5, -1, 2.5, -2],
    ]);
    expect([...values.subarray(-2)]).toEqual([2999.5, -2999]);
    expect(beside.columns).toEqual([]);
  });

  test('may have its ids in a structure, which a dotted name says; in Parquet alone', async () => {
    const path = await writeParquet(
      write('parquet', ''),
      "SELECT {'id': 'i' || range, 'n': {'plays': range}} AS meta, [range]::FLOAT[] AS v FROM range(2)",
    );
    const { beside, values } = await load(path, { id: 'meta.id', count: 'meta.n.plays' });
    expect([texts(beside.ids), [...beside.counts!], [...values]]).toEqual([
      ['i0', 'i1'],
      [0, 1],
      [0, 1],
    ]);
    await expect(load(write('csv', 'id,v0\na,1\n'), { id: 'meta.id' })).rejects.toMatchObject({
      message: expect.stringContaining('has no column "meta.id"'),
      suggestions: expect.arrayContaining([expect.stringContaining('is read from Parquet')]),
    });
  });

  test('is read where it is packed; a matrix is not', async () => {
    const csv = 'item_id,v0\na,1\nb,2\n';
    for (const path of [
      write('csv.gz', gzipSync(csv)),
      write('CSV.zip', zipOf({ name: 'a.csv', data: csv })),
    ])
      expect([...(await load(path)).values]).toEqual([1, 2]);
    await expect(load(write('npy.gz', gzipSync('')))).rejects.toThrow('does not say which format it has');
  });

  test('of CSV keeps every letter of a cell: numbers are only those that a computer would write so', async () => {
    const path = write(
      'csv',
      'item_id,count,code,year,price,big,signed,hex,spaced,gap,name,v0,v1\n' +
        '0x10,3,00123,1985,1.50,9007199254740991,-007,0xFF, 1,,0042,1,0\n' +
        '-0,12,456,1990,2,9007199254740993,7,1,2,5,1,0,1\n',
    );
    const { beside } = await load(path);
    expect(texts(beside.ids)).toEqual(['0x10', '-0']);
    expect(beside.counts).toEqual(Uint32Array.of(3, 12));
    expect(beside.columns.map(({ name, values }) => [name, ...values])).toEqual([
      ['code', '00123', '456'],
      ['year', 1985, 1990],
      ['price', '1.50', '2'],
      ['big', '9007199254740991', '9007199254740993'],
      ['signed', '-007', '7'],
      ['hex', '0xFF', '1'],
      ['spaced', ' 1', '2'],
      ['gap', null, 5],
      ['name', '0042', '1'],
    ]);
  });

  test.each([
    [
      'no lists',
      "SELECT 'a' AS id, 1.5::FLOAT AS x",
      {},
      'no column of lists of float32 or float64; its columns are id (text), x (of another type)',
    ],
    ['two lists', "SELECT 'a' AS id, [1]::FLOAT[] AS x, [1]::FLOAT[] AS y", {}, 'several columns of lists'],
    [
      'no such column',
      "SELECT 'a' AS id, [1]::FLOAT[] AS x",
      { vector: 'z' },
      'has no column "z"; its columns are id (text), x (vector)',
    ],
    ['an id that is no id', "SELECT 'a' AS id, [1]::FLOAT[] AS x", { id: 'x' }, 'that is no text or int'],
    [
      'vectors of two lengths',
      'SELECT range AS id, (CASE range WHEN 1 THEN [1, 2] ELSE [1] END)::FLOAT[] AS x FROM range(2)',
      {},
      'of 2 dimensions in row 2',
    ],
    ['a missing number', 'SELECT 1 AS id, [1, NULL]::FLOAT[] AS x', {}, 'an empty number in it, in row 1'],
    [
      'a missing vector',
      'SELECT range AS id, (CASE range WHEN 1 THEN NULL ELSE [1] END)::FLOAT[] AS x FROM range(2)',
      {},
      'of 0 dimensions in row 2',
    ],
    ['a missing id', 'SELECT NULL::VARCHAR AS id, [1]::FLOAT[] AS x', {}, 'row 1 has no id'],
  ])('with %s is refused', async (_, select, choice, message) => {
    const path = await writeParquet(write('parquet', ''), select);
    await expect(load(path, choice)).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining(message),
    });
  });

  test.each(['parquet', 'arrow'])('that is damaged is refused: .%s', async (ending) => {
    for (const bytes of [
      '',
      'PAR1',
      'ARROW1',
      'PAR1 and more, but nothing of it PAR1',
      'ARROW1\0\0 but nothing of it ARROW1',
    ]) {
      await expect(load(write(ending, bytes))).rejects.toMatchObject({ code: 'bad-input-file' });
    }
  });
});

describe('word2vec text', () => {
  test('of other programs may have tabs, spaces at the end of a line, CRLF, and no line feed at the end', async () => {
    const { beside, values } = await load(write('vec', '2 3\r\nking 1 2 3 \r\nqueen\t-1\t5e-1\t.25'));
    expect([...values]).toEqual([1, 2, 3, -1, 0.5, 0.25]);
    expect(texts(beside.ids)).toEqual(['king', 'queen']);
  });

  test.each([
    ['no first line', 'king 1 2 3\n', 'does not begin with the numbers of rows and dimensions'],
    ['fewer numbers than it says', '1 3\nking 1 2\n', 'line 2 has 2 numbers after "king"; 3 are wanted'],
    ['a space in an id', '1 2\nnew york 1 2\n', 'line 2 has 3 numbers'],
    ['fewer rows than it says', '2 1\nking 1\n', 'ends after 1 of the 2 rows'],
    ['more rows than it says', '1 1\nking 1\nqueen 1\n', 'line 3 is one more than the 1 rows'],
    ['what is no number', '1 2\nking 1 two\n', 'line 2: "two" is not a number'],
    ['NaN', '1 2\nking 1 nan\n', 'line 2: "nan" is not a finite number'],
    ['infinity', '1 2\nking 1 Infinity\n', 'line 2: "Infinity" is not a finite number'],
    ['a number in hexadecimal', '1 2\nking 1 0x10\n', 'line 2: "0x10" is not a number'],
    ['a number in binary', '1 2\nking 1 0b11\n', 'line 2: "0b11" is not a number'],
    ['a number with underscores', '1 2\nking 1 1_0\n', 'line 2: "1_0" is not a number'],
    ['a word without numbers', '1 2\nking 1 +\n', 'line 2: "+" is not a number'],
    ['too large a number', '1 2\nking 1 1e39\n', 'in row 1, dimension 2'],
  ])('with %s is refused', async (_, text, message) => {
    await expect(load(write('vec', text))).rejects.toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining(message),
    });
  });

  test('of many rows and megabytes, with escapes and empty lines, is read as it is written', async () => {
    const rows = 2500;
    const dim = 64;
    const random = seededRandom(6);
    const values = Float32Array.from({ length: rows * dim }, () => random.nextFraction() - 0.5);
    const line = (row: number): string =>
      [`track%20${row}`, ...values.subarray(row * dim, (row + 1) * dim)].join(' ');
    const text = [`${rows} ${dim}`, ...Array.from({ length: rows }, (_, row) => line(row)), '', ''].join(
      '\n',
    );
    expect(text.length).toBeGreaterThan(2 << 20);
    const path = write('vec', text.replace('\n', '\n\n'));
    const loaded = await load(path);
    expect(bits(loaded.values).equals(bits(values))).toBe(true);
    expect(texts(loaded.beside.ids)).toEqual(Array.from({ length: rows }, (_, row) => `track ${row}`));

    const controller = new AbortController();
    const opened = await openForeignVectors(path, undefined, {}, listening(controller.signal));
    controller.abort();
    await expect(opened.read(() => undefined)).rejects.toMatchObject({ code: 'interrupted' });
    opened.close();
  });

  test('with a line longer than any is refused before all of it is read', async () => {
    // Beyond the first chunk there is no line feed.
    await expect(load(write('vec', `1 2\n${'x'.repeat(3 << 20)}`))).rejects.toMatchObject({
      message: expect.stringContaining('line 2 is too long for word2vec text'),
    });
  });

  test('that is the binary format is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('1 2\nking '), bits(Float32Array.of(-1.5, 3e38))]);
    await expect(load(write('vec', bytes))).rejects.toMatchObject({
      code: 'bad-input-file',
      suggestions: [expect.stringContaining('binary=False')],
    });
  });
});

describe('ids in a file of their own', () => {
  const pad = (text: string, bytes: number): Buffer =>
    Buffer.concat([Buffer.from(text), Buffer.alloc(bytes)]).subarray(0, bytes);
  const ucs4 = (text: string, points: number): Buffer => {
    const item = Buffer.alloc(4 * points);
    Array.from(text, (character, at) => item.writeUInt32LE(character.codePointAt(0)!, 4 * at));
    return item;
  };
  test.each<[string, string, Uint8Array | string, string[]]>([
    ['text', 'txt', 'a\nb c\r\n\u{1f3b8}', ['a', 'b c', '\u{1f3b8}']],
    ['text with a byte order mark', 'txt', '\ufeffa\nb\n', ['a', 'b']],
    ['JSON strings', 'jsonl', '"a\\nb"\n"\\"é"\n', ['a\nb', '"é']],
    ['JSON objects', 'jsonl', '{"id":"x","name":"X"}\n{"id":7}\n', ['x', '7']],
    [
      'NumPy strings',
      'npy',
      foreignNpy('<U3', [2], Buffer.concat([ucs4('né', 3), ucs4('\u{1f3b8}b ', 3)])),
      ['né', '\u{1f3b8}b '],
    ],
    [
      'NumPy strings of the other byte order',
      'npy',
      foreignNpy('>U1', [1], Buffer.from(ucs4('é', 1)).swap32()),
      ['é'],
    ],
    [
      'NumPy bytes',
      'npy',
      foreignNpy('|S4', [2], Buffer.concat([pad('é', 4), pad('abcd', 4)])),
      ['é', 'abcd'],
    ],
    [
      'NumPy whole numbers',
      'npy',
      foreignNpy('<i8', [2], Buffer.from(BigInt64Array.of(-5n, 2n ** 60n).buffer)),
      ['-5', '1152921504606846976'],
    ],
    [
      'NumPy whole numbers without a sign',
      'npy',
      foreignNpy('<u8', [1], Buffer.from(BigUint64Array.of(2n ** 64n - 1n).buffer)),
      ['18446744073709551615'],
    ],
    [
      'NumPy whole numbers of 32 bits',
      'npy',
      foreignNpy('<u4', [1], Buffer.from(Uint32Array.of(4_294_967_295).buffer)),
      ['4294967295'],
    ],
  ])('may be %s', (_, ending, bytes, ids) => {
    expect(texts(readIds(write(ending, bytes), 'count').ids)).toEqual(ids);
  });

  test('have no more metadata than a table of items may have', () => {
    const keys = Array.from({ length: 4097 }, (_, n) => JSON.stringify({ id: `i${n}`, [`k${n}`]: 1 }));
    expect(() => readIds(write('jsonl', keys.join('\n')), 'count')).toThrow(
      /has 4097 columns; a table of items may have 4096/,
    );
  });

  test('may bring names, metadata and counts', () => {
    const read = readIds(
      write('jsonl', '{"id":"x","name":"X","released":1999,"plays":3}\n{"id":"y","artist":"Z"}\n'),
      'plays',
    );
    expect(read.counts).toEqual(Uint32Array.of(3, 0));
    expect(read.columns).toEqual([
      { name: 'name', type: 'text', values: ['X', null] },
      { name: 'released', type: 'int', values: [1999, null] },
      { name: 'artist', type: 'text', values: [null, 'Z'] },
    ]);
  });

  test.each(['1.5', '-1', '4294967296', '"many"'])('with a count of %s are refused', (count) => {
    expect(() =>
      readIds(write('jsonl', `{"id":"a","plays":1}\n{"id":"b","plays":${count}}\n`), 'plays'),
    ).toThrow(
      expect.objectContaining({
        code: 'bad-input-file',
        message: expect.stringContaining(`row 2 has the count ${count}; a whole number`),
      }),
    );
  });

  test('of more bytes than are read at once are refused, and what says nothing is empty', () => {
    const path = write('txt', '');
    truncateSync(path, 2 ** 31);
    expect(() => readIds(path, 'count')).toThrow('has 2147483648 bytes');
    const { columns } = readIds(write('jsonl', '{"id":"a","name":""}\n{"id":"b","name":"B"}\n'), 'count');
    expect(columns).toEqual([{ name: 'name', type: 'text', values: [null, 'B'] }]);
    expect(columnOfCells('name', [null])).toEqual({ name: 'name', type: 'text', values: [null] });
  });

  test.each<[string, string, Uint8Array | string, string]>([
    [
      'characters that there are not',
      'npy',
      foreignNpy('<U1', [1], Buffer.from(Uint32Array.of(0x110000).buffer)),
      'row 1 is not UTF-8',
    ],
    ['not UTF-8', 'txt', Buffer.from('a\nb\xffc\n', 'latin1'), 'line 2 is not UTF-8'],
    ['no JSON', 'jsonl', '"a"\nb\n', 'line 2 is not JSON'],
    [
      'objects without an id',
      'jsonl',
      '{"name":"a"}\n',
      'line 1 is neither a JSON string nor an object with an "id"',
    ],
    ['Python objects', 'npy', foreignNpy('|O', [1], Buffer.alloc(8)), 'never read'],
    [
      'fractions',
      'npy',
      foreignNpy('<f4', [1], Buffer.alloc(4)),
      'ids are strings (U or S) or whole numbers',
    ],
    ['a matrix', 'npy', foreignNpy('<i4', [1, 1], Buffer.alloc(4)), 'ids are a single column'],
    ['bytes that are not UTF-8', 'npy', foreignNpy('|S1', [1], Buffer.from([0xff])), 'row 1 is not UTF-8'],
  ])('that are %s are refused', (_, ending, bytes, message) => {
    expect(() => readIds(write(ending, bytes), 'count')).toThrow(
      expect.objectContaining({ code: 'bad-input-file', message: expect.stringContaining(message) }),
    );
  });

  test.each([
    [['a', 'b', 'a'], 3, 'rows 1 and 3 both have the id "a"'],
    [['a', ''], 2, 'row 2: the id is empty'],
    [['a', 'x'.repeat(1025)], 2, 'row 2: the id takes 1025 bytes'],
    [['a', 'b'], 3, 'has 2 ids, and v.npy 3 vectors'],
  ])('that do not fit the vectors are refused: %j', (ids, rows, message) => {
    expect(() => requireIds('ids.txt', packStrings(ids), rows, 'v.npy')).toThrow(message);
  });

  test('and vectors that are not there, or are a directory, are refused', async () => {
    const directory = makeDirectory();
    mkdirSync(join(directory, 'a.npy'));
    for (const name of ['none.npy', 'none.vec', 'none.arrow', 'none.parquet', 'a.npy']) {
      await expect(load(join(directory, name))).rejects.toMatchObject({ code: 'bad-input-file' });
    }
    expect(() => readIds(join(directory, 'none.txt'), 'count')).toThrow('does not exist');
  });
});
