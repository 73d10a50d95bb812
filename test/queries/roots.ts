/** The roots that tables of queries ask, by name: each is made once a run. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpy } from '#dist/core/files/npy.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { prepare, type Steps } from '../helpers/prepared.js';
import { classicRock, makeFolder, type Folder } from '../helpers/trained-root.js';
import { smallRock } from '../helpers/small-rock.js';

export interface QueryRoot {
  readonly folder: Folder;
  /** What the words `$NAME` of a command line stand for. */
  readonly names: ReadonlyMap<string, string>;
}

interface Plan {
  readonly files: Readonly<Record<string, string>>;
  readonly steps: Steps;
  /** Names of the snapshots that steps make, in order. */
  readonly made?: readonly string[];
}

/** Every name that can be meant in three ways is. */
const catalogue = `id,name,artist,album,released
bs1,Black Sabbath,Black Sabbath,Black Sabbath,1970
bs2,Paranoid,Black Sabbath,Paranoid,1970
bs3,Iron Man,Black Sabbath,Paranoid,1970
qu1,Bohemian Rhapsody,Queen,Greatest Hits,1975
qu2,Don't Stop Me Now,Queen,Greatest Hits,1978
ab1,Waterloo,ABBA,Greatest Hits,1974
ab2,SOS,ABBA,,1975
ac1,Thunderstruck,AC/DC,The Razors Edge,1990
ac2,T.N.T.,Ac/Dc,T.N.T.,1975
bj1,Jóga,Björk,Homogenic,1997
bj2,未来,Björk,音楽,
no1,Anonymous,,,
no2,Untitled,,Lost Tapes,
un1,Never Played,Nobody,Nowhere,2001
`;

/** 40 users, each with some of the songs; one who heard little, one who dislikes and one who bans. */
function kindsPlays(): string {
  const played = catalogue
    .split('\n')
    .slice(1, 14)
    .map((line) => line.split(',')[0]!);
  let state = 7;
  const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const rows = ['user,item,weight,type,time'];
  for (let u = 0; u < 40; u++)
    for (const [i, id] of played.entries())
      if (random() < 0.25 + 0.5 * Number(u % 4 === i % 4))
        rows.push(`user-${u},${id},${1 + Math.floor(random() * 9)},play,2014-06-${10 + ((u + i) % 20)}`);
  const casual = ['qu1,3,play', 'bs2,1,dislike', 'ac1,1,ban', 'bs1,1,dislike'];
  const hater = ['bs1,1,dislike', 'bs2,1,dislike', 'bs3,1,ban', 'bj1,2,play'];
  rows.push(
    ...casual.map((row) => `casual,${row},2014-06-20`),
    ...hater.map((row) => `hater,${row},2014-06-21`),
  );
  return `${rows.join('\n')}\n`;
}

const artists = ['A', 'B', 'C', 'D', 'E'];

/** Five artists of two tracks; listeners who banned or disliked some. */
function opposedEvents(): string {
  const plays = artists.flatMap((artist, u) =>
    [1, 2, 3].flatMap((n) =>
      [`${artist}1`, `${artists[(u + n) % 5]!}2`].map((item) => `u${u}-${n},${item},play`),
    ),
  );
  const more = [
    ...['one,A1,play', 'one,B1,ban', 'one,C1,play', 'one,C1,ban'],
    ...['both,A1,play', 'both,B1,ban', 'both,B2,ban'],
    ...['mixed,E2,like', 'mixed,D1,dislike', 'mixed,D2,ban', 'mixed,C2,dislike'],
  ];
  return ['user,item,type', ...plays, ...more].join('\n');
}

/** No column but the id: what recipes leave out, or refuse. */
const plainEvents = [
  'user,item,time',
  ...Array.from({ length: 40 }, (_, at) => `u${at % 8},i${(at * 7) % 13},2014-06-${10 + (at % 9)}`),
].join('\n');

/** Histories of few events, of which one item has none. */
const history: Plan = {
  files: {
    'events.csv': `user,item,weight,time,type
ann,plush,2,2024-01-01,play
ann,plush,1,2024-01-03,play
ann,creep,5,2024-01-02,play
ann,zombie,1,2024-01-04,dislike
ann,hunger,1,2024-01-05,ban
andy,plush,1,2024-01-06,play
andy,zombie,1,2024-01-06,play
bob,plush,1,2024-01-07,play
bob,hunger,1,2024-01-07,play
`,
    'items.csv': `id,name,artist,released
plush,Plush,Stone Temple Pilots,1992
creep,Creep,Radiohead,1992
zombie,Zombie,The Cranberries,1994
hunger,Hunger Strike,Temple of the Dog,1991
never,Never Played,Temple of the Dog,1991
`,
  },
  steps: [
    ['train', 'events.csv', '--items', 'items.csv', '--factors', '2', '--epochs', '1'],
    ['publish'],
    ['train', 'events.csv', '--factors', '2', '--epochs', '1', '--without-users'],
  ],
  made: ['whole', '', 'alone'],
};

const rock = ['train', smallRock.plays, '--items', smallRock.items];
const whole = ['train', classicRock.plays, '--items', classicRock.items];
const onKinds = ['train', 'plays.csv', '--items', 'items.csv'];

