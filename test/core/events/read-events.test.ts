import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '#dist/core/events/event-rules.js';
import { expectedPairs, failureOf, plainPairs, readEvents } from '../../helpers/event-oracle.js';
import type { PlainEvent } from '../../helpers/event-oracle.js';
import { temporaryFiles } from '../../helpers/temporary-directory.js';

const fileOf = temporaryFiles();

const pairsOf = async (...args: Parameters<typeof readEvents>) =>
  plainPairs((await readEvents(...args)).interactions);

/** Any text that an id may be, in every script and with every sign that files give a meaning to. */
const id = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 }),
    fc.constantFrom(
      'a',
      'b',
      '"Weird Al" Yankovic',
      'AC/DC',
      'Guns N’ Roses',
      'a,b',
      ' x ',
      '\u{10ffff}',
      '\uffff',
      'NULL',
      '日本',
    ),
  )
  .filter((text) => text !== '' && Buffer.from(text).toString() === text);

const event: fc.Arbitrary<PlainEvent> = fc.record(
  {
    user: id,
    item: id,
    weight: fc.oneof(fc.bigInt(1n, 5_000_000_000n), fc.bigInt(1n, 2n ** 40n), fc.constant(3_000_000_000n)),
    time: fc.integer({ min: -1e11, max: 4e12 }),
    type: fc.constantFrom('play', 'like', 'dislike', 'ban'),
  },
  { requiredKeys: ['user', 'item'] },
);

function decimal(units: bigint): string {
  const digits = units.toString().padStart(10, '0');
  return `${digits.slice(0, -9)}.${digits.slice(-9)}`.replace(/\.?0+$/, '');
}

