/** Files in the forms that people have their listening in, made small, and the events that each means. */
import { DuckDBInstance } from '@duckdb/node-api';
import { tableFromJSON, tableToIPC } from 'apache-arrow';
import type { ReadEventsOptions } from '#dist/core/events/read-events.js';
import { joinedId } from '#dist/core/events/joined-ids.js';
import type { PlainEvent } from './event-oracle.js';
import { writeParquet } from './parquet.js';

export interface Form {
  readonly what: string;
  /** By path. What a program has to write is a function of the path. */
  readonly files: Readonly<Record<string, string | Buffer | ((path: string) => Promise<unknown>)>>;
  /** What is said of them; `files` are all of them by default. */
  readonly options?: Partial<Omit<ReadEventsOptions, 'files'>>;
  readonly events: readonly PlainEvent[];
  /** The profile of each file. */
  readonly profiles?: readonly (string | undefined)[];
  /** Rows that were left out, by what they are. */
  readonly leftOut?: Readonly<Record<string, number>>;
  /** What the catalogue has for an item, by the name of the column. */
  readonly details?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** Names with what ids, CSV, JSON and SQL have to quote. */
const artists = ['Queen', 'AC/DC', 'Björk', 'A - B', '[Intro]', 'x, "y"', "it's; --", 'queen'];

interface Play {
  readonly user: string;
  readonly artist: string;
  readonly track: string;
  readonly album: string;
  readonly ms: number;
  readonly time: number;
}

/** Three people; a play of three is short, and some come again. */
const plays = Array.from({ length: 24 }, (_, at): Play => {
  const artist = artists[(at * 5) % artists.length]!;
  return {
    user: ['anna', 'bob', 'eve'][at % 3]!,
    ...{ artist, track: `${artist} song ${String((at * 7) % 2)}`, album: `Best of ${artist}` },
    ms: at % 4 === 3 ? 29_999 : 30_000 + 1000 * at,
    time: Date.UTC(2024, 0, 1 + at, 10, at),
  };
});
const long = plays.filter(({ ms }) => ms >= 30_000);
const numShort = plays.length - long.length;
const idOf = ({ artist, track }: Play): string => joinedId([artist, track]);
const eventOf = (play: Play): PlainEvent => ({ user: play.user, item: idOf(play), time: play.time });
const minutes = (time: number): string => new Date(time).toISOString().slice(0, 16).replace('T', ' ');
const seconds = (time: number): string => new Date(time).toISOString().replace('.000', '');
const of = (user: string) => plays.filter((play) => play.user === user);
const weighed = (weight: number): bigint => BigInt(Math.round(weight * 1e9));

function csv(header: string, rows: readonly (readonly (string | number | null)[])[], mark = ','): string {
  const cell = (value: string | number | null): string => {
    const text = String(value ?? '');
    return text.includes(mark) || text.includes('"') ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [header, ...rows.map((row) => row.map(cell).join(mark))].map((line) => `${line}\n`).join('');
}

const jsonLines = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join('');

const ofAccount = ({ artist, track, ms, time }: Play) => {
  return { endTime: minutes(time), artistName: artist, trackName: track, msPlayed: ms };
};
const podcast = { endTime: '2024-01-01 10:00', podcastName: 'P', episodeName: 'E', msPlayed: 1e6 };
const ofExtended = ({ artist, track, album, ms, time }: Play) => ({
  ...{ ts: seconds(time), ms_played: ms, master_metadata_track_name: track as string | null },
  ...{ master_metadata_album_artist_name: artist as string | null, master_metadata_album_album_name: album },
  ...{ episode_name: null as string | null, incognito_mode: false, skipped: null, offline_timestamp: 1.7e9 },
});
const ofListenBrainz = ({ user, artist, track, album, time }: Play) => ({
  ...{ user_name: user, listened_at: time / 1000 },
  track_metadata: {
    ...{ artist_name: artist, track_name: track, release_name: album },
    additional_info: { tags: ['a', 1], 'release group': null },
  },
});
const albumsOf = (some: readonly Play[]) => Object.fromEntries(some.map((play) => [idOf(play), play.album]));
const namesOf = (some: readonly Play[]) => ({
  name: Object.fromEntries(some.map((play) => [idOf(play), play.track])),
  artist: Object.fromEntries(some.map((play) => [idOf(play), play.artist])),
});

const ratings = [
  ['1', '1193', '5', 978_300_760],
  ['1', '661', '3.5', 978_302_109],
  ['22', '1193', '0.5', 978_298_413],
] as const;
const rated = ratings.map(([user, item, weight, time]): PlainEvent => {
  return { user, item, weight: weighed(Number(weight)), time: time * 1000 };
});
const untimed = rated.map(({ user, item, weight }): PlainEvent => ({ user, item, weight: weight! }));
const unrated = rated.map(({ user, item }): PlainEvent => ({ user, item }));

export async function duckdbFile(path: string, statements: readonly string[]): Promise<void> {
  const instance = await DuckDBInstance.create(path, { threads: '1' });
  const connection = await instance.connect();
  for (const statement of statements) await connection.run(statement);
  connection.closeSync();
  instance.closeSync();
}
const rowsSql = `(VALUES ${ratings.map(([user, item, weight, time]) => `('${user}', '${item}', ${weight}, ${String(time)})`).join(', ')}) AS t("user", item, rating, ts)`;

export const forms: readonly Form[] = [
  {
    what: 'Spotify account data of three people, with podcasts and a file without a row',
    files: {
      ...Object.fromEntries(
        ['anna', 'bob', 'eve'].map((user) => {
          return [`${user}/StreamingHistory_music_0.json`, JSON.stringify(of(user).map(ofAccount), null, 1)];
        }),
      ),
      'anna/StreamingHistory_podcast_0.json': JSON.stringify([podcast, { ...podcast, msPlayed: 1 }]),
      'bob/StreamingHistory_podcast_0.json': '[]\n',
    },
    events: long.map(eventOf),
    profiles: ['spotify-account', 'spotify-podcasts', 'spotify-account', 'spotify-account'],
    leftOut: { 'plays of less than 30 s': numShort, podcasts: 2 },
    details: namesOf(long),
  },
  {
    what: 'Spotify extended history, with and without names of users',
    files: {
      'me/Streaming_History_Audio_2024.json': JSON.stringify([
        ...of('anna').map(ofExtended),
        { ...ofExtended(plays[0]!), incognito_mode: true },
      ]),
      'you/endsong_2.json': JSON.stringify([
        ...of('bob').map((play) => ({ ...ofExtended(play), username: 'bob' })),
        {
          ...{ ...ofExtended(plays[1]!), username: 'bob', episode_name: 'E' },
          ...{ master_metadata_track_name: null, master_metadata_album_artist_name: null },
        },
      ]),
    },
    events: long
      .filter(({ user }) => user !== 'eve')
      .map((play) => ({ ...eventOf(play), user: play.user === 'anna' ? 'me' : 'bob' })),
    profiles: ['spotify-extended', 'spotify-extended'],
    leftOut: {
      'podcasts and videos': 1,
      'plays of private sessions': 1,
      'plays of less than 30 s': plays.filter(({ user, ms }) => user !== 'eve' && ms < 30_000).length,
    },
    details: { album: albumsOf(long.filter(({ user }) => user !== 'eve')) },
  },
  {
    what: 'a dump of ListenBrainz',
    files: { 'listens.jsonl': jsonLines(plays.map(ofListenBrainz)) },
    events: plays.map(eventOf),
    profiles: ['listenbrainz'],
    details: { ...namesOf(plays), album: albumsOf(plays) },
  },
  {
    what: 'scrobbles of three exporters of Last.fm, one file a person',
    files: {
      'anna.csv': csv(
        'uts,utc_time,artist,artist_mbid,album,album_mbid,track,track_mbid',
        of('anna').map(({ artist, album, track, time }) => {
          return [time / 1000, '01 Jan 2024, 10:00', artist, '', album, '', track, ''];
        }),
      ),
      'bob.csv': csv(
        '"","date","artist","album","track"',
        of('bob').map(({ artist, album, track, time }, at) => [at, minutes(time), artist, album, track]),
      ),
      'eve.csv': csv(
        'artist,track,album,played_at,date',
        of('eve').map(({ artist, album, track, time }) => {
          return [artist, track, album, seconds(time), seconds(time).slice(0, 10)];
        }),
      ),
    },
    events: plays.map((play) => {
      // `date` is a day there.
      return { ...eventOf(play), ...(play.user === 'eve' ? { time: play.time - (play.time % 864e5) } : {}) };
    }),
    profiles: ['lastfm', 'lastfm', 'lastfm'],
    details: { album: albumsOf(plays) },
  },
  {
    what: 'MovieLens as CSV',
    files: { 'ratings.csv': csv('userId,movieId,rating,timestamp', ratings) },
    events: rated,
  },
  {
    what: 'MovieLens 1M',
    files: { 'ratings.dat': ratings.map((row) => `${row.join('::')}\n`).join('') },
    events: rated,
  },
  {
    what: 'a slice of the Million Playlist Dataset',
    files: {
      'mpd.slice.0-999.json': JSON.stringify(
        {
          info: { v: 'v1', slice: '0-999' },
          playlists: ['7', '8'].map((pid) => ({
            ...{ name: 'x', pid: Number(pid), num_tracks: 2 },
            tracks: long.slice(0, 2 + Number(pid) - 7).map(({ artist, track, album }, pos) => {
              return {
                pos,
                artist_name: artist,
                track_uri: `spotify:track:${track}`,
                track_name: track,
                album_name: album,
              };
            }),
          })),
        },
        null,
        4,
      ),
    },
    events: [7, 8].flatMap((pid) => {
      return long
        .slice(0, pid - 5)
        .map(({ track }) => ({ user: String(pid), item: `spotify:track:${track}` }));
    }),
    profiles: ['million-playlist'],
    details: Object.fromEntries(
      (['name', 'artist', 'album'] as const).map((key) => [
        key,
        Object.fromEntries(
          long
            .slice(0, 3)
            .map((play) => [`spotify:track:${play.track}`, key === 'name' ? play.track : play[key]]),
        ),
      ]),
    ),
  },
  {
    what: 'RetailRocket',
    files: {
      'events.csv': csv('timestamp,visitorid,event,itemid,transactionid', [
        [1_433_221_332_117, 257_597, 'view', 355_908, ''],
        [1_433_224_214_164, 992_329, 'addtocart', 248_676, ''],
        [1_433_221_999_827, 111_016, 'transaction', 318_965, 4000],
      ]),
    },
    events: [
      { user: '257597', item: '355908', time: 1_433_221_332_117 },
      { user: '992329', item: '248676', time: 1_433_224_214_164, type: 'like' },
      { user: '111016', item: '318965', time: 1_433_221_999_827, type: 'like' },
    ],
    profiles: ['retailrocket'],
  },
  {
    what: 'Book-Crossing in Latin-1, whose ratings of 0 are none',
    files: {
      'BX-Book-Ratings.csv': Buffer.from(
        '"User-ID";"ISBN";"Book-Rating"\n"276725";"034545104X";"0"\n"276726";"3ü";"5"\n',
        'latin1',
      ),
    },
    options: { encoding: 'latin1' },
    events: [
      { user: '276725', item: '034545104X' },
      { user: '276726', item: '3ü' },
    ],
    profiles: ['book-crossing'],
  },
  {
    what: 'ratings of anime, where -1 is none',
    files: {
      'rating.csv': csv('user_id,anime_id,rating', [
        ...ratings.map((row) => row.slice(0, 3)),
        ['1', '20', -1],
      ]),
    },
    events: [...unrated, { user: '1', item: '20' }],
    profiles: ['anime'],
  },
  {
    what: 'Goodreads',
    files: {
      'g.csv': csv(
        'user_id,book_id,rating',
        ratings.map((row) => row.slice(0, 3)),
      ),
    },
    events: untimed,
  },
  {
    what: 'hours of Steam',
    files: {
      'hours.tsv': csv(
        'User_ID\tGame_ID\tHours',
        ratings.map((row) => row.slice(0, 3)),
        '\t',
      ),
    },
    events: untimed,
    profiles: ['steam-hours'],
  },
  {
    what: 'Audioscrobbler: numbers with spaces between them',
    files: { 'plays.txt': '1000031 383 11\n1000031 654 14\n1000020 383 1\n1000020 2 2\n' },
    events: [
      { user: '1000031', item: '383', weight: weighed(11) },
      { user: '1000031', item: '654', weight: weighed(14) },
      { user: '1000020', item: '383', weight: weighed(1) },
      { user: '1000020', item: '2', weight: weighed(2) },
    ],
  },
  {
    what: 'a wide matrix',
    files: { 'wide.csv': 'user,metallica,"a ""b""",in flames,"x, y"\nu1,1,0,0.5,\nu2,0,0,0,2\n' },
    options: { format: 'wide' },
    events: [
      { user: 'u1', item: 'metallica', weight: weighed(1) },
      { user: 'u1', item: 'in flames', weight: weighed(0.5) },
      { user: 'u2', item: 'x, y', weight: weighed(2) },
    ],
    profiles: ['wide'],
  },
  { what: 'arrays of arrays', files: { 'a.json': JSON.stringify(ratings) }, events: rated },
  {
    what: 'arrays of arrays under their names',
    files: {
      'a.json': JSON.stringify([
        ['ts', 'item', 'user', 'rating'],
        ...ratings.map(([u, i, w, t]) => [t, i, u, w]),
      ]),
    },
    events: rated,
  },
  {
    what: 'nested JSON, by dotted names',
    files: {
      'n.json': JSON.stringify(
        plays.map(({ user, track, ms, time }) => ({
          who: { id: user },
          what: { song: { t: track } },
          ms,
          when: time,
        })),
      ),
    },
    options: {
      columns: 'user=who.id,item=what.song.t,weight=ms / 1000,time=when',
      filter: 'ms >= 30000 and what.song.t != "x, \\"y\\" song 0"',
    },
    events: long
      .filter(({ track }) => track !== 'x, "y" song 0')
      .map(({ user, track, ms, time }) => ({ user, item: track, weight: weighed(ms / 1000), time })),
    leftOut: {
      'rows that do not match `filter`':
        plays.length - long.filter(({ track }) => track !== 'x, "y" song 0').length,
    },
  },
  {
    what: 'a database of DuckDB with a table',
    files: { 'd.duckdb': (path) => duckdbFile(path, [`CREATE TABLE plays AS SELECT * FROM ${rowsSql}`]) },
    events: rated,
  },
  {
    what: 'a database with two tables, by SQL',
    files: {
      'd.db': (path) =>
        duckdbFile(path, [
          `CREATE TABLE plays AS SELECT * FROM ${rowsSql}`,
          'CREATE TABLE other AS SELECT 1 AS a',
        ]),
    },
    options: { sql: 'select "user", item, rating, ts as time from events1.plays' },
    events: rated,
  },
  {
    what: 'an Arrow file, and an Arrow stream',
    files: Object.fromEntries(
      (['file', 'stream'] as const).map((kind, at) => {
        const rows = ratings.slice(2 * at, 2 + 2 * at).map(([user, item, weight, time]) => {
          return { user, item, weight: Number(weight), time: new Date(time * 1000) };
        });
        return [`${kind}.arrow`, Buffer.from(tableToIPC(tableFromJSON(rows), kind))];
      }),
    ),
    events: rated,
  },
  {
    what: 'Parquet with structures',
    files: {
      's.parquet': (path) =>
        writeParquet(
          path,
          `SELECT {'id': "user"} AS who, {'track': {'id': item}} AS what, rating FROM ${rowsSql}`,
        ),
    },
    options: { columns: 'user=who.id,item=what.track.id' },
    events: untimed,
  },
  {
    what: 'two files with other headers, and one of JSON',
    files: {
      'a.csv': csv('userId,movieId,rating,timestamp', ratings.slice(0, 1)),
      'b.csv': csv('ts;who;track_id;plays', [[ratings[1][3], '1', '661', '3.5']], ';').replace(
        'who',
        'listener',
      ),
      'c.json': JSON.stringify([{ user: 22, item: 1193, weight: 0.5, time: ratings[2][3] }]),
    },
    events: rated,
  },
  {
    what: 'files whose place says who listened, by SQL over two of them',
    files: {
      'plays.csv': csv('who,song,n', [
        ['u', 's1', 2],
        ['v', 's2', 1],
        ['u', 's3', 7],
      ]),
      'songs.tsv': csv(
        'song\ttitle',
        [
          ['s1', 'One'],
          ['s2', "it's"],
        ],
        '\t',
      ),
    },
    options: {
      sql: 'select who as "user", title as item, n + 1 as weight from events1 join events2 using (song) -- and no more',
    },
    events: [
      { user: 'u', item: 'One', weight: weighed(3) },
      { user: 'v', item: "it's", weight: weighed(2) },
    ],
  },
  {
    what: 'a constant user, and an item with a text in it',
    files: {
      'p.csv': csv(
        'artist,track,ms',
        long.map(({ artist, track, ms }) => [artist, track, ms]),
      ),
    },
    options: { columns: `user='me',item=artist + ': ' + track,weight=ms / 1000` },
    events: long.map(({ artist, track, ms }) => {
      return { user: 'me', item: `${artist}: ${track}`, weight: weighed(ms / 1000) };
    }),
  },
  {
    what: 'users who are folders and files',
    files: Object.fromEntries(
      ['ann/a.x.csv', "b's/b.csv"].map((path, at) => [
        path,
        csv('song', [[`s${String(at)}`]])
          .replace('song', 'song,n')
          .replace(/(s\d)/, '$1,1'),
      ]),
    ),
    options: { columns: `user=folder + '/' + file,item=song` },
    events: [
      { user: 'ann/a.x', item: 's0' },
      { user: "b's/b", item: 's1' },
    ],
  },
  {
    what: 'text that has to be said how it is written',
    files: { 'e.txt': Buffer.from("user;'x;é';0,5\nitem;y;1\n", 'latin1') },
    options: { delimiter: ';', quote: "'", encoding: 'latin1', noHeader: true, decimalComma: true },
    events: [
      { user: 'user', item: 'x;é', weight: weighed(0.5) },
      { user: 'item', item: 'y', weight: weighed(1) },
    ],
  },
  {
    what: 'what key=value in a path says',
    files: {
      'who=ann%20b/day=2024-01-02/p.csv': csv('song,n', [['s', 1]]),
      'who=bob/day=2024-01-03/p.json': '[{"song":"s"}]',
      'who=eve/day=2024-01-04/p.jsonl': '{"song":"t"}\n',
    },
    options: { columns: 'user=who,item=song,time=day', filter: 'who != "eve"' },
    events: [
      { user: 'ann b', item: 's', time: Date.UTC(2024, 0, 2) },
      { user: 'bob', item: 's', time: Date.UTC(2024, 0, 3) },
    ],
    leftOut: { 'rows that do not match `filter`': 1 },
  },
  {
    what: 'types by other names',
    files: { 't.csv': 'user,item,type\nu,i,View\nu,j, cart \nv,i,\nv,j,ban\n' },
    options: { types: 'play=view,like=cart,buy' },
    events: [
      { user: 'u', item: 'i' },
      { user: 'u', item: 'j', type: 'like' },
      { user: 'v', item: 'i' },
      { user: 'v', item: 'j', type: 'ban' },
    ],
  },
];
