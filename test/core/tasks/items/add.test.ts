import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { prepare } from '../../../helpers/prepared.js';
import { hashesBelow, makeFolder, type Folder } from '../../../helpers/trained-root.js';
import { words } from '../../../helpers/words.js';
import { writeVectors } from '../../../helpers/vectors.js';

const artists = ['Abba', 'Björk', 'Cher', 'Dio', 'Enya', 'Fugees'];
const songs = artists.flatMap((artist, a) =>
  Array.from({ length: 8 }, (_, s) => ({ id: `${artist[0]}${s}`, artist, year: 1970 + a + (s % 4) })),
);
/** Each user plays most songs of two artists. */
const plays = Array.from({ length: 36 }, (_, u) =>
  songs
    .filter(
      ({ artist }, s) => [u % 6, (u + 1 + (u % 2)) % 6].includes(artists.indexOf(artist)) && (u + s) % 5 > 0,
    )
    .map(({ id }) => `u${u},${id}\n`),
).flat();
const catalogue = [
  ...songs.map(
    ({ id, artist, year }) =>
      `${id},Song ${id},${artist},${year},${id.charCodeAt(1) % 3 === 0 ? 'a|b' : 'b'}`,
  ),
  'E-unplayed,Unplayed,Enya,1975,b',
  'Z-unplayed,Unplayed too,Zappa,1899,zz',
];
const header = 'id,name,artist,year,tags\n';
const odd = '=1+"2" 日本';
const added = [
  ...artists.map((artist, a) => `new-${artist[0]},New ${artist},${artist},${2020 + a},b`),
  `"${odd.replaceAll('"', '""')}",Odd one,Abba,1971,`,
  'A0,Song A0,Abba,1970,a|b',
  'nobody,Nobody,Nobody knows,2099,zzz',
];
const files = {
  'plays.csv': `user,item\n${plays.join('')}`,
  'items.csv': header + catalogue.join('\n'),
  'new.csv': header + added.join('\n'),
};
const trained = [
  words`train plays.csv --items items.csv --factors 8 --epochs 4`,
  words`build-index --lists 6 --target-recall 0.9`,
];

let folder: Folder;
let [, before, made]: Record<string, any>[] = [];
const snapshot = (id: string): string => rootPath.snapshot(join(folder.path, 'root'), id);
const vectorsOf = (id: string) =>
  readNpy(join(snapshot(id), 'model/item.npy'), { dtype: '<f4', shape: [undefined, 8] });
const addTo = async (id: string, ...args: string[]) =>
  (await folder.json(['items', 'add', ...args, '--to', id]))[0]!;
const error = async (...args: string[]) => {
  const [document] = await folder.json(args, 2);
  return document!['error'] as { code: string; message: string; suggestions: string[] };
};

beforeAll(async () => {
  folder = makeFolder();
  [, [before], [made]] = (await prepare(
    folder,
    [...trained, words`items add new.csv --to latest`],
    files,
  )) as any;
});
afterAll(() => {
  folder.remove();
});

