import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { recommend, similar } from '#dist/core/library.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { useCanaryHere } from '../helpers/canary-here.js';
import { copyGoldenRoot, goldenPath } from '../helpers/golden-root.js';
import { runHere } from '../helpers/run-here.js';
import { listening } from '../helpers/snapshots.js';
import { makeQueryRoot } from '../queries/roots.js';
import { hashesBelow, type Folder } from '../helpers/trained-root.js';

useCanaryHere();

const played = ['bs1', 'bs2', 'bs3', 'qu1', 'qu2', 'ab1', 'ab2', 'ac1', 'ac2', 'bj1', 'bj2', 'no1', 'no2'];

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
  ({ folder } = await makeQueryRoot('kinds'));
  root = join(folder.path, 'root');
  snapshot = join(root, 'current');
  kinds = { item: await readKind('item'), artist: await readKind('artist'), album: await readKind('album') };
});
afterAll(() => folder.remove());

const trainArgs = ['train', 'plays.csv', '--items', 'items.csv', '--factors', '6', '--epochs', '4'];

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
  return similar({ root, items, k: 99, ...more }, listening());
}

async function recommended(more: Partial<Parameters<typeof recommend>[0]>): Promise<any> {
  return (await recommend({ root, k: 99, ...more }, listening()))[0];
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
    expect(ids.length).toBe(played.length + 1);
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

describe('recommend', () => {
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
        const scored = own.filter((id) => played.includes(id));
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
});

it('a vector from elsewhere goes from user-vector to similar and to recommend', async () => {
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
  const artists = await run(['recommend', '--kind', 'artist', '-k', '99'], stdout);
  expect(idsOf(artists, 'recommendations')).toEqual(rank('artist', (vector) => dot(vector, mine)));
  const other = JSON.stringify({ basis: '0123456789abcdef', vector: mine });
  const { error } = await run(['similar'], other, 2);
  expect(error).toMatchObject({ code: 'other-basis', details: { got: '0123456789abcdef' } });
  await run(['recommend', 'user-3'], stdout, 2);
});

it('where there are no such vectors an old snapshot says which command makes them, and caps by its table', async () => {
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
  const { ids, columns } = await readItemTable(join(oldRoot, 'snapshots', old.snapshot!, 'model/item.arrow'));
  const artists = columns.find(({ name }) => name === 'artist')!.values;
  const rowOf = new Map(Array.from({ length: ids.length }, (_, row) => [ids.at(row), row]));
  const capped = idsOf(await near([`id:${ids.at(0)}`], { ...old, maxPerArtist: 1, k: 50 }));
  const named = capped.flatMap((id) => artists[rowOf.get(id)!] ?? []);
  expect(named.length).toBeGreaterThan(10);
  expect(new Set(named).size).toBe(named.length);
});