const kinds: Plan = {
  files: { 'items.csv': catalogue, 'plays.csv': kindsPlays() },
  steps: [
    [...onKinds, '--factors', '6', '--epochs', '4'],
    ['publish'],
    [...onKinds, '--model', 'ease', '--tag', 'ease'],
  ],
  made: ['als', '', 'ease'],
};
const said = (...words: string[]): string[] => ['feedback', 'add', 'user-3', ...words];

const plans: Readonly<Record<string, Plan>> = {
  kinds,
  history,
  // The same with a ledger.
  heard: {
    ...kinds,
    steps: [
      ...kinds.steps,
      said('qu2', '--type', 'ban', '--time', '2014-07-01'),
      said('ab1', '--type', 'skip', '--time', '2014-07-01'),
      said('bj1', '--type', 'play', '--time', '2014-07-01'),
    ],
  },
  opposed: {
    files: {
      'items.csv': ['id,artist', ...artists.flatMap((a) => [`${a}1,${a}`, `${a}2,${a}`])].join('\n'),
      'events.csv': opposedEvents(),
    },
    steps: [['train', 'events.csv', '--items', 'items.csv', '--factors', '4', '--epochs', '3'], ['publish']],
  },
  plain: {
    files: { 'plays.csv': plainEvents },
    steps: [['train', 'plays.csv', '--factors', '4'], ['publish']],
  },
  models: {
    files: {},
    steps: [
      [...rock, '--factors', '8', '--epochs', '3', '--tag', 'vectors'],
      ['publish'],
      [...rock, '--model', 'popularity', '--tag', 'hits'],
      [...rock, '--model', 'ease', '--tag', 'matrix'],
      [...rock, '--model', 'slim', '--tag', 'sparse'],
      [...rock, '--model', 'spectral', '--factors', '8', '--tag', 'spectral'],
      [...rock, ...'--model als+ease --factors 8 --epochs 3 --blend-weight 0.4 --tag blend'.split(' ')],
      [...rock, ...'--model spectral+slim --factors 8 --blend-weight 0.6 --tag linear'.split(' ')],
    ],
    made: ['vectors', '', 'hits', 'matrix', 'sparse', 'spectral', 'blend', 'linear'],
  },
  bundle: {
    files: {},
    steps: [
      [...rock, '--epochs', '2', '--factors', '8', '--tag', 'd1'],
      [...rock, '--epochs', '2', '--factors', '4', '--tag', 'r1'],
      ['publish', 'discover=d1', 'radio=r1'],
    ],
    made: ['d1', 'r1'],
  },
  // As test/helpers/recipe-root.ts has it, so that it is made once.
  recipes: {
    files: {},
    steps: [
      [...whole, '--factors', '16', '--epochs', '4'],
      ['publish'],
      [...whole, '--model', 'ease'],
      [...whole, '--model', 'item2vec', '--factors', '16', '--epochs', '1'],
      [...whole, '--model', 'popularity'],
      ['feedback', 'add', 'WXGL/2014-06-16', 'Plush', '--type', 'ban', '--time', '2014-07-01'],
    ],
    made: ['als', '', 'ease', 'item2vec', 'popularity'],
  },
};

/** The folder is the caller's to remove. @param recipes by name, each its text */
export async function makeQueryRoot(
  name: string,
  recipes: ReadonlyMap<string, string> = new Map(),
): Promise<QueryRoot> {
  const plan = plans[name];
  if (plan === undefined) throw new Error(`there is no root ${name}`);
  const folder = makeFolder();
  const said = await prepare(folder, plan.steps, plan.files);
  const own = join(folder.path, 'segue-recipes');
  mkdirSync(own);
  for (const [recipe, text] of recipes) writeFileSync(join(own, `${recipe}.yaml`), text);
  const names = (plan.made ?? []).map((made, at): [string, string] => [
    made,
    String(said[at]![0]!['snapshot']),
  ]);
  return { folder, names: new Map(names) };
}

export interface Vectors {
  readonly ids: readonly string[];
  readonly counts: readonly number[];
  readonly vectors: ReadonlyMap<string, readonly number[]>;
  cell(id: string, column: string): unknown;
}

/** What the files of a snapshot say of a kind. */
export async function readVectors(root: string, snapshot: string, kind = 'item'): Promise<Vectors> {
  const model = join(root, 'snapshots', snapshot, 'model');
  const { ids, counts, columns } = await readItemTable(join(model, `${kind}.arrow`));
  const all = Array.from({ length: ids.length }, (_, row) => ids.at(row));
  const rowOf = new Map(all.map((id, row) => [id, row]));
  const { data, shape } = readNpy(join(model, `${kind}.npy`), {
    dtype: '<f4',
    shape: [undefined, undefined],
  });
  const [rows = 0, dim = 0] = shape;
  return {
    ids: all,
    counts: [...counts],
    vectors: new Map(
      all.slice(0, rows).map((id, row) => [id, [...data.subarray(row * dim, (row + 1) * dim)]]),
    ),
    cell: (id, column) => columns.find(({ name }) => name === column)?.values[rowOf.get(id)!],
  };
}
