import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import type { Progress } from '#dist/core/contracts.js';
import { AppError } from '#dist/core/errors.js';
import { failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import { writeParquet } from '../../helpers/parquet.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { withoutRights } from '../../helpers/without-rights.js';
import { zipOf } from '../../helpers/zip.js';

const makeDirectory = temporaryDirectories('file');

/** Files of a new directory, by name. */
function files(contents: Readonly<Record<string, string | Buffer>>): (name: string) => string {
  const directory = makeDirectory();
  for (const [name, content] of Object.entries(contents)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return (name) => join(directory, name);
}

/** What the tests of this file left in a temporary directory of their own. */
const temporary = makeDirectory();
vi.stubEnv('TMPDIR', temporary);
const leftOver = (): string[] => readdirSync(temporary).filter((name) => !name.startsWith('segue-test-'));

/** The same three events in every format. */
const csv = 'user,item,weight,time\nb,"y, z",2,1970-01-02\na,x,0.5,\nb,x,1e-3,86400\n';
const tsv = csv.replace('"y, z"', 'y; z').replaceAll(',', '\t').replace('y; z', 'y, z');
const jsonl = [
  '{"time": 86400000000, "user": "b", "item": "y, z", "weight": 2}',
  '{"user": "a", "item": "x", "weight": "0.5"}',
  '{"user": "b", "item": "x", "weight": 0.001, "time": "1970-01-02T00:00:00Z", "note": [1, {"a": 2}]}',
]
  .join('\n')
  .replace('86400000000', '86400');
const parquetRows =
  "SELECT * FROM (VALUES ('b', 'y, z', 2::DOUBLE, TIMESTAMP '1970-01-02'), ('a', 'x', 0.5, NULL), " +
  "('b', 'x', 0.001, TIMESTAMP '1970-01-02')) AS t(user, item, weight, time)";

async function sameEvents(): Promise<(name: string) => string> {
  const path = files({
    'e.csv': csv,
    'e.tsv': tsv,
    'e.jsonl': jsonl,
    'e.csv.gz': gzipSync(csv),
    'e.tsv.GZ': gzipSync(tsv),
    'e.jsonl.gz': Buffer.concat([gzipSync(jsonl.slice(0, 70)), gzipSync(jsonl.slice(70))]),
    plain: csv,
    tabs: tsv,
    lines: jsonl,
    packed: gzipSync(tsv),
    "odd [1] *? 'name'.csv": csv,
  });
  await writeParquet(path('e.parquet'), parquetRows);
  const bytes = readFileSync(path('e.parquet'));
  writeFileSync(path('e.parquet.gz'), gzipSync(bytes));
  writeFileSync(path('columns'), bytes);
  return path;
}

describe('files of events', () => {
  it('are the same events in every format, packed or not, whatever they are called', async () => {
    const path = await sameEvents();
    const expected = (await readEvents(path('e.csv'))).interactions;
    expect(plainPairs(expected).pairs).toMatchObject([
      { user: 'b', item: 'x', weight: 1_000_000n, lastAt: 86_400_000n },
      { user: 'b', item: 'y, z', weight: 2_000_000_000n, lastAt: 86_400_000n },
      { user: 'a', item: 'x', weight: 500_000_000n, lastAt: null },
    ]);
    const formats = {
      'e.tsv': 'tsv',
      'e.jsonl': 'jsonl',
      'e.parquet': 'parquet',
      'e.csv.gz': 'csv',
      'e.tsv.GZ': 'tsv',
      'e.jsonl.gz': 'jsonl',
      'e.parquet.gz': 'parquet',
      plain: 'csv',
      tabs: 'tsv',
      lines: 'jsonl',
      packed: 'tsv',
      columns: 'parquet',
      "odd [1] *? 'name'.csv": 'csv',
    };
    for (const [name, format] of Object.entries(formats)) {
      const { interactions, sources } = await readEvents(path(name));
      expect(interactions, name).toMatchObject({
        sha256: expected.sha256,
        firstAt: 86_400_000n,
        lastAt: 86_400_000n,
      });
      expect(sources).toMatchObject([{ path: path(name), format, gzip: /gz|packed/i.test(name), rows: 3 }]);
    }
  });

  it('come through stdin too, spooled and sniffed', async () => {
    const path = await sameEvents();
    const expected = (await readEvents(path('e.csv'))).interactions.sha256;
    for (const name of ['e.tsv', 'e.jsonl', 'e.parquet.gz']) {
      const bytes = readFileSync(path(name));
      const stdin = Readable.from([bytes.subarray(0, 5), bytes.subarray(5)]);
      const { interactions, sources } = await readEvents('-', { stdin });
      expect(interactions.sha256, name).toBe(expected);
      expect(sources[0]?.path).toBe('standard input');
    }
    const error = await failureOf(
      readEvents('-', { stdin: Readable.from([Buffer.from('user,item\n,x\n')]) }),
    );
    expect(error.message).toBe('standard input line 2: user is empty; an id of 1 to 1,024 bytes is wanted');
    expect(leftOver()).toEqual([]);
  });

  it('are read together, whatever their formats and columns', async () => {
    const path = files({
      'a.csv': 'user,item\na,x\n',
      'b.tsv': 'item\tuser\tplays\ny\ta\t3\n',
      'c.jsonl': '{"user":"b","item":"x","type":"dislike"}\n',
      'd.csv': 'a,x,0.25\n',
      'e.csv': '',
      'f.csv': 'user,item\n',
    });
    const names = ['a.csv', 'b.tsv', 'c.jsonl', 'd.csv', 'e.csv', 'f.csv'];
    const { interactions, sources } = await readEvents(names.map(path));
    expect(plainPairs(interactions).pairs).toMatchObject([
      { user: 'a', item: 'x', weight: 1_250_000_000n, count: 2, disliked: false },
      { user: 'a', item: 'y', weight: 3_000_000_000n, count: 1, disliked: false },
      { user: 'b', item: 'x', weight: 1_000_000_000n, count: 1, disliked: true },
    ]);
    expect(sources.map(({ rows }) => rows)).toEqual([1, 1, 1, 1, 0]);
  });

  it('are told apart in an archive', async () => {
    const rows = (...users: string[]) => ['user,item', ...users.map((user) => `${user},x`), ''].join('\n');
    const inner = [
      { name: 'a.csv', data: rows('a') },
      { name: 'b.csv', data: rows('b', 'c') },
      { name: 'bad.csv', data: rows('d', '') },
    ];
    const path = files({
      'good.zip': zipOf(inner[0]!, inner[1]!),
      'all.zip': zipOf(...inner),
      'e.csv': rows('e'),
    });
    const { interactions, sources } = await readEvents(['good.zip', 'e.csv'].map(path));
    expect(plainPairs(interactions).users).toEqual(['a', 'b', 'c', 'e']);
    expect(sources.map((source) => source.rows)).toEqual([1, 2, 1]);
    expect((await failureOf(readEvents(path('all.zip')))).message).toContain('all.zip/bad.csv line 3');
  });

  it('are found by globs, and named once', async () => {
    const path = files({
      '2024/a.csv': 'u,i\na,x\n'.replace('u,i', 'user,item'),
      '2024/b.csv': 'user,item\nb,x\n',
      '2024/deep/er/c.csv': 'user,item\nc,x\n',
      '2024/.hidden.csv': 'user,item\nh,x\n',
      '2025/d.tsv': 'user\titem\nd\tx\n',
    });
    const users = async (...globs: string[]) =>
      plainPairs((await readEvents(globs.map(path))).interactions).users;
    expect(await users('2024/*.csv')).toEqual(['a', 'b']);
    expect(await users('202[45]/?.[ct]sv')).toEqual(['a', 'b', 'd']);
    expect(await users('**/*.csv')).toEqual(['a', 'b', 'c']);
    expect(await users('2024/**')).toEqual(['a', 'b', 'c']);
    expect(await users('202[!4]/*')).toEqual(['d']);
    // What matches folders only is these, as where the shell has expanded it.
    expect(await users('202?')).toEqual(await users('2024', '2025'));
    expect(await users('202?')).toEqual(['a', 'b', 'c', 'd']);
    expect(await failureOf(readEvents(path('2024/*.parquet')))).toMatchObject({
      code: 'bad-input-file',
      message: expect.stringMatching(/^no file matches .*\*\.parquet$/),
    });
    expect(await failureOf(readEvents([path('2024/a.csv'), path('2024/*.csv')]))).toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(/a\.csv is given twice/),
    });
  });

  it('that are no such thing are refused with what to do', async () => {
    const path = files({
      'utf16.csv': Buffer.from('\ufeffuser,item\na,x\n', 'utf16le'),
      'z.csv.bz2': 'BZh91AY',
      'plays.db': 'SQLite format 3\0',
      'not.parquet': 'user,item\na,x\n',
      'cut.parquet': Buffer.from('PAR1 and no more'),
      'array.json': '[1,2]',
      'cut.csv.gz': gzipSync(csv.repeat(100)).subarray(0, 90),
      'wrong.csv.gz': gzipSync(csv).map((byte, at, all) =>
        at === all.length - 6 ? byte ^ 1 : byte,
      ) as Buffer,
      'one.txt': 'a b c\n',
    });
    const refusal = async (name: string) => {
      const error = await failureOf(readEvents(name.includes(':') ? name : path(name)));
      expect(error).toMatchObject({ code: 'bad-input-file', exitCode: 2 });
      return error.message.replace(`${path('')}/`, '');
    };
    expect(await refusal('nowhere.csv')).toBe('nowhere.csv does not exist');
    expect(await failureOf(readEvents(path('cut.csv')))).toMatchObject({
      suggestions: [`did you mean ${path('cut.csv.gz')}?`],
    });
    for (const [url, fetched, bySpark] of [
      ['s3://bucket/e.csv', 'Fetch it first: aws s3 cp s3://bucket/e.csv .', 's3a://bucket/e.csv'],
      ['S3A://bucket/e.csv', 'Fetch it first: aws s3 cp s3://bucket/e.csv .', 's3a://bucket/e.csv'],
      ['gs://bucket/a b', "Fetch it first: gcloud storage cp 'gs://bucket/a b' .", "'gs://bucket/a b'"],
      ['hdfs:///e.csv', 'Fetch it first: hdfs dfs -get hdfs:///e.csv .', 'hdfs:///e.csv'],
      ['abfss://c@a/e.csv', 'Fetch it first', 'abfss://c@a/e.csv'],
      ['https://x/e.csv', 'Fetch it first, or pipe it in: curl -sSL https://x/e.csv | segue … -', undefined],
    ]) {
      expect(await refusal(url!)).toBe(`${url!} is a URL; only local files are read`);
      const others =
        bySpark === undefined
          ? []
          : [`Or have Spark read events there, in train and user-vector: ${bySpark} with \`engine\` spark`];
      expect((await failureOf(readEvents(url!))).suggestions).toEqual([fetched, ...others]);
    }
    expect(await refusal('utf16.csv')).toBe('utf16.csv is UTF-16 text');
    expect(await refusal('z.csv.bz2')).toBe('z.csv.bz2 is compressed with bzip2');
    expect(await failureOf(readEvents(path('plays.db')))).toMatchObject({
      message: `${path('plays.db')} is an SQLite database`,
      suggestions: [`Pipe a query of it in: sqlite3 -header -csv ${path('plays.db')} 'select …' | segue … -`],
    });
    expect(await refusal('not.parquet')).toBe('not.parquet is not a Parquet file, whatever its name says');
    expect(await refusal('cut.parquet')).toBe(
      'cut.parquet cannot be read as Parquet; it is damaged or truncated',
    );
    expect(await refusal('array.json')).toContain(
      'array.json holds JSON that is no objects; objects, one an event, are wanted',
    );
    expect(await refusal('cut.csv.gz')).toBe('cut.csv.gz is damaged: its gzip data is truncated or corrupt');
    expect(await refusal('wrong.csv.gz')).toBe(
      'wrong.csv.gz is damaged: its gzip data is truncated or corrupt',
    );
    expect(await refusal('one.txt')).toContain('has one column when split at commas');
    expect(leftOver()).toEqual([]);
  });

  it.each([
    ['Delta', '_delta_log/0.json'],
    ['Iceberg', 'metadata/v1.metadata.json'],
    ['Hudi', '.hoodie/hoodie.properties'],
  ])('that are of a table of %s are refused: deleted rows still stand in them', async (kind, log) => {
    const path = files({ [`plays/${log}`]: '{}', 'plays/e.csv': csv, 'plays/day=1/note.txt': '' });
    await writeParquet(path('plays/day=1/a.parquet'), parquetRows);
    const folder = path('plays');
    for (const name of ['plays', 'plays/day=1', 'plays/day=1/a.parquet', 'plays/*/*.parquet'])
      expect(await failureOf(readEvents(path(name)))).toMatchObject({
        code: 'bad-input-file',
        details: { table: kind, folder: realpathSync(folder) },
        suggestions: [expect.stringContaining('`engine` spark with `table` NAME'), expect.any(String)],
      });
    // What is no Parquet is none of the table's files.
    expect((await readEvents(path('plays/e.csv'))).interactions.numEvents).toBe(3);
  });

  it('without an event are no input', async () => {
    const path = files({ 'a.csv': '', 'b.csv': '\n\n', 'c.csv': 'user,item\n', 'd.jsonl': '\n' });
    for (const name of ['a.csv', 'b.csv', 'c.csv', 'd.jsonl']) {
      const error = await failureOf(readEvents(path(name)));
      expect(error).toMatchObject({ code: 'empty-input', message: `there are no events in ${path(name)}` });
    }
  });

  it('that may not be read say so', async () => {
    const path = files({ 'e.csv': csv });
    chmodSync(path('e.csv'), 0);
    const failing = withoutRights(() => failureOf(readEvents(path('e.csv'))));
    expect((await failing).message).toMatch(/e\.csv may not be read: permission denied$/);
  });

  it('may be pipes', async () => {
    const path = files({ 'e.csv': csv });
    execFileSync('mkfifo', [path('pipe')]);
    const reading = readEvents(path('pipe'));
    await writeFile(path('pipe'), csv);
    expect((await reading).interactions.sha256).toBe((await readEvents(path('e.csv'))).interactions.sha256);
  });
});

