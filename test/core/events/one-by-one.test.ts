/** The same JSON Lines through DuckDB, as `train` reads a file, and object by object, as events come. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventKeys, parseExactly, lookBy, type JsonObject } from '#dist/core/events/event-keys.js';
import { readEventRows } from '#dist/core/events/event-rows.js';
import { eventTypes, noTimeNumber } from '#dist/core/events/event-rules.js';
import { namedProfile } from '#dist/core/events/relation/profile.js';
import { parseEvent } from '#dist/core/realtime/event-line.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();
const context = { signal: new AbortController().signal, onProgress: () => undefined };
const nowMs = Date.UTC(2040, 5, 1);
const times = { fromMs: -Infinity, untilMs: Infinity, nowMs };

interface Asked {
  readonly columns?: string | undefined;
  readonly filter?: string | undefined;
  readonly types?: string | undefined;
  readonly format?: string | undefined;
}

/** What becomes of each line. */
type Outcome =
  'bad' | 'left out' | readonly [user: string, item: string, type: string, weight: string, at: number];

async function ofFile(lines: readonly string[], asked: Asked, path: string): Promise<Outcome[]> {
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  const outcomes = new Array<Outcome>(lines.length).fill('left out');
  for await (const { records } of readEventRows([path], { ...asked }, context))
    for (const { line, event } of records) {
      const at = event === undefined || event.time === noTimeNumber ? nowMs : event.time;
      outcomes[line - 1] =
        event === undefined
          ? 'bad'
          : [event.user, event.item, eventTypes[event.type], String(event.weight), at];
    }
  return outcomes;
}

async function oneByOne(lines: readonly string[], asked: Asked, path: string): Promise<Outcome[]> {
  const objects = lines.map((line) => parseExactly(line) as JsonObject);
  const named = asked.format === undefined ? undefined : await namedProfile(asked.format);
  const keys = eventKeys(await lookBy(objects, { ...asked, profile: named, path }), objects);
  return objects.map((fields) => {
    const keyed = keys(fields);
    const entry = typeof keyed === 'string' ? keyed : parseEvent(keyed, { partition: 'p', offset: 1 }, times);
    if (typeof entry === 'string') return 'bad';
    if ('leftOut' in entry) return 'left out';
    return [entry.user, entry.item!, entry.type, String(entry.weight), entry.atMs];
  });
}

async function expectSame(lines: readonly string[], asked: Asked): Promise<Outcome[]> {
  const path = join(makeDirectory(), 'anna', 'listens.jsonl');
  mkdirSync(dirname(path));
  const wanted = await ofFile(lines, asked, path);
  const found = await oneByOne(lines, asked, path);
  const others = lines.flatMap((line, at) =>
    JSON.stringify(found[at]) === JSON.stringify(wanted[at])
      ? []
      : [{ line, wanted: wanted[at], found: found[at] }],
  );
  expect({ asked, others: others.slice(0, 3) }).toEqual({ asked, others: [] });
  return found;
}

const texts = fc.constantFrom(
  'a',
  'A',
  "it's",
  'a - b',
  'ß',
  'ẞ',
  '😀',
  '',
  'STRASSE',
  '%',
  'x.y',
  '7',
  '007',
);
const written = fc.constantFrom(
  '0',
  '1',
  '30000',
  '29999.5',
  '1e3',
  '0.1',
  '1.50',
  '12345678901',
  '1234567890123456789',
  '0.00025',
);
const maybe = (value: fc.Arbitrary<string>): fc.Arbitrary<string | undefined> =>
  fc.option(fc.option(value, { nil: 'null', freq: 8 }), { nil: undefined, freq: 8 });
