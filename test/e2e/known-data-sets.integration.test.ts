/** The lines of docs/reference/events.md for well-known data sets, typed into a shell on files of their shape. */
import { execFile } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { binPath, cleanEnv } from '../helpers/run-segue.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { words } from '../helpers/words.js';

const makeDirectory = temporaryDirectories('file');
let folder = '';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const lines = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');
const users = [1, 2, 3, 4, 5, 6];
const hash = (u: number): string => `${String(u)}000c289a1829a808ac09c00daf10bc3c4e223b`;

const ratings = (mark: string): string =>
  lines(users.flatMap((u) => [1, 2, 3].map((i) => [u, i, ((u + i) % 5) + 1, 881_250_949 + u].join(mark))));
const genres = '0|0|0|1|1|1|0|0|0|0|0|0|0|0|0|0|0|0|0';
const plays360k = lines(
  users.flatMap((u) => [
    `${hash(u)}\t3bd73256-3905-4f3a-97e2-8b341527f805\tbetty "blowtorch\t${String(u)}`,
    `${hash(u)}\t\t"Weird Al" Yankovic\t3`,
    `${hash(u)}\tf2fb0ff0-5679-42ec-a55c-15109ce6e320\tdie Ärzte\t97`,
  ]),
);
const plays1k = lines(
  users.flatMap((u) => [
    `user_00000${String(u)}\t2009-05-04T23:08:57Z\tf1b1cf71-bd35-4e99-8624-24a6e15f133a\tDeep Dish\t\tFlashdance - Live`,
    `user_00000${String(u)}\t2009-05-04T13:54:10Z\ta7f7df4a-77d8-4f12-8acd-5c60c93f4de8\t坂本龍一\t\tComposition 0919`,
    `user_00000${String(u)}\t2009-05-04T13:52:04Z\ta7f7df4a-77d8-4f12-8acd-5c60c93f4de8\tA - B\t\tMc2`,
  ]),
);

const files: Readonly<Record<string, string | Buffer>> = {
  'u.data': ratings('\t'),
  'u.item': latin1(
    lines([
      `1|Toy Story (1995)|01-Jan-1995||http://us.imdb.com/M/title-exact?Toy%20Story%20(1995)|${genres}`,
      `2|Cité des enfants perdus, La (1995)|14-Mar-1997||http://us.imdb.com/x,y|${genres}`,
      `3|Shanghai "Triad" (1995)|||http://us.imdb.com/|${genres}`,
    ]),
  ),
  'ratings.csv': `userId,movieId,rating,timestamp\n${lines(
    users.flatMap((u) =>
      [1, 2, 3].map((i) => `${String(u)},${String(i)},${u % 2 === 0 ? '4.0' : '4.5'},1260759144`),
    ),
  )}`,
  'movies.csv':
    'movieId,title,genres\n1,Toy Story (1995),Comedy\n2,"Jumanji, The (1995)",Fantasy\n3,Heat (1995),Action|Crime\n',
  'user_artists.dat': `userID\tartistID\tweight\r\n${users
    .flatMap((u) => [1, 2, 3].map((i) => `${String(u)}\t${String(i)}\t${String(100 * i + u)}\r\n`))
    .join('')}`,
  'artists.dat':
    'id\tname\turl\tpictureURL\n1\tMALICE MIZER\thttp://x/1\thttp://x/1.jpg\n2\tDiary of Dreams\thttp://x/2\thttp://x/2.jpg\n3\tMuse\thttp://x/3\thttp://x/3.jpg\n',
  'ratings.dat': ratings('::'),
  'movies.dat': latin1(
    lines([
      "1::Toy Story (1995)::Animation|Children's|Comedy",
      '2::American President, The (1995)::Comedy|Drama',
      '3::Misérables, Les (1995)::Drama|Musical',
    ]),
  ),
  'usersha1-artmbid-artname-plays.tsv': plays360k,
  'userid-timestamp-artid-artname-traid-traname.tsv': plays1k,
  'train.txt': lines(users.map((u) => `${String(u)} 1 2 3`)),
  'playlists.csv': `playlist_id,track_id\n${lines(users.flatMap((u) => [1, 2, 3].map((i) => `${String(u)},${String(i)}`)))}`,
  'tracks.csv':
    'track_id,album_id,artist_id,duration_sec\n1,6306,449,167\n2,12085,4903,185\n3,1885,449,201\n',
  'plays.csv': latin1(
    `user;item;plays;time\r\n${users
      .flatMap((u) =>
        [1, 2, 3].map((i) => `J\xfcrgen ${String(u)};s${String(i)};${String(i)},5;31.05.2024 20:15\r\n`),
      )
      .join('')}`,
  ),
  'songs.csv': latin1(
    'id;title;artist\r\ns1;"\xdcber; den Wolken \x80";Reinhard Mey\r\ns2;M\xe4dchen;Lucilectric\r\ns3;99 Luftballons;Nena\r\n',
  ),
};