describe('Parquet', () => {
  const parquet = async (select: string) => writeParquet(join(makeDirectory(), 'e.parquet'), select);

  it('gives ids and weights of any plain type as they are written', async () => {
    const file = await parquet(
      "SELECT * FROM (VALUES (7::BIGINT, 1::DOUBLE, 3::UTINYINT, DATE '2024-05-31'), (8, 2, 4, NULL)) AS t(user_id, track_id, plays, ts)",
    );
    expect(plainPairs((await readEvents(file)).interactions).pairs).toMatchObject([
      { user: '7', item: '1', weight: 3_000_000_000n, lastAt: BigInt(Date.UTC(2024, 4, 31)) },
      { user: '8', item: '2', weight: 4_000_000_000n, lastAt: null },
    ]);
    const floats = await parquet("SELECT 'a' AS user, encode('x') AS item, 0.1::FLOAT AS weight");
    expect(plainPairs((await readEvents(floats)).interactions).pairs).toMatchObject([
      { item: 'x', weight: 100_000_000n },
    ]);
    const fine = await parquet(
      "SELECT 'a' AS user, 'x' AS item, 1e-8::DOUBLE AS weight, TIMESTAMP '1960-01-01' AS time",
    );
    expect(plainPairs((await readEvents(fine)).interactions).pairs).toMatchObject([
      { weight: 10n, lastAt: BigInt(Date.UTC(1960, 0, 1)) },
    ]);
  });

  it('names its bad rows by number', async () => {
    const file = await parquet(
      "SELECT CASE WHEN r = 4000 THEN NULL ELSE 'u' || r END AS user, 'x' AS item, CASE WHEN r = 5000 THEN 'nan'::DOUBLE ELSE r END AS weight FROM range(1, 9000) t(r)",
    );
    const error = await failureOf(readEvents(file));
    expect(error).toMatchObject({
      code: 'bad-row',
      message: `${file} row 4000: user is empty; an id of 1 to 1,024 bytes is wanted`,
    });
    const { skippedExamples, interactions } = await readEvents(file, { skipBadRows: true });
    expect(skippedExamples.map(({ line, column }) => [line, column])).toEqual([
      [4000, 'user'],
      [5000, 'weight'],
    ]);
    expect(interactions.numEvents).toBe(8997);
  });

  it('refuses structures', async () => {
    const file = await parquet("SELECT {'a': 1} AS user, 'x' AS item, [1] AS tags");
    expect((await failureOf(readEvents(file))).message).toMatch(/has no user column/);
  });
});

