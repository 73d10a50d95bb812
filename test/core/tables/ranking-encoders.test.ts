import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromIPC } from 'apache-arrow';
import fc from 'fast-check';
import { expect } from 'vitest';
import { arrowRankings } from '#dist/core/tables/arrow-rankings.js';
import { csvRankings } from '#dist/core/tables/csv-rankings.js';
import { ndjsonRankings } from '#dist/core/tables/ndjson-rankings.js';
import { parquetRankings } from '#dist/core/tables/parquet-rankings.js';
import type { RankingEncoder, TableOptions } from '#dist/core/tables/ranking-encoder.js';
import { packStrings, sliceStrings } from '#dist/core/tables/string-column.js';
import { anyCharacter } from '../../helpers/any-character.js';
import { inPythonTest, python } from '../../helpers/python.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { describeInSmokeTest, inSmokeTest } from '../../helpers/full-tests.js';

const quickly = inSmokeTest();
const quickDescribe = describeInSmokeTest();

const makeDirectory = temporaryDirectories();

/** Rankings of some subjects among some rows. */
interface Case {
  readonly subjects: readonly string[];
  readonly rows: readonly string[];
  readonly k: number;
  readonly rankings: readonly (readonly { readonly row: number; readonly score: number }[])[];
  readonly atOnce: number;
}

const someScore = fc
  .oneof(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, -0, 1e-7, 0.1, 1e21))
  .map(Math.fround);

const someCase: fc.Arbitrary<Case> = fc
  .record({
    subjects: fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { maxLength: 40 }),
    rows: fc.uniqueArray(fc.string({ unit: anyCharacter, minLength: 1, maxLength: 9 }), {
      minLength: 1,
      maxLength: 70,
    }),
    k: fc.integer({ min: 1, max: 12 }),
    atOnce: fc.integer({ min: 1, max: 17 }),
  })
  .chain((shape) =>
    fc.record({
      subjects: fc.constant(shape.subjects),
      rows: fc.constant(shape.rows),
      k: fc.constant(shape.k),
      atOnce: fc.constant(shape.atOnce),
      rankings: fc.array(
        fc.array(fc.record({ row: fc.nat(shape.rows.length - 1), score: someScore }), { maxLength: shape.k }),
        { minLength: shape.subjects.length, maxLength: shape.subjects.length },
      ),
    }),
  );

const metadata = new Map([
  ['segue.command', 'recommend'],
  ['segue.exclude', '["ü"]'],
]);

function tableOf({ subjects, rows }: Case): TableOptions {
  const ids = packStrings(subjects);
  return {
    columns: { subject: 'user', found: 'item', score: 'score' },
    subjects: {
      length: ids.length,
      numBytes: ids.bytes.length,
      read: (from, to) => sliceStrings(ids, from, to),
    },
    found: packStrings(rows),
    nameOf: (row) => `The "${rows[row]!}", ${row}`,
    metadata,
  };
}

/** All bytes of the file; `stopAfter`: by another encoder from that block on, which knows only the notes of those before. */
async function fileOf(
  { subjects, k, rankings, atOnce }: Case,
  open: () => RankingEncoder | Promise<RankingEncoder>,
  stopAfter = Infinity,
): Promise<Buffer> {
  let encoder = await open();
  const bytes: Buffer[] = [];
  const written: { bytes: number; note: Record<string, number | readonly number[]> }[] = [];
  const take = (chunks: Iterable<Uint8Array>, note: (typeof written)[0]['note']): void => {
    const block = Buffer.concat([...chunks]);
    bytes.push(block);
    written.push({ bytes: block.length, note: JSON.parse(JSON.stringify(note)) as typeof note });
  };
  const begin = encoder.begin();
  take(begin.chunks, begin.note);
  const ids = packStrings(subjects);
  for (let from = 0; from < subjects.length; from += atOnce) {
    if (written.length === stopAfter) encoder = await open();
    const block = rankings.slice(from, from + atOnce);
    const ranked = {
      numQueries: block.length,
      k,
      rows: new Uint32Array(block.length * k).fill(2 ** 31),
      scores: new Float32Array(block.length * k).fill(NaN),
      counts: Uint32Array.from(block, (ranking) => ranking.length),
    };
    block.forEach((ranking, q) => {
      ranking.forEach(({ row, score }, at) => {
        ranked.rows[q * k + at] = row;
        ranked.scores[q * k + at] = score;
      });
    });
    const encoded = encoder.block({ from, subjects: sliceStrings(ids, from, from + block.length), ranked });
    take(encoded.chunks, encoded.note);
  }
  return Buffer.concat([...bytes, ...encoder.end(written)]);
}

