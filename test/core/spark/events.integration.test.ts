/** Events that a real cluster reads are the interactions of reading here: the contract of semantics of both engines. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readElsewhere } from '#dist/core/events/elsewhere/read-elsewhere.js';
import type { EventsRead, ReadEventsOptions } from '#dist/core/events/read-events.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { openSpark, type Spark } from '#dist/core/spark/open-spark.js';
import { failureOf, readEvents } from '../../helpers/event-oracle.js';
import { ids, quoted, times, types, weights } from '../../helpers/hostile-events.js';
import { writeParquet } from '../../helpers/parquet.js';
import { scratchPath } from '../../helpers/scratch-path.js';
import { master, testSpark } from '../../helpers/spark.js';

const random = seededRandom(3);
const pick = <T>(values: readonly T[]): T => values[Math.floor(random.nextFraction() * values.length)]!;
const rows = Array.from({ length: 3000 }, () => ({
  user: pick(ids),
  item: pick(ids.slice(0, 9)),
  weight: pick(weights),
  time: pick(times),
  type: pick(types),
}));
// Rows that come twice are two events.
rows.push(...rows.slice(0, 200));

const csv = (of: typeof rows): string =>
  ['user,item,weight,time,type', ...of.map((row) => Object.values(row).map(quoted).join(',')), ''].join(
    '\r\n',
  );

const tsv = ['user\titem\tweight\ttime\ttype', ...rows.map((row) => Object.values(row).join('\t'))].join(
  '\n',
);

describe('events that Spark reads', { tags: ['spark'] }, () => {
  const folder = mkdtempSync(join(scratchPath, 'segue-spark-events-'));
  const cluster = testSpark();
  const context = { signal: new AbortController().signal, onProgress: () => undefined };
  let spark: Spark;

  const fileOf = (name: string, content: string | Buffer): string => {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return path;
  };
  const bySpark = (files: readonly string[], options: Partial<ReadEventsOptions> = {}): Promise<EventsRead> =>
    readElsewhere(
      { files, tables: [], skipBadRows: false, minUserItems: 1, minItemUsers: 1, ...context, ...options },
      spark.events,
    );

  beforeAll(async () => {
    Object.assign(process.env, cluster.env);
    spark = await openSpark({ sparkMaster: master, python: cluster.python }, { openBytes: 0 }, context);
  });

  afterAll(async () => {
    await spark.close();
    cluster.remove();
    rmSync(folder, { recursive: true });
  });

  it.each<[string, () => string]>([
    ['CSV', () => fileOf('plays.csv', csv(rows))],
    ['gzipped TSV', () => fileOf('plays.tsv.gz', gzipSync(tsv))],
    ['JSON Lines', () => fileOf('plays.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''))],
  ])('as %s are the same', async (_, write) => {
    const file = write();
    const [here, there] = [await readEvents(file), await bySpark([file])];
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
    expect(there.sources).toEqual(here.sources);
  });

  it('in a folder of many parts, filtered and with minimums, are the same', async () => {
    for (let part = 0; part < 5; part++)
      fileOf(`parts/part-${part}.csv`, csv(rows.filter((_, at) => at % 5 === part)));
    fileOf('parts/_SUCCESS', '');
    const options = { minWeight: 0.5, fromMs: 0, beforeMs: 1_710_000_000_000, minItemUsers: 3 };
    const here = await readEvents(join(folder, 'parts/*.csv'), options);
    const there = await bySpark([join(folder, 'parts')], options);
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
  });

  it('in Parquet, by its types, are the same', async () => {
    const file = join(folder, 'plays.parquet');
    await writeParquet(
      file,
      `SELECT (range % 7)::BIGINT AS user_id, 'i' || (range % 5) AS track_id,
         CASE WHEN range % 11 = 0 THEN 0.1 WHEN range % 3 = 0 THEN 2.0 ELSE 3.0000000005 END::DOUBLE AS weight,
         make_timestamp_ns(1700000000000000000 + range * 1234567891) AS time,
         CASE WHEN range % 13 = 0 THEN 'dislike' WHEN range % 17 = 0 THEN 'ban' END AS type
       FROM range(500)`,
    );
    const [here, there] = [await readEvents(file), await bySpark([file])];
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
  });

  it.each(['us', 'ns', 's', 'ms'])('at any time, stored in %s, are the same', async (unit) => {
    const file = join(folder, `times-${unit}.parquet`);
    // To both sides of 1970 and of what segue takes for seconds, with fractions of a millisecond where there are any.
    await writeParquet(
      file,
      `SELECT 'u' || (range % 3) AS user_id, 'i' || range AS track_id,
         (TIMESTAMP '1900-01-01' + INTERVAL (range * 61) DAY + INTERVAL (range * 1234567) MICROSECOND)
           ::TIMESTAMP_${unit.toUpperCase()} AS time
       FROM range(900)`.replace('::TIMESTAMP_US', '::TIMESTAMP'),
    );
    const [here, there] = [await readEvents(file), await bySpark([file])];
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
  });

  it('of a table are the same, and a table that is not there is named', async () => {
    const file = join(folder, 'table.parquet');
    await writeParquet(file, "SELECT range % 7 AS user_id, 'i' || (range % 5) AS track_id FROM range(200)");
    const options = { skipBadRows: false, minUserItems: 1, minItemUsers: 1, ...context, files: [] };
    const ofTable = (table: string): Promise<EventsRead> =>
      readElsewhere({ ...options, tables: [table] }, spark.events);
    const [here, there] = [await readEvents(file), await ofTable(`parquet.\`${file}\``)];
    expect(there.interactions.sha256).toBe(here.interactions.sha256);
    expect(await failureOf(ofTable('no.such.table'))).toMatchObject({
      code: 'bad-input-file',
      message: expect.stringContaining('such'),
    });
  });

  it('whose weights add up to too much are refused, and not wrapped', async () => {
    const file = fileOf('heavy.csv', `user,item,weight\n${'u,i,9000000000\n'.repeat(2)}`);
    for (const read of [() => readEvents(file), () => bySpark([file])]) {
      const error = await failureOf(read());
      expect(error).toMatchObject({
        code: 'too-large',
        message: expect.stringContaining('add up to more than'),
      });
    }
  });

  it('that are not there, or bad, have an error that says which', async () => {
    const missing = join(folder, 'none.csv');
    expect(await failureOf(bySpark([missing]))).toMatchObject({
      code: 'bad-input-file',
      message: `${missing} does not exist, or has no files`,
    });
    const bad = fileOf('bad.csv', 'user,item,weight\na,x,1\nb,y,abc\n');
    expect(await failureOf(bySpark([bad]))).toMatchObject({
      code: 'bad-row',
      message: `a row of ${bad}: weight "abc" is not a number`,
    });
  });
});
