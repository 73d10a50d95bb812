import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { recommend, recommendAll, similar } from '#dist/core/library.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { copyGoldenRoot, goldenPath } from '../helpers/golden-root.js';
import { runHere } from '../helpers/run-here.js';
import { listening } from '../helpers/snapshots.js';
import { hashesBelow, makeFolder, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

/** Every name that can be meant in three ways is. */
const catalogue = [
  ['bs1', 'Black Sabbath', 'Black Sabbath', 'Black Sabbath', 1970],
  ['bs2', 'Paranoid', 'Black Sabbath', 'Paranoid', 1970],
  ['bs3', 'Iron Man', 'Black Sabbath', 'Paranoid', 1970],
  ['qu1', 'Bohemian Rhapsody', 'Queen', 'Greatest Hits', 1975],
  ['qu2', "Don't Stop Me Now", 'Queen', 'Greatest Hits', 1978],
  ['ab1', 'Waterloo', 'ABBA', 'Greatest Hits', 1974],
  ['ab2', 'SOS', 'ABBA', '', 1975],
  ['ac1', 'Thunderstruck', 'AC/DC', 'The Razors Edge', 1990],
  ['ac2', 'T.N.T.', 'Ac/Dc', 'T.N.T.', 1975],
  ['bj1', 'Jóga', 'Björk', 'Homogenic', 1997],
  ['bj2', '未来', 'Björk', '音楽', ''],
  ['no1', 'Anonymous', '', '', ''],
  ['no2', 'Untitled', '', 'Lost Tapes', ''],
  ['un1', 'Never Played', 'Nobody', 'Nowhere', 2001],
] as const;
const played = catalogue.slice(0, 13).map(([id]) => id);

let folder: Folder;
let root: string;
let snapshot: string;
/** What the files say, as numbers. */
let kinds: Record<'item' | 'artist' | 'album', Kind>;

interface Kind {
  readonly ids: readonly string[];
  readonly vectors: readonly (readonly number[])[];
}

beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const cell = (value: string | number): string => `"${String(value)}"`;
  const items = catalogue.map((row) => row.map(cell).join(','));
  writeFileSync(
    join(folder.path, 'items.csv'),
    ['id,name,artist,album,released', ...items].join('\n') + '\n',
  );
  writeFileSync(join(folder.path, 'plays.csv'), playsOf().join('\n') + '\n');
  await folder.segue(trainArgs);
  snapshot = join(root, 'latest');
  kinds = {
    item: await readKind('item'),
    artist: await readKind('artist'),
    album: await readKind('album'),
  };
});
afterAll(() => {
  folder.remove();
});

const trainArgs = ['train', 'plays.csv', '--items', 'items.csv', '--factors', '6', '--epochs', '4'];

/** 40 users, each with some of the songs; one who heard little, one who dislikes and one who bans. */
function playsOf(): string[] {
  let state = 7;
  const random = (): number => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) / 2 ** 32;
  const rows = ['user,item,weight,type'];
  for (let u = 0; u < 40; u++)
    for (const [i, id] of played.entries())
      if (random() < 0.25 + 0.5 * Number(u % 4 === i % 4))
        rows.push(`user-${u},${id},${1 + Math.floor(random() * 9)},play`);
  rows.push('casual,qu1,3,play', 'casual,bs2,1,dislike', 'casual,ac1,1,ban', 'casual,bs1,1,dislike');
  rows.push('hater,bs1,1,dislike', 'hater,bs2,1,dislike', 'hater,bs3,1,ban', 'hater,bj1,2,play');
  return rows;
}

async function readKind(kind: string): Promise<Kind> {
  const { data, shape } = readNpy(join(snapshot, `model/${kind}.npy`), {
    dtype: '<f4',
    shape: [undefined, 6],
  });
  const { ids } = await readItemTable(join(snapshot, `model/${kind}.arrow`));
  return {
    ids: Array.from({ length: ids.length }, (_, row) => ids.at(row)),
    vectors: Array.from({ length: shape[0]! }, (_, row) => [...data.subarray(6 * row, 6 * row + 6)]),
  };
}