type Row = [user: string, rank: number, item: string, score: number];

function rowsOf({ subjects, rows, rankings }: Case): Row[] {
  return rankings.flatMap((ranking, q) =>
    ranking.map(({ row, score }, at): Row => [subjects[q]!, at + 1, rows[row]!, score]),
  );
}

/** As a file holds them: a lone surrogate is no UTF-8. */
const stored = (text: string): string => Buffer.from(text).toString('utf8');
const wanted = (data: Case): Row[] =>
  rowsOf(data).map(([user, rank, item, score]) => [stored(user), rank, stored(item), score]);

const example: Case = {
  subjects: ['ann', 'bo "b"', 'cé', 'nobody', 'ev'],
  rows: ['x', 'y\n', '\u{1f3b8}', 'w'],
  k: 3,
  atOnce: 2,
  rankings: [
    [
      { row: 2, score: 1.5 },
      { row: 0, score: 0.25 },
      { row: 1, score: -3 },
    ],
    [{ row: 3, score: 7 }],
    [
      { row: 1, score: 0 },
      { row: 2, score: -1 },
    ],
    [],
    [{ row: 0, score: 1e-40 }],
  ].map((ranking) => ranking.map(({ row, score }) => ({ row, score: Math.fround(score) }))),
};

quickDescribe('rankings as Arrow', () => {
  const open = (data: Case) => () => arrowRankings(tableOf(data));

  quickly('hold what they are made of, by another library, with ids as dictionaries', async () => {
    await fc.assert(
      fc.asyncProperty(someCase, async (data) => {
        const table = tableFromIPC(await fileOf(data, open(data)));
        const read = table.toArray().map((row): Row => Object.values(row!.toJSON()) as Row);
        expect(read).toEqual(wanted(data));
      }),
      { numRuns: 30, seed: 2 },
    );
    const table = tableFromIPC(await fileOf(example, open(example)));
    expect(table.schema.fields.map(({ name, type }) => `${name}: ${String(type)}`)).toEqual([
      'user: Dictionary<Int32, Utf8>',
      'rank: Int32',
      'item: Dictionary<Int32, Utf8>',
      'score: Float32',
    ]);
    expect(table.schema.metadata).toEqual(metadata);
    expect(table.batches.length).toBe(3);
  });

  quickly('have the same bytes where another encoder goes on', async () => {
    const whole = await fileOf(example, open(example));
    for (const after of [1, 2, 3]) expect(await fileOf(example, open(example), after)).toEqual(whole);
  });
});

