/** The same line of JSON, or row, through every reader of events: `train`, the follower, a file that is added, and HTTP's objects. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventKeys, parseExactly } from '#dist/core/events/event-keys.js';
import { readEventRows } from '#dist/core/events/event-rows.js';
import { eventTypes, keptTypes } from '#dist/core/events/event-rules.js';
import { entryTypes } from '#dist/core/ledger/entry.js';
import { parseEvent, parseEventLine } from '#dist/core/realtime/event-line.js';
import { openSettledFile } from '#dist/core/realtime/settled-file.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const makeDirectory = temporaryDirectories();
const quietContext = { signal: new AbortController().signal, onProgress: () => undefined };
const nowMs = Date.UTC(2040, 5, 1);
const times = { fromMs: -Infinity, untilMs: Infinity, nowMs };

type Read = readonly [user: string, item: string, type: string, weight: string, at: number];

const shown = (entry: ReturnType<typeof parseEventLine>): Read | string =>
  typeof entry === 'string'
    ? 'refused'
    : 'leftOut' in entry
      ? 'left out'
      : [entry.user, entry.item!, entry.type, String(entry.weight), entry.atMs];

/** As `train` reads it: the rows of one file. */
async function asTraining(line: string, columns?: string): Promise<Read | string> {
  const path = join(makeDirectory(), 'plays.jsonl');
  writeFileSync(path, `${line}\n`);
  try {
    for await (const { records } of readEventRows([path], { columns }, quietContext))
      for (const { event } of records) {
        if (event === undefined) return 'refused';
        const { user, item, type, weight, time } = event;
        return [
          user,
          item,
          eventTypes[type],
          String(weight),
          Number.isNaN(time) || time < -1e15 ? nowMs : time,
        ];
      }
  } catch {
    return 'refused';
  }
  return 'nothing';
}

const asFollowed = (line: string, columns?: string): Read | string =>
  shown(parseEventLine({ offset: 9, text: line }, 'p', times, eventKeys({ columns })));

function asPosted(line: string): Read | string {
  const keyed = eventKeys()(parseExactly(line) as Record<string, unknown>);
  return typeof keyed === 'string'
    ? 'refused'
    : shown(parseEvent(keyed, { partition: 'p', offset: 9 }, times));
}

const one = '1000000000';
const lines: readonly (readonly [string, Read | 'refused'])[] = [
  ['{"user":"u","item":"i"}', ['u', 'i', 'play', one, nowMs]],
  ['{"user":"u","item":"i","ts":1794257201}', ['u', 'i', 'play', one, 1_794_257_201_000]],
  ['{"user":"u","item":"i","timestamp":"2024-05-31T20:15:00Z"}', ['u', 'i', 'play', one, 1_717_186_500_000]],
  ['{"user_id":"u","track_id":"i","playedAt":1.5e9}', ['u', 'i', 'play', one, 1_500_000_000_000]],
  ['{"listener":"u","song":7,"plays":"2.5","event_type":" Like "}', ['u', '7', 'like', '2500000000', nowMs]],
  ['{"userName":"n","userId":"u","trackId":"i","action":""}', ['u', 'i', 'play', one, nowMs]],
  ['{"user":"u","artist":"a","track":"i","album":"b","session":"s"}', ['u', 'i', 'play', one, nowMs]],
  ['{"user":"u","item":"i","time":1717186500,"at":1}', ['u', 'i', 'play', one, 1_717_186_500_000]],
  ['{"user":1234567890123456789,"item":123.0}', ['1234567890123456789', '123.0', 'play', one, nowMs]],
  ['{"user":1e3,"item":1.50,"weight":1e-3}', ['1000.0', '1.5', 'play', '1000000', nowMs]],
  ['{"user":"u","item":"i","type":"ban","weight":""}', ['u', 'i', 'ban', '0', nowMs]],
  ['{"user":"u","item":"i","weight":""}', 'refused'],
  ['{"user":"u","user_id":"v","item":"i"}', 'refused'],
  ['{"user":true,"item":"i"}', 'refused'],
  ['{"user":"u","item":["i"]}', 'refused'],
  ['{"user":"u","item":{"i":1}}', 'refused'],
  ['{"guest":"u","item":"i"}', 'refused'],
  ['{"user":"u","item":"i","type":"view"}', 'refused'],
  ['{"user":"u","item":"i","ts":"soon"}', 'refused'],
];
const named: readonly (readonly [string, Read | 'refused', string])[] = [
  [
    '{"user":"x","User_ID":"u","Game_ID":3,"Hours":"0.5","when":9}',
    ['u', '3', 'play', '500000000', 9000],
    'user=User_ID,item=Game_ID,weight=Hours,time=when',
  ],
  [
    '{"user":"u","artist":"a - b","track":"t"}',
    ['u', String.raw`a \- b - t`, 'play', one, nowMs],
    'item=artist+track',
  ],
  ['{"user":"u","item":"i","ts":5,"plays":7}', ['u', 'i', 'play', one, nowMs], 'time=,weight='],
  ['{"user":"u","item":"i"}', 'refused', 'user=User_ID'],
  ['{"user":"u","artist":"a","track":""}', 'refused', 'item=artist+track'],
];