describe('items add', () => {
  it('says who has a vector now, by which columns, and who has none', () => {
    expect(made).toMatchObject({
      ...{
        parent: before!['snapshot'],
        added: 7,
        unplayed: 1,
        known: 1,
        unknown: 1,
        items: 56,
        existed: false,
      },
      columns: [
        { name: 'artist', as: 'categories', features: 6 },
        { name: 'year', as: 'dates', features: 10 },
        { name: 'tags', as: 'lists', features: 2 },
      ],
      leftOut: [{ name: 'name', why: 'it names the items' }],
      index: { recallAt10: expect.any(Number), sampled: 56 },
    });
    expect(made!['index'].recallAt10).toBeGreaterThanOrEqual(0.9);
  });

  it('gives new items of an artist to who plays that artist, and says because of which value', async () => {
    for (const user of [0, 7]) {
      const [{ recommendations }] = (await folder.json(
        words`recommend u${user} --snapshot latest -k 3 --explain --where ${"id like 'new-%'"}`,
      )) as any;
      const wanted = [user % 6, (user + 1 + (user % 2)) % 6].map((a) => artists[a]);
      expect(
        recommendations
          .slice(0, 2)
          .map((item: any) => item.artist)
          .sort(),
      ).toEqual(wanted.sort());
      const [{ artist, knownBy, score }] = recommendations;
      expect(knownBy[0]).toMatchObject({ column: 'artist', value: artist });
      expect(knownBy[0].share).toBeCloseTo(knownBy[0].contribution / score, 6);
      expect(knownBy[0].share).toBeGreaterThan(0.5);
    }
  });

  it('finds them among neighbours, from an index and without one, ids verbatim', async () => {
    for (const exact of [[], ['--exact']]) {
      const [near] = (await folder.json([
        ...words`similar ${`id:${odd}`} -k 5 --snapshot latest`,
        ...exact,
      ])) as any;
      expect(near.query[0].id).toBe(odd);
      expect(near.neighbours.every((item: any) => item.artist === 'Abba')).toBe(true);
      const [back] = (await folder.json([...words`similar B0 -k 9 --snapshot latest`, ...exact])) as any;
      expect(back.neighbours.map((item: any) => item.id)).toContain('new-B');
    }
  });

  it('learns from the columns that the items were drawn to, unless others are named', async () => {
    const [own] = await folder.json(
      words`train plays.csv --items items.csv --factors 8 --epochs 2 --item-features tags,artist`,
    );
    const usedBy = async (...args: string[]): Promise<string[]> =>
      (await addTo(own!['snapshot'], 'new.csv', ...args))['columns'].map(
        ({ name }: { name: string }) => name,
      );
    expect(await usedBy()).toEqual(['artist', 'tags']);
    expect(await usedBy('--from-columns', 'year')).toEqual(['year']);
  });

  it('leaves the bits of every trained item and of every user as they were', async () => {
    const [a, b] = [before!['snapshot'], made!['snapshot']] as [string, string];
    const [old, all] = [vectorsOf(a).data, vectorsOf(b).data];
    expect(all.subarray(0, old.length)).toEqual(old);
    const [of, now] = [hashesBelow(snapshot(a)), hashesBelow(snapshot(b))];
    const same = Object.keys(of).filter((name) => /users\/|eigenvalues|model\/artist\.npy/.test(name));
    expect(same.length).toBeGreaterThan(8);
    for (const name of same) expect(now[name]).toBe(of[name]);
    const only = ['--where', 'year < 1980'];
    const answers = async (id: string) => [
      ...(await folder.json([...words`recommend u3 u4 -k 5 --include-heard --snapshot ${id}`, ...only])),
      ...(await folder.json([
        ...words`recommend --like A1 --like B2 -k 5 --snapshot ${id} --explain`,
        ...only,
      ])),
      ...(await folder.json(words`user-vector u3 --snapshot ${id}`)),
    ];
    const plain = (documents: unknown) =>
      JSON.stringify(documents, (key, value: unknown) =>
        ['snapshot', 'of', 'allowed', 'tags', 'filtered', 'rank'].includes(key) ? undefined : value,
      );
    const [first, second] = [await answers(a), await answers(b)];
    const isOld = (item: { id: string }) => /^[A-F]\d$/.test(item.id);
    for (const each of [...first, ...second])
      if (each['recommendations'] !== undefined)
        each['recommendations'] = each['recommendations'].filter(isOld).slice(0, 3);
    expect(plain(second)).toBe(plain(first));
  });

  it('puts new items into the lists of an index, where all others stay, and no item of which nothing is known', () => {
    const listsOf = (id: string): number[][] => {
      const read = (name: string) =>
        readNpy(join(snapshot(id), `index/item.${name}.npy`), { dtype: '<u4', shape: [undefined] }).data;
      const [offsets, rows] = [read('offsets'), read('rows')];
      return Array.from({ length: offsets.length - 1 }, (_, list) => [
        ...rows.subarray(offsets[list], offsets[list + 1]),
      ]);
    };
    const [old, all] = [listsOf(before!['snapshot']), listsOf(made!['snapshot'])];
    expect(all.map((rows) => rows.filter((row) => row < 48))).toEqual(old);
    expect(all.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 56 }, (_, row) => row));
  });

  it('is whole, and the same whatever was made first', async () => {
    writeFileSync(join(folder.path, 'later.csv'), 'user,item\nu0,B1\nu0,B2\nu1,F3\nu2,A0\n');
    const everyone = async (id: string) =>
      (await folder.json(words`user-vector --all --events later.csv --snapshot ${id}`))[0]![
        'snapshot'
      ] as string;
    const one = await everyone(made!['snapshot']);
    const bytes = hashesBelow(snapshot(one));
    await folder.segue(words`snapshots delete ${one} --force`);
    const other = await addTo(await everyone(made!['parent']), 'new.csv');
    expect(other).toMatchObject({ snapshot: one, existed: false });
    const found = hashesBelow(snapshot(one));
    for (const name of Object.keys(bytes))
      if (name !== 'manifest.json') expect([name, found[name]]).toEqual([name, bytes[name]]);
    const again = await addTo(before!['snapshot'], 'new.csv');
    expect(again).toMatchObject({ snapshot: made!['snapshot'], existed: true, added: 7, known: 1 });
  });

  it('adds to what was added to, where rows stay; columns may be new', async () => {
    writeFileSync(
      join(folder.path, 'more.csv'),
      'id,artist,year,label\nnobody,Nobody knows,2099,\nlate,Zappa,1971,Island\nnew-A,Abba,2020,\n',
    );
    const more = await addTo(made!['snapshot'], 'more.csv', '--tag', 'more');
    expect(more).toMatchObject({ added: 1, unplayed: 0, known: 1, unknown: 0, items: 57 });
    expect(more['leftOut']).toContainEqual({ name: 'tags', why: 'the file does not have it' });
    expect(vectorsOf(more['snapshot']).data.subarray(0, 56 * 8)).toEqual(vectorsOf(made!['snapshot']).data);
    await folder.segue(words`snapshots verify more`);
    const shown = (await folder.json(words`items show late --snapshot more`)) as any;
    expect(shown[0].item).toMatchObject({ id: 'late', name: 'late', artist: 'Zappa', label: 'Island' });
    const [{ item }] = (await folder.json(words`items show nobody --snapshot more`)) as any;
    expect(item.artist).toBe('Nobody knows');
    const [{ recommendations }] = (await folder.json(
      words`recommend u0 --snapshot more -k 2 --explain --where ${"id in ('late', 'new-A')"}`,
    )) as any;
    const reasons = Object.fromEntries(recommendations.map((one: any) => [one.id, one.knownBy[0].column]));
    expect(reasons).toEqual({ 'new-A': 'artist', late: 'year' });
    // An artist of whom only that is known has tracks, and no vector.
    const [{ item: artist }] = (await folder
      .json(words`items show artist:Zappa --snapshot more`)
      .catch(() => [{}])) as any;
    expect(artist ?? null).toMatchObject({ tracks: 2 });
  });

  it('keeps the years of dates where the snapshot has years', async () => {
    writeFileSync(
      join(folder.path, 'dates.csv'),
      'id,artist,year,label\nd1,Abba,1971-03-04,Polar\nd2,Abba,2031-01-02,\nd3,,,\n',
    );
    const dated = await addTo(before!['snapshot'], 'dates.csv', '--tag', 'dated');
    expect(dated).toMatchObject({ added: 2, unknown: 1 });
    expect(dated['leftOut']).toContainEqual({ name: 'label', why: 'the snapshot does not have it' });
    const [{ item }] = (await folder.json(words`items show d2 --snapshot dated`)) as any;
    expect(item).toEqual({ id: 'd2', name: 'd2', artist: 'Abba', year: 2031 });
  });

  it('takes vectors from elsewhere', async () => {
    const ids = [...songs.map(({ id }) => id), 'x1', 'x2'];
    const like = (artist: number): number[] => artists.map((_, a) => (a === artist ? 1 : 0));
    writeVectors(join(folder.path, 'audio.npy'), [
      ...songs.map(({ artist }) => like(artists.indexOf(artist))),
      like(3),
      like(4),
    ]);
    writeFileSync(join(folder.path, 'ids.txt'), ids.join('\n'));
    writeFileSync(join(folder.path, 'x.csv'), 'id,artist\nx1,\nx2,\nx3,\n');
    const heard = await addTo(
      before!['snapshot'],
      ...words`x.csv --item-vectors audio.npy --item-ids ids.txt --tag heard`,
    );
    expect(heard).toMatchObject({ added: 2, unknown: 1 });
    expect(heard['columns']).toContainEqual({ name: 'itemVectors', as: 'vectors', features: 6 });
    const [{ neighbours }] = (await folder.json(words`similar x1 --snapshot heard -k 3`)) as any;
    expect(neighbours.map((item: any) => item.artist)).toEqual(['Dio', 'Dio', 'Dio']);
    expect(await error(...words`items add x.csv --to heard --item-vectors audio.npy`)).toMatchObject({
      code: 'bad-usage',
    });
  });

  it.each([
    ['a table of which all is there', 'items.csv', [], 'empty-input', 'has all its items'],
    [
      'a table of which nothing is known',
      'none.csv',
      [],
      'empty-input',
      'no trained item has a value of theirs in artist',
    ],
    [
      'a column of other cells',
      'texts.csv',
      [],
      'bad-input-file',
      'item "q": column "year" holds "soon", and in the snapshot whole numbers',
    ],
    [
      'a table that shares no column',
      'other.csv',
      [],
      'empty-input',
      'it has singer, yr, and the items of snapshot \\w+ have artist, year, tags',
    ],
    ['items of no columns', 'new.csv', ['--to', 'bare'], 'missing-part', 'has no columns of its items'],
    [
      'a column that is not there',
      'new.csv',
      ['--from-columns', 'genre'],
      'bad-usage',
      '"genre", which is no column',
    ],
  ])('refuses %s', async (_, file, flags, code, message) => {
    writeFileSync(join(folder.path, 'none.csv'), 'id,artist\nq,Queen\n');
    writeFileSync(join(folder.path, 'texts.csv'), 'id,year\nq,soon\n');
    writeFileSync(join(folder.path, 'other.csv'), 'id,singer,yr\nq,Abba,1970\n');
    if (flags.includes('bare')) await folder.json(words`train plays.csv --factors 2 --epochs 1 --tag bare`);
    const to = ['items.csv', 'none.csv'].includes(file) ? made!['snapshot'] : before!['snapshot'];
    const found = await error(
      ...words`items add ${file}`,
      ...(flags.includes('--to') ? [] : ['--to', to]),
      ...flags,
    );
    expect(found).toMatchObject({ code });
    expect(found.message).toMatch(new RegExp(message));
    if (file === 'other.csv') expect(found.suggestions[0]).toContain('--item-columns artist=singer');
    if (flags.includes('bare')) expect(found.suggestions[0]).toContain('--items FILE');
  });

  it.each(['als+ease', 'spectral+slim'])(
    'gives %s items that its second member gives nothing',
    async (model) => {
      const at = model.slice(-4);
      const [, before] = [
        await folder.json(words`train plays.csv --items items.csv --model ${model} --tag ${at}`),
        await folder.json(words`items add new.csv --to ${at} --tag ${at}-more`),
      ];
      expect(before[0]).toMatchObject({ added: 7, unplayed: 1 });
      const of = async (tag: string, ...args: string[]) =>
        (await folder.json([...words`recommend -k 60 --snapshot ${tag}`, ...args])) as any[];
      const scores = (items: { id: string; score: number }[], ids = /./) =>
        items.filter(({ id }) => ids.test(id)).map(({ id, score }) => [id, score]);
      for (const asked of [words`u3`, words`--like A1 --like B2`, words`--all --threads 2`])
        for (const seen of [words`--no-feedback`, words`--no-feedback --include-heard`]) {
          const [old, now] = [await of(at, ...asked, ...seen), await of(`${at}-more`, ...asked, ...seen)];
          now.forEach(({ recommendations }, which) => {
            expect(scores(recommendations, /^[A-F]\d$/)).toEqual(scores(old[which].recommendations));
            expect(scores(recommendations, /^new-/)).toHaveLength(6);
          });
        }
      // One, many and reasons say the same, also of a new item that is liked.
      await folder.json(words`feedback add u3 new-C --type like --snapshot ${at}-more`);
      const [alone] = await of(`${at}-more`, ...words`u3 --explain --reasons 60`);
      for (const many of [words`u3 u4`, words`--all`, words`--all --max-per-artist 60`]) {
        const all = await of(`${at}-more`, ...many);
        const { recommendations } = all.find(({ user }) => user === 'u3');
        expect(scores(recommendations)).toEqual(scores(alone.recommendations));
      }
      for (const { score, because, id, knownBy } of alone.recommendations) {
        const sum = because.reduce(
          (all: number, { contribution }: any) => all + contribution,
          alone.baseline,
        );
        expect(sum).toBeCloseTo(score, 4);
        const members = new Set(
          because.filter((one: any) => one.contribution !== 0).map((one: any) => one.member),
        );
        if (id.startsWith('new-')) expect([...members]).toEqual([model.split('+')[0]]);
        if (id.startsWith('new-')) expect(knownBy[0].column).toMatch(/artist|year|tags/);
      }
      const [liked] = await of(`${at}-more`, ...words`--like new-C --like C1`);
      expect(liked.recommendations.slice(0, 4).some(({ artist }: any) => artist === 'Cher')).toBe(true);
      await folder.json(words`snapshots verify ${at}-more`);
    },
  );

  it('refuses a model without vectors by its name', async () => {
    await folder.json(words`train plays.csv --model popularity --tag popular`);
    const found = await error(...words`items add new.csv --to popular`);
    expect(found).toMatchObject({ code: 'missing-part' });
    expect(found.message).toContain('is of the model popularity, which has no vectors');
    expect(readFileSync(join(folder.path, 'new.csv'), 'utf8')).toContain('new-A');
  });
});