quickDescribe('rankings as CSV', () => {
  const open = (data: Case) => () => csvRankings(tableOf(data));

  quickly('hold what they are made of, by DuckDB, and the names', async () => {
    const path = join(makeDirectory(), 'a.csv');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    const columns = ['user', 'rank', 'item', 'name', 'score'];
    const types = columns.map((name) => `'${name}': 'VARCHAR'`).join(', ');
    const options = `header = true, quote = '"', escape = '"', delim = ',', allow_quoted_nulls = false, columns = {${types}}`;
    await fc.assert(
      fc.asyncProperty(someCase, async (data) => {
        // DuckDB takes no zero bytes.
        fc.pre(![...data.subjects, ...data.rows].some((text) => text.includes('\0')));
        writeFileSync(path, await fileOf(data, open(data)));
        const read = await connection.runAndReadAll(`SELECT * FROM read_csv('${path}', ${options})`);
        const { nameOf } = tableOf(data);
        const names = data.rankings.flatMap((ranking) => ranking.map(({ row }) => stored(nameOf(row))));
        expect(read.getRows()).toEqual(
          wanted(data).map(([user, rank, item, score], at) => [
            ...[user, String(rank), item, names[at]],
            JSON.stringify(score),
          ]),
        );
      }),
      { numRuns: 30, seed: 4 },
    );
    connection.closeSync();
    instance.closeSync();
  });

  quickly('quote what needs it, and have scores as JSON has them', async () => {
    expect((await fileOf(example, open(example))).toString().split('\n')).toEqual([
      'user,rank,item,name,score',
      'ann,1,\u{1f3b8},"The ""\u{1f3b8}"", 2",1.5',
      'ann,2,x,"The ""x"", 0",0.25',
      'ann,3,"y',
      '","The ""y',
      '"", 1",-3',
      '"bo ""b""",1,w,"The ""w"", 3",7',
      'cé,1,"y',
      '","The ""y',
      '"", 1",0',
      'cé,2,\u{1f3b8},"The ""\u{1f3b8}"", 2",-1',
      `ev,1,x,"The ""x"", 0",${JSON.stringify(Math.fround(1e-40))}`,
      '',
    ]);
  });

  quickly('have the same bytes where another encoder goes on', async () => {
    const whole = await fileOf(example, open(example));
    for (const after of [1, 2, 3]) expect(await fileOf(example, open(example), after)).toEqual(whole);
  });
});

quickDescribe('rankings as Parquet', () => {
  const open = (data: Case) => () => parquetRankings(tableOf(data));

  quickly('hold what they are made of, by DuckDB', async () => {
    const path = join(makeDirectory(), 'a.parquet');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    await fc.assert(
      fc.asyncProperty(someCase, async (data) => {
        writeFileSync(path, await fileOf(data, open(data)));
        const read = await connection.runAndReadAll(`SELECT * FROM read_parquet('${path}')`);
        expect(read.getRows()).toEqual(wanted(data));
      }),
      { numRuns: 30, seed: 3 },
    );
    writeFileSync(path, await fileOf(example, open(example)));
    const types = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${path}')`);
    expect(types.getRows().map(([name, type]) => [name, type])).toEqual([
      ['user', 'VARCHAR'],
      ['rank', 'INTEGER'],
      ['item', 'VARCHAR'],
      ['score', 'FLOAT'],
    ]);
    const pairs = await connection.runAndReadAll(
      `SELECT decode(key), decode(value) FROM parquet_kv_metadata('${path}')`,
    );
    expect(pairs.getRows()).toEqual([...metadata]);
    connection.closeSync();
    instance.closeSync();
  });

  quickly('have every width of an index', async () => {
    const path = join(makeDirectory(), 'wide.parquet');
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const connection = await instance.connect();
    for (const numRows of [1, 2, 3, 255, 256, 257, 65_537]) {
      const rows = Array.from({ length: numRows }, (_, row) => `i${row}`);
      const ranking = Array.from({ length: numRows }, (_, at) => ({ row: numRows - 1 - at, score: at }));
      const data = {
        subjects: ['u', 'v'],
        rows,
        k: numRows,
        atOnce: 2,
        rankings: [ranking, ranking.slice(1)],
      };
      writeFileSync(path, await fileOf(data, open(data)));
      const read = await connection.runAndReadAll(
        `SELECT count(*), sum(score), count(DISTINCT item), bool_and(item = 'i' || (${numRows} - rank - (case when "user" = 'v' then 1 else 0 end))) FROM read_parquet('${path}')`,
      );
      const sum = (numRows - 1) * numRows;
      expect(read.getRows()).toEqual([[BigInt(2 * numRows - 1), sum, BigInt(numRows), true]]);
    }
    connection.closeSync();
    instance.closeSync();
  });

  quickly('have the same bytes where another encoder goes on', async () => {
    const whole = await fileOf(example, open(example));
    for (const after of [1, 2, 3]) expect(await fileOf(example, open(example), after)).toEqual(whole);
  });
});