describe('a line of JSON', () => {
  it.each(lines)('is the same event to train, a follower and a request: %s', async (line, wanted) => {
    expect([await asTraining(line), asFollowed(line), asPosted(line)]).toEqual([wanted, wanted, wanted]);
  });

  it.each(named)('is the same by --columns: %s', async (line, wanted, columns) => {
    expect([await asTraining(line, columns), asFollowed(line, columns)]).toEqual([wanted, wanted]);
  });

  it('has no time where it lacks the key that --columns names, though another is usual', () => {
    const keys = eventKeys({ columns: 'time=when' });
    expect(keys({ user: 'u', item: 'i', ts: 5 })).toMatchObject({ unread: ['ts'], lacking: ['when'] });
    expect(() => eventKeys({ columns: 'when=x' })).toThrow(
      'roles are user, item, weight, time, type, id, scope, source, undoes',
    );
  });

  it('has types of which a ledger keeps all, and train names those that it does not read', async () => {
    expect([...eventTypes, ...keptTypes].toSorted()).toEqual([...entryTypes].toSorted());
    for (const type of keptTypes) {
      const line = JSON.stringify({ user: 'u', item: 'i', type, undoes: 'e' });
      expect(asFollowed(line)).toContain(type);
      expect(await asTraining(line)).toBe('refused');
    }
  });
});

it('a row of another format is kept with all that a line of JSON says, by the same names', async () => {
  const path = join(makeDirectory(), 'log.csv');
  writeFileSync(
    path,
    'User_ID,track,ts,action,ID,scope,source,what\nu,i,5,skip,e1,,radio,\nu,a,6,unban,e2,artist,,\nu,i,7,undo,e3,,,e1\nu,,8,play,e4,,,\nu,,9,undo,e5,,,e2\n',
  );
  const options = { columns: 'undoes=what', isLines: false, refuseSeen: true };
  const source = openSettledFile(path, options, quietContext);
  const [partition] = (await source.partitions())!;
  const entries: ReturnType<typeof parseEventLine>[] = [];
  for await (const batch of source.read(partition!, 0))
    entries.push(
      ...batch.map((event) => parseEventLine(event, partition!, times, eventKeys({ columns: 'user=other' }))),
    );
  const [skip, unban, undo, bad, bare] = entries;
  expect(skip).toMatchObject({ id: 'e1', user: 'u', item: 'i', type: 'skip', source: 'radio', atMs: 5000 });
  expect(unban).toMatchObject({ id: 'e2', item: 'a', type: 'unban', scope: 'artist' });
  expect(undo).toMatchObject({ id: 'e3', type: 'undo', undoes: 'e1' });
  expect(bare).toMatchObject({ id: 'e5', type: 'undo', item: undefined, undoes: 'e2' });
  expect(bad).toMatch(/line 5: item .*is empty/);
});