/** As they are printed, and the events that each reads. */
const documented = [
  ...readFileSync(new URL('../../docs/reference/events.md', import.meta.url), 'utf8')
    .split('Well-known data sets, one line each:')[1]!
    .split('```')[1]!
    .matchAll(/^segue train (\S+).*$/gm),
].map(([line, file]) => ({ line, file: file! }));

async function shell(command: string): Promise<Record<string, unknown>> {
  const env = cleanEnv({ PATH: [folder, dirname(process.execPath), process.env['PATH']].join(delimiter) });
  const output = await new Promise<string>((resolve, reject) => {
    execFile('sh', ['-c', command], { cwd: join(folder, 'data'), env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command}: ${stdout}${stderr}`));
    });
  });
  return JSON.parse(output) as Record<string, unknown>;
}

beforeAll(async () => {
  folder = makeDirectory();
  await mkdir(join(folder, 'data'));
  symlinkSync(binPath, join(folder, 'segue'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, 'data', name), content);
});

describe('the line of docs/reference/events.md for', () => {
  it.each<[file: string, question: string, item: Readonly<Record<string, unknown>>]>([
    ['u.data', 'id:2', { id: '2', name: 'Cité des enfants perdus, La (1995)', released: '1997-03-14' }],
    ['ratings.csv', 'id:3', { id: '3', name: 'Heat (1995)', genres: 'Action|Crime' }],
    ['user_artists.dat', 'id:3', { id: '3', name: 'Muse' }],
    ['ratings.dat', 'id:3', { id: '3', name: 'Misérables, Les (1995)', genres: 'Drama|Musical' }],
    ['usersha1-artmbid-artname-plays.tsv', '"Weird Al" Yankovic', { id: '"Weird Al" Yankovic' }],
    [
      'userid-timestamp-artid-artname-traid-traname.tsv',
      'id:Deep Dish - Flashdance - Live',
      { id: 'Deep Dish - Flashdance - Live', name: 'Flashdance - Live', artist: 'Deep Dish' },
    ],
    ['train.txt', 'id:2', { id: '2' }],
    ['playlists.csv', 'id:2', { id: '2', artist: 4903, album: 12085 }],
    ['plays.csv', 'id:s1', { id: 's1', name: 'Über; den Wolken €', artist: 'Reinhard Mey' }],
  ])('%s reads it', async (file, question, item) => {
    const { line } = documented.find((each) => each.file === file)!;
    const options = `--root r-${file} --json`;
    const trained = await shell(`${line} --factors 2 --epochs 1 ${options}`);
    const counts = { users: users.length, items: 3, interactions: 3 * users.length, skippedRows: 0 };
    expect(trained).toMatchObject(counts);
    const answer = await shell(`segue similar '${question}' --snapshot latest ${options}`);
    expect(answer).toMatchObject({ query: [item] });
  });

  it('each is tested', () => {
    expect(documented.map(({ file }) => file)).toEqual(words`u.data ratings.csv user_artists.dat
      ratings.dat usersha1-artmbid-artname-plays.tsv userid-timestamp-artid-artname-traid-traname.tsv
      train.txt playlists.csv plays.csv`);
  });
});