const quoted = (cell: string): string =>
  /[",\r\n]|^ | $/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;

/** The events as CSV; a missing weight is 1, since an empty cell is refused. */
function csvOf(events: readonly PlainEvent[], newline = '\n'): string {
  const rows = events.map(({ user, item, weight, time, type }) =>
    [
      quoted(user),
      quoted(item),
      decimal(weight ?? 1_000_000_000n),
      time === undefined ? '' : new Date(time).toISOString(),
      type ?? '',
    ].join(','),
  );
  return ['user,item,weight,time,type', ...rows, ''].join(newline);
}

function jsonlOf(events: readonly PlainEvent[]): string {
  return events
    .map(({ user, item, weight, time, type }) =>
      JSON.stringify({
        user,
        item,
        weight: decimal(weight ?? 1_000_000_000n),
        time: time === undefined ? null : new Date(time).toISOString(),
        type,
      }),
    )
    .join('\n');
}

describe('events', () => {
  it('add up as the rules say, from CSV and from JSON Lines', async () => {
    await fc.assert(
      // Each reading is a database of its own: fewer, with more events in each.
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 100, size: 'max' }), async (events) => {
        const expected = expectedPairs(events);
        expect(await pairsOf(fileOf('events.csv', csvOf(events)))).toEqual(expected);
        expect(await pairsOf(fileOf('events.jsonl', jsonlOf(events)))).toEqual(expected);
      }),
      { numRuns: 3 },
    );
  });

  it('give the same interactions, to the byte, whatever the order of rows and files, the line ends and the threads', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(event, { minLength: 2, maxLength: 100, size: 'max' }),
        fc.infiniteStream(fc.nat()),
        async (events, numbers) => {
          const keyed = events.map((value) => ({ value, key: numbers.next().value as number }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ value }) => value);
          const cut = Math.ceil(events.length / 2);
          const whole = await readEvents(fileOf('a.csv', csvOf(events)), { threads: 1 });
          const parts = [
            fileOf('b.csv', csvOf(shuffled.slice(cut), '\r\n')),
            fileOf('c.csv.gz', gzipSync(csvOf(shuffled.slice(0, cut)))),
          ];
          const again = await readEvents(parts, { threads: 3 });
          expect(again.interactions.sha256).toBe(whole.interactions.sha256);
          expect(again.interactions.numEvents).toBe(events.length);
        },
      ),
      { numRuns: 2 },
    );
  });

  it('hash to what the layout in interactions-hash.ts says', async () => {
    const file = fileOf('e.csv', 'user,item,weight,time\nb,y,2,1970-01-02\na,x,0.5,\nb,x,1,1970-01-03\n');
    const { sha256 } = (await readEvents(file)).interactions;
    const bytes = Buffer.concat([
      Buffer.from('segue-events-1\0\0'),
      Buffer.from(BigUint64Array.of(2n, 2n, 3n, 3n).buffer),
      Buffer.from(BigInt64Array.of(86_400_000n, 172_800_000n).buffer),
      Buffer.from(Uint32Array.of(0, 1, 2).buffer),
      Buffer.from('ba'),
      Buffer.from(Uint32Array.of(0, 1, 2).buffer),
      Buffer.from('xy'),
      Buffer.from(Uint32Array.of(0, 2, 3).buffer),
      Buffer.from(Uint32Array.of(0, 1, 0).buffer),
      Buffer.from(BigInt64Array.of(1_000_000_000n, 2_000_000_000n, 500_000_000n).buffer),
      Buffer.from(Uint32Array.of(1, 1, 1).buffer),
      Buffer.from(BigInt64Array.of(172_800_000n, 86_400_000n, -(2n ** 63n)).buffer),
      Buffer.from(Uint8Array.of(1, 1, 1)),
    ]);
    expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  });

  it('mean in the fast reading what they mean in the careful one', async () => {
    const cell = fc.record({
      weight: fc.oneof(
        fc.stringMatching(/^\d{1,11}(\.\d{1,12})?$/),
        fc.stringMatching(/^\d{1,3}\.\d{9}[05]\d{0,4}$/),
        fc.stringMatching(/^\d(\.\d{1,14})?e-[01]?[0-9]$/),
        fc.constantFrom('1', '0', '0.0', '1e3', '.5', ' 2', '3 ', '+4', '1.', '0.0000000000'),
      ),
      time: fc.oneof(
        fc.stringMatching(/^\d{1,14}(\.\d{1,5})?$/),
        fc.stringMatching(
          /^(19|20)\d\d-[01]\d-[0-3]\d([T ][0-2]\d:[0-5]\d(:[0-6]\d(\.\d{1,9})?)?(Z|[+-][01]\d:?[0-5]\d)?)?$/,
        ),
        fc.constantFrom('', '0', '-5', '1970-01-01T00:00:00.0009Z', '1969-12-31T23:59:59.9995', '2024-06-31'),
      ),
      type: fc.constantFrom('', 'play', 'like', 'dislike', 'ban', 'Like'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(cell, { minLength: 1, maxLength: 120, size: 'max' }), async (cells) => {
        const parsed = cells
          .map((each, at) => ({ ...each, user: `u${at}`, item: 'i' }))
          .map((each) => ({ each, event: parseEvent(each, true, false) }));
        const good = parsed.filter(({ event }) => 'user' in event);
        fc.pre(good.length > 0);
        const rows = good.map(({ each }) =>
          [each.user, each.item, each.weight, each.time, each.type].join('\t'),
        );
        const { pairs } = await pairsOf(
          fileOf('e.tsv', ['user\titem\tweight\ttime\ttype', ...rows].join('\n')),
        );
        for (const { event } of good) {
          if (!('user' in event)) continue;
          const pair = pairs.find(({ user }) => user === event.user);
          expect(pair?.weight).toBe(event.weight);
          expect(pair?.lastAt).toBe(event.time === -(2 ** 63) ? null : BigInt(event.time));
          expect(pair?.disliked).toBe(event.type === 2);
        }
      }),
      { numRuns: 3 },
    );
  });

  it('refuse weights that add up to more than 64 bits hold', async () => {
    const row = 'a,x,9223372036\n';
    const fits = await pairsOf(fileOf('e.csv', `user,item,weight\n${row}`));
    expect(fits.pairs[0]?.weight).toBe(9_223_372_036_000_000_000n);
    const error = await failureOf(readEvents(fileOf('e.csv', `user,item,weight\n${row}${row}`)));
    expect(error).toMatchObject({ code: 'too-large' });
  });

  it('are all right for one user, one item, and data that is all the same', async () => {
    const { users, items, pairs } = await pairsOf(fileOf('e.csv', 'user,item\n' + 'a,x\n'.repeat(5000)));
    expect({ users, items, pairs }).toMatchObject({
      users: ['a'],
      items: ['x'],
      pairs: [{ weight: 5_000_000_000_000n, count: 5000, lastAt: null, disliked: false, banned: false }],
    });
  });
});

