import type { Progress } from '#dist/core/contracts.js';
import { readElsewhere } from '#dist/core/events/elsewhere/read-elsewhere.js';
import { readItemTable } from '#dist/core/events/read-items.js';
import { remarksOnItems, type Remark } from '#dist/core/events/reading-remarks.js';
import type { EventsRead, ReadEventsOptions } from '#dist/core/events/read-events.js';
import { describe, expect, it } from 'vitest';
import { engineHere } from '../../helpers/engine-here.js';
import { failureOf, readEvents } from '../../helpers/event-oracle.js';
import { temporaryFiles } from '../../helpers/temporary-directory.js';

const fileOf = temporaryFiles();

type Reader = (files: readonly string[], options?: Partial<ReadEventsOptions>) => Promise<EventsRead>;

const readers: readonly (readonly [string, Reader])[] = [
  ['here', readEvents],
  [
    'elsewhere',
    (files, options = {}) =>
      readElsewhere(
        {
          ...{ files, tables: [], skipBadRows: false, minUserItems: 1, minItemUsers: 1 },
          ...{ signal: new AbortController().signal, onProgress: () => {}, ...options },
        },
        engineHere(3),
      ),
  ],
];

const about = (remarks: readonly Remark[], what: Remark['about']): Remark[] =>
  remarks.filter((remark) => remark.about === what);

/** `songs` songs of a title of their own, and "Intro" by Alt-J and The xx. */
function plays(songs: number, header = 'user,artist,track,time'): string {
  const own = Array.from({ length: songs }, (_, at) => `u${at % 7},Artist ${at % 5},Song ${at},${1e9 + at}`);
  const shared = ['u1,Alt-J,Intro,5', 'u2,The xx,Intro,6', 'u3,,Intro,7'];
  return [header, ...own, ...shared, ''].join('\n');
}

describe.each(readers)('titles that are read %s', (_, read) => {
  it('are refused as ids where more than one in a hundred has two artists, with what to type', async () => {
    const file = fileOf('plays.csv', plays(98));
    const error = await failureOf(read([file]));
    expect(error).toMatchObject({
      code: 'bad-input-file',
      message: `${file}: 1 of 99 titles in column "track" (1 %) have two artists or more, such as "Intro" of "Alt-J" and "The xx"; 3 events would be of merged items`,
      suggestions: [
        'Join them with their artists: `columns` item=artist+track',
        'If all songs of one title are to be one item, say so: `columns` item=track',
      ],
      details: { titles: 99, shared: 1, events: 3, instead: 'artist+track' },
    });
    const joined = await read([file], { columns: 'item=artist+track', skipBadRows: true });
    expect(joined.interactions.items).toHaveLength(100);
    expect(about(joined.remarks, 'titles')).toEqual([]);
  });

  it('are read, with a warning, where fewer have, or where they were said to be the ids', async () => {
    for (const [songs, columns] of [
      [99, ''],
      [9, 'item=track'],
    ] as const) {
      const told: Progress[] = [];
      const onProgress = (progress: Progress): void => void told.push(progress);
      const { remarks, interactions } = await read([fileOf('plays.csv', plays(songs))], {
        columns,
        onProgress,
      });
      expect(interactions.items).toHaveLength(songs + 1);
      const [remark] = about(remarks, 'titles');
      expect(remark).toMatchObject({
        details: { shared: 1 },
        suggestions: ['Keep them apart: `columns` item=artist+track'],
      });
      expect(told).toContainEqual({
        kind: 'warning',
        message: remark?.message,
        suggestions: remark?.suggestions,
      });
    }
  });

  it.each([
    ['of ids', 'user,artist,track_id,time', ''],
    ['where no artist stands beside them', 'user,station,track,time', ''],
    ['where the artist is who they are grouped by', 'x,artist,track,time', 'user=artist'],
  ])('are none %s', async (_what, header, columns) => {
    const { remarks } = await read([fileOf('plays.csv', plays(5, header))], { columns, skipBadRows: true });
    expect(about(remarks, 'titles')).toEqual([]);
  });

  it('are named with the other choices of columns, and quoted where they have to be', async () => {
    const text = plays(5, 'who,artistName,"track, full",time');
    const error = await failureOf(
      read([fileOf('plays.csv', text.replace('"track, full"', 'trackName'))], { columns: 'user=who' }),
    );
    expect(error.message).toContain('has no item column');
    expect(error['suggestions']).toContain(
      'Join the titles with their artists: `columns` item=artist:artistName+trackName',
    );
    const given = { columns: 'user=who,item="track, full"' };
    expect(about((await read([fileOf('plays.csv', text)], given)).remarks, 'titles')).toMatchObject([
      { suggestions: [`Keep them apart: \`columns\` 'item=artist:artistName+"track, full"'`] },
    ]);
    const songs = await failureOf(
      read([fileOf('plays.csv', plays(5, 'who,artist,song,time'))], { columns: 'user=who' }),
    );
    expect(songs['suggestions']).toContain(
      'Join them with their artists: `columns` user=who,item=artist+song',
    );
  });
});