const quoted = texts.map((text) => JSON.stringify(text));
/** Some are days or times, and near to those that filters have. */
const days = [
  ...['2020-01-02', '2020-06-01T00:00:00Z', '2020-01-02 09:59:59.9999', '2020-01-02 10:00:00.0001'],
  ...[
    '2020-06-01T05:31:00+05:30',
    '2020-06-01T05:29:00+05:30',
    '2020-06-01T09:00+05:30',
    '2020-02-29',
    '2019-02-29',
    '2020-13-01',
  ],
  ...['1969-01-01', '2020', 'soon', '', '2020-01-02T24:00', '3020-01-01'],
];
/** Texts and numbers each in their own keys, as one file has them; what is not there, or null, is both. */
const row = fc
  .record({
    u: maybe(fc.oneof(quoted)),
    'odd-count': maybe(written),
    ms: maybe(written),
    kind: maybe(fc.constantFrom('"like"', '" View "', '"play"', '"BAN"', '"cart"', '""')),
    ts: maybe(fc.constantFrom('1717186500', '1717186500.25', '1717186500123', '0')),
    flag: maybe(fc.constantFrom('true', 'false')),
    day: maybe(fc.constantFrom(...days).map((day) => JSON.stringify(day))),
    artist: maybe(quoted),
    title: maybe(quoted),
    deep: maybe(quoted),
    number: maybe(written),
  })
  .map(({ artist, title, deep, number, ...top }) => {
    const object = (fields: Readonly<Record<string, string | undefined>>): string =>
      `{${Object.entries(fields)
        .filter(([, value]) => value !== undefined)
        .map(([key, value]) => `${JSON.stringify(key)}:${value!}`)
        .join(',')}}`;
    return object({ ...top, track: object({ artist, title, 'odd name': object({ deep, number }) }) });
  });
/** All keys are in a file, with what they hold. */
const whole =
  '{"u":"a","odd-count":1,"ms":30001,"kind":"play","ts":1717186500,"flag":true,"day":"2020-03-01","track":{"artist":"b","title":"t","odd name":{"deep":"d","number":2.5}}}';
const oneOf = (...choices: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...choices);
const users = oneOf(
  'u',
  "'me'",
  'track.artist',
  'u+track.title',
  "u + 'x'",
  'file',
  'folder',
  '`odd-count`',
  'ms * 0 + 7',
);
const items = oneOf(
  'track.title',
  'artist:track.artist+track.title',
  'track.`odd name`.deep',
  "'i'",
  'ms',
  'track.`odd name`.number',
);
const weights = oneOf(
  '',
  ',weight=',
  ',weight=ms / 1000',
  ',weight=track.`odd name`.number * 2 - 1',
  ',weight=-ms',
);
const others = oneOf('', ',time=ts', ',time=ts + 0.5', ',type=kind', ',time=ts,type=kind');
const filters = [
  undefined,
  'ms >= 30000',
  'not (ms < 30000 or track.artist = "a")',
  'track.artist ~ "ss" or flag = "true"',
  'U like "%a_" or `odd-count` in (1, 1000)',
  'track.`odd name`.number / ms > 0.5',
  'track.title is null and ms is not null',
  'track.artist < track.title',
  'u + track.title != "aa"',
  'ms between 1 and 30000 and ts > 1717186500',
  'day >= "2020-06-01" or day < "2020-01-02 10:00"',
  'day between "2020" and "2020-02"',
];
const asked = fc.record({
  columns: fc
    .tuple(users, items, weights, others)
    .map(([user, item, more, rest]) => `user=${user},item=${item}${more}${rest}`),
  types: fc.option(oneOf('play=view,like=cart', 'ban=like'), { nil: undefined }),
});