describe('columns', () => {
  const one = { user: 'a', item: 'x' };

  it.each([
    [
      'lastfm.dat',
      'userID\tartistID\tweight\r\na\tx\t3\r\n',
      { user: 'userID', item: 'artistID', weight: 'weight' },
    ],
    ['p.csv', 'playlist_id,track_id\na,x\n', { user: 'playlist_id', item: 'track_id' }],
    ['t.csv', 'time,item,user\n2024-01-01,x,a\n', { user: 'user', item: 'item', time: 'time' }],
    [
      'k.tsv',
      'User Id\tItem-ID\tPlayCount\na\tx\t1\n',
      { user: 'User Id', item: 'Item-ID', weight: 'PlayCount' },
    ],
    ['one.csv', 'a,x,3', { user: 1, item: 2, weight: 3 }],
    ['h.tsv', 'a\tx\t2\t1402943314\n', { user: 1, item: 2, weight: 3, time: 4 }],
    ['bom.csv', '\ufeffuser,item\r\na,x\r\n', { user: 'user', item: 'item' }],
    ['blank.csv', '\n\r\n\nuser,item\n\na,x\n\n', { user: 'user', item: 'item' }],
    [
      'j.jsonl',
      '{"userId": "a", "trackId": "x", "plays": 2}',
      { user: 'userId', item: 'trackId', weight: 'plays' },
    ],
    ['none', 'user\titem\na\tx', { user: 'user', item: 'item' }],
    ['old-mac.csv', 'user,item\ra,x\r', { user: 'user', item: 'item' }],
    ['wide.csv', 'x1,item,x2,user,x3,\n1,x,2,a,3,\n', { user: 'user', item: 'item' }],
    ['song.csv', 'song,artist,user\nx,y,a\n', { user: 'user', item: 'song' }],
  ])('of %s are found by themselves', async (name, text, columns) => {
    const { interactions, sources } = await readEvents(fileOf(name, text));
    expect(plainPairs(interactions).pairs).toMatchObject([one]);
    expect(sources[0]?.columns).toEqual(columns);
    expect(sources[0]?.rows).toBe(1);
  });

  it.each([
    ['m.csv', 'station,"song, full",n\na,x,2\n', 'user=station, item="song, full" ,weight=n'],
    ['m.csv', 'p,q,r\nx,9,a\n', 'user=3,item=1'],
    ['m.csv', '1,2\na,x\n', 'user="1",item="2"'],
    ['m.csv', 'user,item,weight\na,x,many\n', 'weight='],
    ['m.csv', 'say ""hi"",item\na,x\n'.replaceAll('""', '"'), 'user="say ""hi"""'],
    ['m.jsonl', '{"u/~": "a", "it\'em": "x"}', "user=u/~,item=it'em"],
    ['m.csv', 'who,item\na,x\n', 'user=who'],
  ])('of %s are those that `columns` names: %s %s', async (name, text, columns) => {
    const isHeaderless = text.startsWith('p,q,r');
    const { pairs } = await pairsOf(fileOf(name, isHeaderless ? text.slice(6) : text), { columns });
    expect(pairs).toMatchObject([one]);
  });

  it.each([
    ['user=nobody', 'bad-input-file', 'has no column "nobody", which `columns` names for the user'],
    ['user=9', 'bad-input-file', 'has no column 9'],
    ['colour=x', 'bad-usage', 'names the role "colour"; roles are user, item, weight, time, type'],
    ['user', 'bad-usage', 'role=column is wanted'],
    ['user=a,user=b', 'bad-usage', 'twice'],
    ['user="a', 'bad-usage', 'cannot be read'],
    ['item=', 'bad-usage', 'leaves no column for the item'],
  ])('that `columns` %s does not name rightly are an error', async (columns, code, message) => {
    const error = await failureOf(readEvents(fileOf('e.csv', 'user,item,what\na,x,y\n'), { columns }));
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });

  it('that are missing are named with those that there are', async () => {
    const error = await failureOf(readEvents(fileOf('e.csv', 'item,callsign,time\nx,a,0\n')));
    expect(error.message).toMatch(/e\.csv has no user column: its columns are "item", "callsign", "time"$/);
    const narrow = await failureOf(readEvents(fileOf('e.csv', 'user item\na x\n')));
    expect(narrow.message).toContain('its first line looks separated by " "');
  });
});

describe('quoting', () => {
  it('in CSV is that of RFC 4180', async () => {
    const text = 'user,item\r\n"a ""b"", c","x\r\ny"\r\n5" disc,"Weird" Al\r\n'.replace(
      '"Weird" Al',
      'Weird "Al"',
    );
    const { pairs } = await pairsOf(fileOf('e.csv', text));
    expect(pairs).toMatchObject([
      { user: '5" disc', item: 'Weird "Al"' },
      { user: 'a "b", c', item: 'x\r\ny' },
    ]);
  });

  it('is unknown in tab-separated text, unless `quote` gives a quote', async () => {
    const file = fileOf('e.tsv', 'user\titem\n"a"\t"Weird Al" Yankovic\n"b\tc\n');
    expect((await pairsOf(file)).pairs).toMatchObject([
      { user: '"a"', item: '"Weird Al" Yankovic' },
      { user: '"b', item: 'c' },
    ]);
    const quoted = fileOf('e.tsv', 'user\titem\n"a\tb"\tx\n');
    expect((await pairsOf(quoted, { quote: '"' })).pairs).toMatchObject([{ user: 'a\tb', item: 'x' }]);
    expect(await failureOf(readEvents(file, { quote: 'ab' }))).toMatchObject({ code: 'bad-usage' });
  });
});