it('titles are looked at by the careful reader, in JSON Lines, and beside an artist of the album', async () => {
  // An empty line before the first record is what only the careful reader takes.
  const careful = `\n${plays(5)}`;
  const lines = plays(5)
    .split('\n')
    .slice(1, -1)
    .map((line) => {
      const [user, artist, track] = line.split(',');
      return JSON.stringify({ user, artist, track });
    });
  for (const file of [fileOf('plays.csv', careful), fileOf('plays.jsonl', lines.join('\n'))])
    expect(await failureOf(readEvents(file))).toMatchObject({ details: { titles: 6, shared: 1, events: 3 } });
  const albums = 'user,album,artist,album artist\na,Now 7,x,Various\na,Now 7,y,Various\n';
  expect(about((await readEvents(fileOf('a.csv', albums))).remarks, 'titles')).toEqual([]);
});

describe.each(readers)('events that are read %s', (_, read) => {
  it('without a time beside others are a warning, with the file and what was not read of it', async () => {
    const a = fileOf('a.csv', 'user,item,time\nu,x,2020-01-01\nu,y,\n');
    const b = fileOf('b.csv', 'user,item,when\nu,x,2020-01-01\nv,y,2020-01-01\n');
    const told: Progress[] = [];
    const { remarks, sources } = await read([a, b], { onProgress: (progress) => void told.push(progress) });
    expect(sources.map(({ notRead }) => notRead)).toEqual([[], ['when']]);
    expect(remarks).toMatchObject([
      { about: 'columns', message: `not read of ${b}: "when"`, details: { files: [b], notRead: ['when'] } },
      {
        about: 'times',
        isWarning: true,
        message: `3 of 4 events have no time, and never age: there is no column of times in ${b}`,
        suggestions: ['If a column has the times, say which: `columns` time=NAME'],
        details: { events: 3, files: [b] },
      },
    ]);
    expect(told.filter(({ kind }) => kind === 'warning')).toHaveLength(1);
  });

  it('that all have a time, in columns that are all read, are none', async () => {
    expect((await read([fileOf('a.csv', 'user,item,time\nu,x,2020-01-01\nv,x,7\n')])).remarks).toEqual([]);
  });
});

it('columns that are not read are named by number without a header, and once for files that are alike', async () => {
  const files = ['a.csv', 'b.csv'].map((name) =>
    fileOf(name, 'u1,i1,1,1700000000,red\nu2,i2,1,1700000000,red\n'),
  );
  const { remarks, sources } = await readEvents(files, { noHeader: true });
  expect(sources[1]).toMatchObject({ notRead: [5] });
  expect(remarks).toMatchObject([
    { message: `not read of ${files[0]} and 1 other file: 5`, details: { notRead: [5] } },
  ]);
});

describe('items', () => {
  const onItems = async (events: string, items?: string, columns?: string): Promise<Remark[]> => {
    const { interactions } = await readEvents(fileOf('e.csv', events), { decimalComma: false });
    const path = items === undefined ? undefined : fileOf('items.csv', items);
    const context = { signal: new AbortController().signal, onProgress: () => undefined };
    const table = path === undefined ? undefined : await readItemTable(path, { ...context, columns });
    // Of the table one row is played.
    return remarksOnItems(interactions, table, path, interactions.items.length + 1);
  };

  it('of a table are counted, with where their names are, or that they have none', async () => {
    const events = 'user,item\nu,x\nv,x\n';
    const named = await onItems(events, 'id,Item Title\nx,X\ny,Y\n');
    expect(named).toMatchObject([
      { about: 'items', details: { rows: 2, matches: 1, nameColumn: 'Item Title' } },
    ]);
    const nameless = await onItems(events, 'id,label\nx,X\ny,Y\n');
    expect(nameless).toMatchObject([
      {
        details: { nameColumn: null },
        suggestions: ['Say which column has the names: `itemColumns` name=NAME'],
      },
    ]);
    expect(nameless[0]?.message).toContain('no column of names was found');
  });

  it('with one user, events of one user, and weights of 0 without a ban, are counted', async () => {
    const events = 'user,item,Book-Rating,type\nu,x,0,\nv,x,5,\nu,y,0,\nv,z,0,ban\n';
    expect(await onItems(events)).toMatchObject([
      { about: 'users', details: { itemsWithOneUser: 2 }, suggestions: ['Leave them out: `minItemUsers` 2'] },
      { about: 'weights', details: { pairs: 2 } },
    ]);
    expect(await onItems('user,item\nu,x\nu,y\n')).toMatchObject([{ about: 'users', details: { users: 1 } }]);
  });
});