const vectorOf = (kind: keyof typeof kinds, id: string): readonly number[] =>
  kinds[kind].vectors[kinds[kind].ids.indexOf(id)]!;
const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, x, f) => sum + x * b[f]!, 0);
const unit = (a: readonly number[]): number[] => a.map((x) => x / Math.sqrt(dot(a, a)));

/** Ids of a kind by their scores, without some. */
function rank(
  kind: keyof typeof kinds,
  score: (vector: readonly number[]) => number,
  without: readonly string[] = [],
): string[] {
  return kinds[kind].vectors
    .map((vector, row) => ({ id: kinds[kind].ids[row]!, score: score(vector), row }))
    .filter(({ id }) => !without.includes(id))
    .sort((a, b) => b.score - a.score || a.row - b.row)
    .map(({ id }) => id);
}

const idsOf = (answer: Readonly<Record<string, any>>, key = 'neighbours'): string[] =>
  (answer[key] as { id: string }[]).map(({ id }) => id);

async function near(
  items: readonly string[],
  more: Partial<Parameters<typeof similar>[0]> = {},
): Promise<any> {
  return similar({ root, items, minus: [], k: 99, kind: 'item', exact: false, ...more }, listening());
}

async function recommended(more: Partial<Parameters<typeof recommend>[0]>): Promise<any> {
  const options = { root, users: [], like: [], dislike: [], exclude: [], includeHeard: false, k: 99 };
  return (await recommend({ ...options, ...more }, listening()))[0];
}

describe('a training on a catalogue with artists and albums', () => {
  it('makes vectors of them, the play-weighted means of their tracks', async () => {
    const { ids, counts, columns } = await readItemTable(join(snapshot, 'model/item.arrow'));
    const artists = columns.find(({ name }) => name === 'artist')!.values;
    expect(kinds.artist.ids).toHaveLength(7);
    expect(kinds.artist.ids.at(-1)).toBe('Nobody');
    expect(kinds.artist.vectors).toHaveLength(6);
    kinds.artist.vectors.forEach((vector, row) => {
      const tracks = kinds.item.vectors.flatMap((_, item) =>
        artists[item] === kinds.artist.ids[row] ? [item] : [],
      );
      const total = tracks.reduce((sum, item) => sum + counts[item]!, 0);
      const sum = vector.map((_, f) =>
        tracks.reduce((part, item) => part + counts[item]! * kinds.item.vectors[item]![f]!, 0),
      );
      expect(vector).toEqual(sum.map((x) => Math.fround(x / total)));
    });
    expect(ids.length).toBe(catalogue.length);
    expect(kinds.album.ids.toSorted()).toEqual(
      [
        ...[
          'ABBA / Greatest Hits',
          'AC/DC / The Razors Edge',
          'Ac/Dc / T.N.T.',
          'Björk / Homogenic',
          'Björk / 音楽',
        ],
        ...['Black Sabbath / Black Sabbath', 'Black Sabbath / Paranoid', 'Lost Tapes', 'Nobody / Nowhere'],
        'Queen / Greatest Hits',
      ].toSorted(),
    );
  });

  it('is another training than the same without them, and the items are the same', async () => {
    const before = hashesBelow(join(snapshot, 'model'));
    const bare = readFileSync(join(folder.path, 'items.csv'), 'utf8').replace(
      'artist,album',
      'singer,record',
    );
    writeFileSync(join(folder.path, 'bare.csv'), bare);
    const [plain] = await folder.json(trainArgs.map((arg) => (arg === 'items.csv' ? 'bare.csv' : arg)));
    const there = hashesBelow(join(root, 'latest/model'));
    expect(there['item.npy']).toBe(before['item.npy']);
    expect(there['artist.npy']).toBeUndefined();
    const [back] = await folder.json(trainArgs);
    expect(back!['existed']).toBe(true);
    expect(back!['snapshot']).not.toBe(plain!['snapshot']);
  });

  it('gives the same bytes at any number of threads', async () => {
    const wanted = hashesBelow(join(snapshot));
    const other = join(folder.path, 'root-3');
    await folder.segue([...trainArgs, '--threads', '3', '--root', other]);
    expect(hashesBelow(join(other, 'latest'))).toEqual(wanted);
  });

  it('is whole, and says how many there are', async () => {
    await folder.segue(['snapshots', 'verify']);
    const { stdout } = await folder.segue(['snapshots', 'show', 'latest']);
    expect(stdout).toMatch(
      /^kinds +10 albums, 1 of them without a vector; 7 artists, 1 of them without a vector$/m,
    );
  });
});