quickDescribe('rankings as NDJSON', () => {
  /** Metadata of every kind of name. */
  const record = (id: string): Record<string, string | number> & { id: string; name: string } => ({
    id,
    name: id.toUpperCase(),
    ...(id.length % 2 === 0 ? { '7': 'integers come first', artist: 'a\u2028b' } : {}),
    ...(id.length % 3 === 0 ? { rank: 'its own', released: 1975 } : {}),
    ...(id.length % 5 === 0 ? { score: 3, later: 'x' } : {}),
    ...(id.length === 4 ? { score: 'last' } : {}),
  });
  const open =
    ({ rows }: Case) =>
    (): RankingEncoder =>
      ndjsonRankings({
        ...{ subject: 'user', list: 'recommendations' },
        documentOf: (place) => ({ place, user: '', recommendations: [], end: '"user":""' }),
        record: (row) => record(rows[row]!),
        score: 'score',
        json: JSON.stringify,
      });

  quickly(
    'have the record of a subject that is itself a row, and go on where texts are forgotten',
    async () => {
      const rows = ['a', 'bb', 'ccc', 'dddd', 'eeeee', 'ffffff', 'ggggggg'];
      const recordOf = (row: number): ReturnType<typeof record> => ({
        ...record(rows[row]!),
        long: 'é'.repeat(row === 2 ? 70_000 : 30_000),
      });
      const rankings = rows.map((_, place) =>
        rows.map((_, row) => ({ row: (row + place) % rows.length, score: Math.fround(1 / (row + 1)) })),
      );
      const data: Case = { subjects: rows, rows, k: rows.length, rankings, atOnce: 3 };
      const document = { query: [], neighbours: [] };
      const open = (): RankingEncoder =>
        ndjsonRankings({
          ...{ subject: 'query', list: 'neighbours' },
          documentOf: () => document,
          record: recordOf,
          score: 'score',
          json: JSON.stringify,
          mostKeptBytes: 300_000,
        });
      const documents = rankings.map((ranking, place) => ({
        query: [recordOf(place)],
        neighbours: ranking.map(({ row, score }, at) => ({ rank: at + 1, ...recordOf(row), score })),
      }));
      const text = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
      const written = (await fileOf(data, open)).toString();
      expect(written === text).toBe(true);
    },
  );

  quickly('are the documents that JSON.stringify makes, whatever the metadata are called', async () => {
    await fc.assert(
      fc.asyncProperty(someCase, async (data) => {
        const { subjects, rows, rankings } = data;
        const documents = subjects.map((user, place) => ({
          place,
          user,
          recommendations: rankings[place]!.map(({ row, score }, at) => ({
            rank: at + 1,
            ...record(rows[row]!),
            score,
          })),
          end: '"user":""',
        }));
        const text = documents.map((document) => `${JSON.stringify(document)}\n`).join('');
        expect((await fileOf(data, open(data))).toString()).toBe(text);
      }),
      { numRuns: 30, seed: 4 },
    );
  });
});

inPythonTest()('rankings are the same rows in pandas, from both kinds of tables', async () => {
  const directory = makeDirectory();
  const [arrow, parquet] = ['a.arrow', 'a.parquet'].map((name) => join(directory, name));
  writeFileSync(arrow!, await fileOf(example, () => arrowRankings(tableOf(example))));
  writeFileSync(parquet!, await fileOf(example, () => parquetRankings(tableOf(example))));
  const printed = python(
    `import json, sys, pandas
out = []
for frame in (pandas.read_feather(sys.argv[1]), pandas.read_parquet(sys.argv[2])):
    rows = [[str(u), int(r), str(i), float(s)] for u, r, i, s in frame.itertuples(index=False)]
    out.append([[str(t) for t in frame.dtypes[['rank', 'score']]], rows])
print(json.dumps(out))`,
    [arrow!, parquet!],
  );
  const rows = rowsOf(example);
  expect(JSON.parse(printed)).toEqual([
    [['int32', 'float32'], rows],
    [['int32', 'float32'], rows],
  ]);
  expect(readFileSync(arrow!).subarray(0, 6).toString()).toBe('ARROW1');
});