describe('reading', () => {
  const bigRows = 20_000;
  const big = (): string =>
    'user,item\n' + Array.from({ length: bigRows }, (_, n) => `u${n % 991},i${n % 7919}`).join('\n');

  it('stops when it is aborted, and leaves nothing behind', async () => {
    const path = files({
      'e.csv': big(),
      'e.csv.gz': gzipSync(big(), { level: 1 }),
      'bad.csv': `${big()}\n,x\n`,
    });
    for (const [name, phase] of [
      ['e.csv', 'reading events'],
      ['e.csv', 'adding up'],
      ['e.csv.gz', 'unpacking'],
      ['bad.csv', 'checking'],
    ] as const) {
      const controller = new AbortController();
      const onProgress = (progress: Progress): void => {
        if (progress.kind === 'step' && progress.phase.startsWith(phase)) controller.abort();
      };
      const error = await failureOf(readEvents(path(name), { signal: controller.signal, onProgress }));
      expect(error, phase).toMatchObject({ code: 'interrupted' });
    }
    const controller = new AbortController();
    controller.abort(new AppError('terminated', 'terminated'));
    expect(await failureOf(readEvents(path('e.csv'), { signal: controller.signal }))).toMatchObject({
      code: 'terminated',
    });
    expect(leftOver()).toEqual([]);
  });

  it('tells how far it is', async () => {
    const path = files({ 'e.csv.gz': gzipSync(big(), { level: 1 }) });
    const told: Progress[] = [];
    await readEvents(path('e.csv.gz'), { onProgress: (progress) => told.push(progress) });
    const steps = told.filter((progress) => progress.kind === 'step');
    expect([...new Set(steps.map(({ phase }) => phase))]).toEqual([
      `unpacking ${path('e.csv.gz')}`,
      'reading events',
      'adding up events',
    ]);
    for (const { done, total } of steps) expect(done).toBeLessThanOrEqual(total ?? Infinity);
    expect(steps.at(-1)).toMatchObject({ done: bigRows, total: bigRows, unit: 'rows' });
  });
});