describe('similar', () => {
  it('finds artists near an artist, and albums near an album, without itself', async () => {
    const artists = await near(['black sabbath'], { kind: 'artist' });
    expect(artists).toMatchObject({
      kind: 'artist',
      query: [{ id: 'Black Sabbath', kind: 'artist', tracks: 3 }],
    });
    const toward = unit(vectorOf('artist', 'Black Sabbath'));
    const wanted = rank('artist', (vector) => dot(unit(vector), toward), ['Black Sabbath']);
    expect(idsOf(artists)).toEqual(wanted);
    const albums = await near(['black sabbath'], { kind: 'album' });
    expect(albums.query).toMatchObject([{ id: 'Black Sabbath / Black Sabbath', artist: 'Black Sabbath' }]);
  });

  it('finds one kind near another, and leaves out nothing that was not asked about', async () => {
    const byTrack = await near(['Paranoid'], { kind: 'artist' });
    expect(byTrack.query[0]).toMatchObject({ id: 'bs2' });
    expect(byTrack.query[0]).not.toHaveProperty('kind');
    const track = unit(vectorOf('item', 'bs2'));
    expect(idsOf(byTrack)).toEqual(rank('artist', (vector) => dot(unit(vector), track)));
    const byArtist = await near(['artist:black sabbath']);
    expect(byArtist).not.toHaveProperty('kind');
    const artist = unit(vectorOf('artist', 'Black Sabbath'));
    expect(idsOf(byArtist)).toEqual(rank('item', (vector) => dot(unit(vector), artist)));
  });

  it('reads a name among the kind first, then among items; a prefix forces a kind', async () => {
    const asked = async (name: string, kind = 'item'): Promise<string> =>
      (await near([name], { kind })).query[0].id;
    expect(await asked('Black Sabbath')).toBe('bs1');
    expect(await asked('Black Sabbath', 'artist')).toBe('Black Sabbath');
    expect(await asked('item:Black Sabbath', 'artist')).toBe('bs1');
    expect(await asked('album:Paranoid')).toBe('Black Sabbath / Paranoid');
    expect(await asked('album:id:Queen / Greatest Hits')).toBe('Queen / Greatest Hits');
    expect(await asked('artist:BJÖRK')).toBe('Björk');
    expect(await asked('AC/DC', 'artist')).toBe('AC/DC');
  });

  it('says what a name may have meant, of the kind and of others', async () => {
    const failure = async (name: string, kind = 'item'): Promise<any> =>
      near([name], { kind }).then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(await failure('queen')).toMatchObject({
      code: 'item-not-found',
      suggestions: expect.arrayContaining(['for the artist of that name: artist:queen']),
    });
    expect(await failure('Quen', 'artist')).toMatchObject({
      message: 'no artist is called "Quen"',
      suggestions: ['did you mean "Queen"? (artist:Queen)'],
    });
    expect(await failure('greatest hits', 'album')).toMatchObject({
      code: 'item-ambiguous',
      details: { ids: expect.arrayContaining(['Queen / Greatest Hits', 'ABBA / Greatest Hits']) },
    });
    expect(await failure('Nobody', 'artist')).toMatchObject({ code: 'item-without-vector' });
    expect(await failure('Queen', 'genre')).toMatchObject({
      code: 'missing-part',
      details: { kinds: ['item', 'artist', 'album'] },
    });
  });

  it('weighs what is added and taken away', async () => {
    const toward = unit(vectorOf('item', 'qu1')).map(
      (x, f) => 2 * x - 0.5 * unit(vectorOf('artist', 'ABBA'))[f]! - 3 * unit(vectorOf('item', 'bj1'))[f]!,
    );
    const answer = await near(['qu1', 'artist:ABBA'], { minus: ['bj1'], weights: [2, -0.5, 3] });
    expect(idsOf(answer)).toEqual(rank('item', (vector) => dot(unit(vector), toward), ['qu1', 'bj1']));
    expect(answer.neighbours[0].similarity).toBeCloseTo(
      dot(unit(vectorOf('item', answer.neighbours[0].id)), unit(toward)),
      5,
    );
    const once = await near(['qu1', 'ab1'], { minus: ['bj1'], weights: [2, 3] });
    expect(once).toEqual({
      ...(await near(['qu1', 'ab1'], { minus: ['bj1'], weights: [2, 3, 1] })),
      weights: [2, 3],
    });
    const refused = (weights: number[]) => near(['qu1'], { minus: ['bj1'], weights });
    for (const weights of [[1, 2, 3], [0], [1, -1], [NaN], [1, Infinity]])
      await expect(refused(weights)).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('caps artists as the greedy walk down the ranking does', async () => {
    const artistOf = new Map<string, string>(catalogue.map(([id, , artist]) => [id, artist]));
    const ranking = idsOf(await near(['qu1']));
    for (const maxPerArtist of [1, 2]) {
      for (const k of [1, 3, 5, 99]) {
        const counts = new Map<string, number>();
        const wanted = ranking.filter((id) => {
          const artist = artistOf.get(id)!;
          counts.set(artist, (counts.get(artist) ?? 0) + 1);
          return artist === '' || counts.get(artist)! <= maxPerArtist;
        });
        expect(idsOf(await near(['qu1'], { k, maxPerArtist }))).toEqual(wanted.slice(0, k));
      }
    }
    const albums = await near(['qu1'], { kind: 'album', maxPerArtist: 1 });
    const artists = albums.neighbours.map((album: { artist?: string }) => album.artist);
    expect(new Set(artists).size).toBe(artists.length);
    await expect(near(['qu1'], { kind: 'artist', maxPerArtist: 1 })).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });
});

describe('recommend', () => {
  it('ranks artists by the inner product with a vector, and leaves out those that were heard', async () => {
    const [me] = await folder.json(['user-vector', 'user-3']);
    const mine = me!['vector'] as number[];
    const all = await recommended({ users: ['user-3'], kind: 'artist', includeHeard: true });
    expect(all.kind).toBe('artist');
    expect(idsOf(all, 'recommendations')).toEqual(rank('artist', (vector) => dot(vector, mine)));
    const heard = playsOf()
      .filter((row) => row.startsWith('user-3,'))
      .map((row) => row.split(',')[1]!);
    const out = new Set(
      catalogue.filter(([id]) => heard.includes(id)).map(([, , artist]) => artist as string),
    );
    const fresh = await recommended({ users: ['user-3'], kind: 'artist' });
    expect(out.size).toBeGreaterThan(0);
    expect(idsOf(fresh, 'recommendations')).toEqual(rank('artist', (vector) => dot(vector, mine), [...out]));
  });

  it('lets one dislike or ban put nothing out that has other tracks, and all of them do', async () => {
    const casual = idsOf(await recommended({ users: ['casual'], kind: 'artist' }), 'recommendations');
    expect(casual).toContain('Black Sabbath');
    expect(casual).not.toContain('Queen');
    // The only song of AC/DC in this spelling is banned.
    expect(casual).not.toContain('AC/DC');
    const hater = await recommended({ users: ['hater'], kind: 'artist', includeHeard: true });
    expect(idsOf(hater, 'recommendations')).not.toContain('Black Sabbath');
    expect(idsOf(hater, 'recommendations')).toContain('Björk');
    const albums = await recommended({ users: ['casual'], kind: 'album' });
    expect(idsOf(albums, 'recommendations')).not.toContain('Black Sabbath / Black Sabbath');
    expect(idsOf(albums, 'recommendations')).toContain('Black Sabbath / Paranoid');
  });

  it('gives somebody of whom no like is known what is played most', async () => {
    const answer = await recommended({ dislike: ['bj1'], kind: 'artist', k: 3 });
    expect(answer.fallback).toBe('popularity');
    const plays = new Map<string, number>();
    for (const row of playsOf().slice(1)) {
      const artist = catalogue.find(([id]) => id === row.split(',')[1])?.[2];
      if (artist !== undefined && artist !== '') plays.set(artist, (plays.get(artist) ?? 0) + 1);
    }
    const wanted = [...plays].sort((a, b) => b[1] - a[1]).slice(0, 3);
    expect(answer.recommendations.map(({ score }: any) => score)).toEqual(wanted.map(([, count]) => count));
    const capped = await recommended({ dislike: ['bj1'], kind: 'album', maxPerArtist: 1 });
    const artists = capped.recommendations.map(({ artist }: any) => artist);
    expect(capped.fallback).toBe('popularity');
    expect(new Set(artists).size).toBe(artists.length);
  });

  it.each([
    { kind: 'artist' },
    { kind: 'album' },
    { kind: 'artist', includeHeard: true, exclude: ['Queen'] },
    { kind: 'album', maxPerArtist: 1, k: 4 },
    { kind: 'album', maxPerArtist: 1, where: 'tracks >= 2' },
    { maxPerArtist: 1 },
    { maxPerArtist: 2, k: 5, includeHeard: true },
  ])('gives everyone with %j what each gets alone', async (more) => {
    const options = {
      root,
      users: [],
      like: [],
      dislike: [],
      exclude: [],
      includeHeard: false,
      k: 99,
      ...more,
    };
    for (const threads of Object.keys(more).length === 1 ? [1, 2] : [1]) {
      let text = '';
      const write = (bytes: Uint8Array): Promise<void> => {
        text += Buffer.from(bytes).toString();
        return Promise.resolve();
      };
      await recommendAll({ ...options, all: true, threads, force: false, write }, listening());
      const answers = text.trimEnd().split('\n');
      expect(answers.length).toBe(42);
      const users = answers.map((line) => JSON.parse(line).user as string);
      const alone = await recommend({ ...options, users }, listening());
      expect(answers).toEqual(alone.map((one) => JSON.stringify(one)));
    }
  });

  it.each(['artist', 'album'] as const)(
    'takes the score of an %s apart as the play-weighted mean of its tracks’ parts',
    async (kind) => {
      const { counts, columns } = await readItemTable(join(snapshot, 'model/item.arrow'));
      const cells = (name: string) => columns.find((column) => column.name === name)!.values;
      const who = { users: ['user-3'], dislike: ['ab2'], includeHeard: true, explain: true, reasons: 99 };
      const tracks = await recommended({ ...who, exclude: ['un1'], whyNot: [...played] });
      const partsOf = (found: any): Map<string, number> =>
        new Map(found.because.map(({ id, contribution }: any) => [id, contribution]));
      const partsByTrack = new Map<string, Map<string, number>>(
        tracks.whyNot.map((track: any) => [track.id, partsOf(track)]),
      );
      const answer = await recommended({ ...who, kind });
      expect(answer.scoredBy).toBe('own-items');
      expect(answer.recommendations.length).toBeGreaterThan(4);
      for (const found of answer.recommendations) {
        const own = kinds.item.ids.filter((_, row) =>
          kind === 'artist'
            ? cells('artist')[row] === found.id
            : [cells('artist')[row], cells('album')[row]]
                .filter((cell) => cell !== '' && cell !== null)
                .join(' / ') === found.id,
        );
        const scored = own.filter((id) => played.includes(id as (typeof played)[number]));
        const weightOf = (id: string): number => counts[kinds.item.ids.indexOf(id)]!;
        const total = scored.reduce((sum, id) => sum + weightOf(id), 0);
        expect(found.rest.items).toBe(0);
        const parts = partsOf(found);
        for (const [id, part] of parts) {
          const mean =
            scored.reduce((sum, at) => sum + weightOf(at) * partsByTrack.get(at)!.get(id)!, 0) / total;
          expect(part).toBeCloseTo(mean, 5);
        }
        const sum = [...parts.values()].reduce((all, part) => all + part, 0);
        expect(sum).toBeCloseTo(found.score as number, 5);
        expect(found.because.find(({ id }: any) => id === 'ab2').opinion).toBe('disliked');
      }
    },
  );

  it('says why an artist is not there, by all of its tracks', async () => {
    const everyone = kinds.artist.ids;
    const asked = { kind: 'artist', k: 2, whyNot: everyone.map((id) => `id:${id}`) };
    const reasonsOf = async (more: object): Promise<Record<string, any>> => {
      const { whyNot } = await recommended({ ...asked, ...more });
      return Object.fromEntries(whyNot.map((one: any) => [one.id, one]));
    };
    const casual = await reasonsOf({ users: ['casual'], exclude: ['Björk'] });
    expect(casual['Queen']).toMatchObject({ reasons: ['heard'], plays: 1 });
    expect(casual['AC/DC'].reasons).toEqual(['banned']);
    // Two of three songs are disliked: that puts nothing out.
    expect(['recommended', 'outranked']).toContain(casual['Black Sabbath'].reason);
    expect(casual['Black Sabbath'].plays).toBe(2);
    expect(casual['Björk']).toMatchObject({ reasons: ['excluded'], flags: ['--exclude'] });
    expect(casual['Nobody']).toMatchObject({ reasons: ['no-vector'], rank: null, score: null });
    const hater = await reasonsOf({ users: ['hater'], includeHeard: true, where: 'tracks >= 2' });
    expect(hater['Black Sabbath']).toMatchObject({ reasons: ['banned', 'disliked'], plays: 3 });
    expect(['recommended', 'outranked']).toContain(hater['Björk'].reason);
    expect(hater['AC/DC']).toMatchObject({ reasons: ['filtered'], flags: ['--where'] });
    const liker = await reasonsOf({ like: ['qu1'] });
    expect(liker['Queen'].reasons).toEqual(['liked']);
    const albums = { like: ['qu1'], kind: 'album', k: 9 };
    const all = await recommended({ ...albums, k: 99 });
    const capped = await recommended({ ...albums, maxPerArtist: 1, whyNot: idsOf(all, 'recommendations') });
    const there = idsOf(capped, 'recommendations');
    for (const { id, reason, rank, score } of capped.whyNot) {
      const place = all.recommendations.find((one: any) => one.id === id);
      expect({ rank, score }).toEqual({ rank: place.rank, score: place.score });
      expect(reason).toBe(there.includes(id as string) ? 'recommended' : 'capped');
    }
    await expect(recommended({ like: ['qu1'], kind: 'artist', whyNot: ['qu2'] })).rejects.toMatchObject({
      code: 'bad-usage',
      suggestions: ['name an artist', 'or ask for items: `kind` item'],
    });
  });

  it('writes tables whose column is called as the kind is', async () => {
    const args = ['recommend', '--all', '--kind', 'album', '--max-per-artist', '2'];
    await folder.segue([...args, '--out', 'albums.arrow']);
    const table = tableFromIPC(readFileSync(join(folder.path, 'albums.arrow')));
    expect(table.schema.fields.map(({ name }) => name)).toEqual(['user', 'rank', 'album', 'score']);
    expect(table.schema.metadata.get('segue.kind')).toBe('album');
    expect(table.schema.metadata.get('segue.max-per-artist')).toBe('2');
    const rows = table.toArray().filter(({ user }) => user === 'casual');
    const alone = await recommended({ users: ['casual'], kind: 'album', maxPerArtist: 2, k: 10 });
    expect(rows.map(({ album }) => album as string)).toEqual(idsOf(alone, 'recommendations'));
  });

  it('leaves out what is excluded, be it of another kind', async () => {
    const without = async (exclude: string[], kind: string): Promise<string[]> =>
      idsOf(await recommended({ users: ['casual'], kind, exclude, includeHeard: true }), 'recommendations');
    expect(await without(['Queen'], 'artist')).not.toContain('Queen');
    expect(await without(['artist:Black Sabbath'], 'album')).not.toContain('Black Sabbath / Paranoid');
    expect(await without(['SOS'], 'artist')).toContain('ABBA');
    expect(await without(['SOS', 'Waterloo'], 'artist')).not.toContain('ABBA');
    const songs = idsOf(await near(['qu1'], { exclude: ['artist:Black Sabbath', 'no1'] }));
    expect(songs).not.toContain('bs2');
    expect(songs).not.toContain('no1');
    expect(songs).toContain('ab1');
  });

  it('takes filters on what is known of artists and albums', async () => {
    const early = await near(['Queen'], { kind: 'artist', where: 'released < 1975 and tracks > 1' });
    expect(idsOf(early).toSorted()).toEqual(['ABBA', 'Black Sabbath']);
    expect(early.filtered).toMatchObject({ allowed: 2, of: 6 });
    const albums = await recommended({
      users: ['user-3'],
      kind: 'album',
      where: 'artist = "Björk"',
      includeHeard: true,
    });
    expect(idsOf(albums, 'recommendations').toSorted()).toEqual(['Björk / Homogenic', 'Björk / 音楽']);
  });

  it('caps artists, and finds k where k exist', async () => {
    const artistOf = new Map<string, string>(catalogue.map(([id, , artist]) => [id, artist]));
    const all = idsOf(await recommended({ users: ['user-3'], includeHeard: true }), 'recommendations');
    const seen = new Set<string>();
    const wanted = all.filter((id) => {
      const artist = artistOf.get(id)!;
      if (artist === '') return true;
      const isFirst = !seen.has(artist);
      seen.add(artist);
      return isFirst;
    });
    for (const k of [1, 4, 99]) {
      const options = { users: ['user-3'], includeHeard: true, maxPerArtist: 1, k };
      expect(idsOf(await recommended(options), 'recommendations')).toEqual(wanted.slice(0, k));
    }
  });
});

describe('a vector from elsewhere', () => {
  it('goes from user-vector to similar and to recommend', async () => {
    const { stdout } = await folder.segue(['user-vector', 'user-3', '--json']);
    const mine = (JSON.parse(stdout) as { vector: number[] }).vector;
    const run = async (args: string[], vector: string, wanted = 0): Promise<any> => {
      const path = join(folder.path, 'vector.json');
      writeFileSync(path, vector);
      const result = await folder.segue([...args, '--vector', path, '--json'], wanted);
      return { ...(JSON.parse(result.stdout) as object), stderr: result.stderr };
    };
    const fromStdin = ['similar', '--vector', '-', '-k', '99', '--json'];
    const piped = await runHere(fromStdin, { env: { SEGUE_ROOT: root }, stdin: stdout });
    const nearMe = JSON.parse(piped.stdout) as Record<string, any>;
    expect(nearMe).toMatchObject({ query: [], vector: { user: 'user-3' } });
    expect(idsOf(nearMe)).toEqual(rank('item', (vector) => dot(unit(vector), mine)));
    const both = await run(['similar', 'qu1', '--weights=-1,2', '-k', '99'], stdout);
    const toward = unit(mine).map((x, f) => 2 * x - unit(vectorOf('item', 'qu1'))[f]!);
    expect(idsOf(both)).toEqual(rank('item', (vector) => dot(unit(vector), toward), ['qu1']));
    const forMe = await run(['recommend', '-k', '99'], JSON.stringify(mine));
    expect(forMe.user).toBeNull();
    expect(forMe.stderr).toContain('assumed to be of');
    expect(forMe.stderr).toContain('a vector has no history: no seen items are left out');
    expect(idsOf(forMe, 'recommendations')).toEqual(rank('item', (vector) => dot(vector, mine)));
    const other = JSON.stringify({ basis: '0123456789abcdef', vector: mine });
    const { error } = await run(['similar'], other, 2);
    expect(error).toMatchObject({ code: 'other-basis', details: { got: '0123456789abcdef' } });
    await run(['recommend', 'user-3'], stdout, 2);
  });
});

describe('where there are no such vectors', () => {
  it('an old snapshot says which command makes them, and caps by its table', async () => {
    const oldRoot = join(folder.path, 'old');
    copyGoldenRoot('v1', oldRoot);
    const { made } = JSON.parse(readFileSync(join(goldenPath, 'v1/answers.json'), 'utf8')) as {
      made: Record<string, string>;
    };
    const old = { root: oldRoot, snapshot: made['indexed'] };
    await expect(near(['queen'], { ...old, kind: 'artist' })).rejects.toMatchObject({
      code: 'missing-part',
      suggestions: [expect.stringContaining('segue train EVENTS… --items FILE'), '`kind` item'],
    });
    await expect(near(['artist:Queen'], old)).rejects.toMatchObject({ code: 'missing-part' });
    const { ids, columns } = await readItemTable(
      join(oldRoot, 'snapshots', old.snapshot!, 'model/item.arrow'),
    );
    const artists = columns.find(({ name }) => name === 'artist')!.values;
    const rowOf = new Map(Array.from({ length: ids.length }, (_, row) => [ids.at(row), row]));
    const capped = idsOf(await near([`id:${ids.at(0)}`], { ...old, maxPerArtist: 1, k: 50 }));
    const named = capped.flatMap((id) => artists[rowOf.get(id)!] ?? []);
    expect(named.length).toBeGreaterThan(10);
    expect(new Set(named).size).toBe(named.length);
  });

  it('a model without vectors has none, and caps all the same', async () => {
    const other = join(folder.path, 'ease');
    cpSync(join(folder.path, 'items.csv'), join(folder.path, 'again.csv'));
    await folder.segue(['train', 'plays.csv', '--items', 'again.csv', '--model', 'ease', '--root', other]);
    await expect(near(['Queen'], { root: other, kind: 'artist' })).rejects.toMatchObject({
      code: 'missing-part',
      suggestions: [expect.stringContaining('`model` als or item2vec'), '`kind` item'],
    });
    const capped = await recommended({ root: other, users: ['casual'], maxPerArtist: 1 });
    const artists = capped.recommendations.flatMap(({ artist }: { artist?: string }) => artist ?? []);
    expect(new Set(artists).size).toBe(artists.length);
  });
});

describe('artists for everyone, where somebody banned a track or disliked it', () => {
  let opposed: Folder;
  beforeAll(async () => {
    opposed = makeFolder();
    const artists = ['A', 'B', 'C', 'D', 'E'];
    const items = artists.flatMap((artist) => [1, 2].map((n) => `${artist}${String(n)},${artist}`));
    writeFileSync(join(opposed.path, 'items.csv'), ['id,artist', ...items].join('\n'));
    const plays = artists.flatMap((artist, u) =>
      [1, 2, 3].flatMap((n) => {
        const others = [`${artist}1`, `${artists[(u + n) % 5]!}2`];
        return others.map((item) => `u${String(u)}-${String(n)},${item},play`);
      }),
    );
    const more = [
      // A ban of one track of two weighs nothing, and one of a track that was played leaves it heard.
      ...['one,A1,play', 'one,B1,ban', 'one,C1,play', 'one,C1,ban'],
      ...['both,A1,play', 'both,B1,ban', 'both,B2,ban'],
      ...['mixed,E2,like', 'mixed,D1,dislike', 'mixed,D2,ban', 'mixed,C2,dislike'],
    ];
    writeFileSync(join(opposed.path, 'events.csv'), ['user,item,type', ...plays, ...more].join('\n'));
    await opposed.segue(['train', 'events.csv', '--items', 'items.csv', '--factors', '4', '--epochs', '3']);
  });
  afterAll(() => {
    opposed.remove();
  });

  it.each([[[]], [['--include-heard']]])('they are those of each alone (%j)', async (more) => {
    const args = ['recommend', '--kind', 'artist', ...more];
    const all = await opposed.json([...args, '--all']);
    const users = all.map(({ user }) => user as string);
    expect(await opposed.json([...args, ...users])).toEqual(all);
    const artistsOf = (user: string): string[] => {
      const found = all.find((answer) => answer['user'] === user)?.['recommendations'] as { id: string }[];
      return found.map(({ id }) => id).toSorted();
    };
    const heard = more.length > 0;
    expect(artistsOf('one')).toEqual(heard ? ['A', 'B', 'C', 'D', 'E'] : ['B', 'D', 'E']);
    expect(artistsOf('both')).toEqual(heard ? ['A', 'C', 'D', 'E'] : ['C', 'D', 'E']);
    expect(artistsOf('mixed')).toEqual(heard ? ['A', 'B', 'C', 'E'] : ['A', 'B', 'C']);
  });
});