describe('lines of JSON are the same events and the same rows left out, as a file and one by one', () => {
  it('by expressions, filters and types', async () => {
    const sampled = fc.sample(asked, { numRuns: filters.length, seed: 28 });
    for (const [at, filter] of filters.entries())
      await expectSame([whole, ...fc.sample(row, { numRuns: 60, seed: at })], { ...sampled[at]!, filter });
  });

  it('by days', async () => {
    const lines = days.map((day) => JSON.stringify({ u: 'a', i: 'b', day }));
    const found = await expectSame(lines, {
      columns: 'user=u,item=i',
      filter: 'day >= "2020-06-01" or day < "2020-01-02 10:00"',
    });
    expect(days.filter((_, at) => found[at] !== 'left out')).toEqual([
      ...['2020-01-02', '2020-06-01T00:00:00Z', '2020-01-02 09:59:59.9999', '2020-06-01T05:31:00+05:30'],
    ]);
  });

  const account =
    '{"endTime":"2020-01-18 10:08","artistName":"Queen","trackName":"One - Vision","msPlayed":180000}';
  const listen = (more: string): string =>
    `{"listened_at":1600000000,"track_metadata":{"artist_name":"A - B","track_name":"T"}${more}}`;
  const extended = (more: string): string =>
    `{"ts":"2024-01-09T10:15:00Z","ms_played":31000,"master_metadata_track_name":"t","master_metadata_album_artist_name":"Q","incognito_mode":false${more}}`;
  it.each<readonly [profile: string, lines: readonly string[], wanted: readonly string[]]>([
    ['spotify-account', [account, account.replace('180000', '29999')], ['anna', 'left out']],
    [
      'spotify-extended',
      [
        extended(',"username":"u"'),
        extended(',"username":null'),
        extended('').replace('31000', '1'),
        extended('').replace('"t"', 'null'),
        extended(',"username":"u"').replace('false', 'true'),
      ],
      ['u', 'bad', 'left out', 'left out', 'left out'],
    ],
    ['listenbrainz', [listen(''), listen('')], ['anna', 'anna']],
    ['listenbrainz', [listen(',"folder":"own"')], ['own']],
    ['listenbrainz', [listen(',"user_name":"u"'), listen('')], ['u', 'bad']],
    [
      'retailrocket',
      [
        '{"timestamp":1433221332117,"visitorid":257597,"event":"view","itemid":355908,"transactionid":null}',
        '{"timestamp":1433221332117,"visitorid":1,"event":"transaction","itemid":2,"transactionid":4}',
        '{"timestamp":1433221332117,"visitorid":1,"event":"other","itemid":2}',
      ],
      ['257597', '1', 'bad'],
    ],
  ])('as a profile says: %s', async (format, lines, wanted) => {
    const users = (outcomes: readonly Outcome[]): string[] =>
      outcomes.map((each) => (typeof each === 'string' ? each : each[0]));
    expect(users(await expectSame(lines, { format }))).toEqual(wanted);
    // By its keys alone, unless they are the usual names.
    if (format !== 'retailrocket') expect(users(await expectSame(lines, {}))).toEqual(wanted);
    expect(users(await expectSame(lines, { format, columns: "user='me'" }))).toEqual(
      wanted.map((each) =>
        each === 'left out' || (format === 'retailrocket' && each === 'bad') ? each : 'me',
      ),
    );
  });

  it('by the usual names within objects', async () => {
    const line = '{"payload":{"user":{"id":"u"},"track":{"id":7,"name":"t"},"at":1717186500}}';
    const wanted = [['u', '7', 'play', '1000000000', 1_717_186_500_000]];
    expect(await expectSame([line], {})).toEqual(wanted);
    expect(await expectSame([line], { filter: 'payload.track.name = "t"' })).toEqual(wanted);
  });

  it('but that one alone says what its own keys are', async () => {
    const keys = (asked: Asked, ...lines: readonly string[]) => {
      const objects = lines.map((line) => parseExactly(line) as JsonObject);
      const read = eventKeys(asked, objects);
      return objects.map(read);
    };
    const play = '{"user":"u","item":"i","ms":5}';
    expect(keys({ filter: 'ms > 4' }, play, play.replace('5', '"5"'))).toMatchObject([
      { values: { user: 'u' }, unread: [] },
      expect.stringMatching(/^cannot be read: `filter`, character 6: ms holds texts/),
    ]);
    // What no line has may be a mistake.
    expect(keys({ filter: 'mss > 4' }, play)).toMatchObject([
      { leftOut: 'rows that do not match `filter`', lacking: ['mss'] },
    ]);
    expect(keys({ columns: 'weight=mss / 2' }, play)).toMatchObject([
      { lacking: ['mss'], values: { weight: '' } },
    ]);
    const profile = await namedProfile('listenbrainz');
    const first = [parseExactly(listen('')) as JsonObject];
    const read = eventKeys({ profile, path: 'anna/a.jsonl' }, first);
    expect(read(parseExactly(listen(',"user_name":"u"')) as JsonObject)).toContain(
      'names its user by user_name',
    );
    const playlists = await namedProfile('million-playlist');
    expect(() => eventKeys({ profile: playlists })).toThrow(
      '`format` million-playlist is SQL over a whole file',
    );
  });
});
