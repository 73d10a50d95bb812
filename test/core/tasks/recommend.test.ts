import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readNpy } from '#dist/core/files/npy.js';
import { seededRandom } from '#dist/core/numeric/random.js';
import { askedOf } from '#dist/core/options/operation.js';
import { recommendQuery } from '#dist/core/options/queries.js';
import { openRecommender, type RecommendQuestion } from '#dist/core/query/open-recommender.js';
import { kindFiles } from '#dist/core/snapshot/layout.js';
import { openForReading, type OpenSnapshot } from '#dist/core/snapshot/open-snapshot.js';
import { rankingOf } from '#dist/core/search/ranked-batch.js';
import { readItemTable } from '#dist/core/tables/snapshot-tables.js';
import { recommend, type RecommendResult } from '#dist/core/library.js';
import { listening } from '../../helpers/snapshots.js';
import { makeFolder, type Folder } from '../../helpers/trained-root.js';
import { words } from '../../helpers/words.js';

/** What is recommended, beside what plain loops over the stored vectors and a count by hand say. */
const numItems = 80;
const numUsers = 25;
const idOf = (item: number): string => `i${String(item).padStart(2, '0')}`;
const artistOf = (item: number): string => `Band ${item % 9}`;
const albumOf = (item: number): string => `Record ${item % 17}`;
const yearOf = (item: number): number => 1960 + (item % 40);

interface Play {
  readonly user: string;
  readonly item: number;
  readonly type: 'play' | 'like' | 'dislike' | 'ban';
}

/** One event a pair. u0 dislikes all songs of one artist; every item is known. */
const plays = new Map<string, Play>();
const play = (user: string, item: number, type: Play['type']): void => {
  const pair = `${user} ${item}`;
  if (!plays.has(pair)) plays.set(pair, { user, item, type });
};
const random = seededRandom(4);
for (let item = 3; item < numItems; item += 9) play('u0', item, 'dislike');
for (let item = 0; item < numItems; item++) play('everything', item, 'play');
for (let user = 0; user < numUsers; user++) {
  for (let n = 0; n < 14; n++) {
    const item = Math.floor(numItems * random.nextFraction() ** 1.5);
    play(`u${user}`, item, (['dislike', 'like', 'ban'] as const)[random.nextBelow(9)] ?? 'play');
  }
}

let folder: Folder;
let root: string;
let snapshot: OpenSnapshot;
beforeAll(async () => {
  folder = makeFolder();
  root = join(folder.path, 'root');
  const lines = Array.from(plays.values(), ({ user, item, type }) => `${user},${idOf(item)},1,${type}`);
  writeFileSync(join(folder.path, 'events.csv'), ['user,item,weight,type', ...lines].join('\n'));
  const items = Array.from(
    { length: numItems },
    (_, item) => `${idOf(item)},Song ${item},${artistOf(item)},${albumOf(item)},${yearOf(item)}`,
  );
  writeFileSync(join(folder.path, 'items.csv'), ['id,name,artist,album,released', ...items].join('\n'));
  await folder.segue(words`train events.csv --items items.csv --factors 8 --epochs 4 --threads 1`);
  snapshot = await openForReading(root, 'latest', listening());
});
afterAll(() => {
  snapshot.close();
  folder.remove();
});

const usual = { users: [], like: [], dislike: [], includeHeard: false, k: 10 };

function ask(question: Partial<RecommendQuestion>, context = listening()): Promise<RecommendResult[]> {
  return recommend({ root, snapshot: 'latest', ...usual, ...question }, context);
}

/** The vectors of a file, a row each. */
function vectorsOf(name: string): number[][] {
  const { data, shape } = readNpy(join(root, 'snapshots', snapshot.id, name), {
    ...{ dtype: '<f4' as const, shape: [undefined, undefined] },
  });
  const [rows = 0, dim = 0] = shape;
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * dim, (row + 1) * dim)]);
}

interface Scored {
  readonly name: string;
  readonly score: number;
}

/** Every row of a kind by its inner product with a vector, the best first, by its id or (of artists) name. */
async function ranked(vector: readonly number[], kind: 'item' | 'artist' = 'item'): Promise<Scored[]> {
  const table = await readItemTable(snapshot.file(kindFiles[kind].table));
  return vectorsOf(kindFiles[kind].vectors)
    .map((row, at) => ({
      name: kind === 'item' ? table.ids.at(at) : table.names.at(at),
      score: row.reduce((sum, x, f) => sum + x * vector[f]!, 0),
    }))
    .sort((a, b) => b.score - a.score);
}

function expectSame({ recommendations, kind }: RecommendResult, wanted: readonly Scored[], k = 10): void {
  const names = recommendations.map(({ id, name }) => (kind === undefined ? id : name));
  expect(names).toEqual(wanted.slice(0, k).map(({ name }) => name));
  recommendations.forEach(({ score, rank }, at) => {
    expect(score).toBeCloseTo(wanted[at]!.score, 5);
    expect(rank).toBe(at + 1);
  });
}

describe('recommend', () => {
  it('scores a new user by the vector that their opinions make, and a vector that is given by itself', async () => {
    const opinions = { like: [idOf(5), idOf(14)], dislike: [idOf(7)] };
    const [told] = await folder.json([
      ...['user-vector', '--snapshot', 'latest', '--like', idOf(5), '--like', idOf(14), '--dislike', idOf(7)],
    ]);
    const vector = told!['vector'] as number[];
    const all = await ranked(vector);
    const out = [...opinions.like, ...opinions.dislike];
    expectSame(
      (await ask(opinions))[0]!,
      all.filter(({ name }) => !out.includes(name)),
    );

    const file = join(folder.path, 'vector.json');
    writeFileSync(file, JSON.stringify({ vector, basis: snapshot.basis }));
    const [given] = await ask({ vector: file });
    expectSame(given!, all);
    expect(given).toMatchObject({ user: null, vector: { user: null, basis: snapshot.basis } });
    expectSame((await ask({ vector: file, kind: 'artist', k: 3 }))[0]!, await ranked(vector, 'artist'), 3);
  });
});

describe('an open recommender', () => {
  it.each([
    { k: 7 },
    { k: 7, includeHeard: true, exclude: [idOf(4)] },
    { k: 3, kind: 'artist' },
    { k: 5, maxPerArtist: 1, where: 'released >= 1970' },
  ])('ranks blocks of users as each of them alone: %j', async (limits) => {
    const recommender = openRecommender(snapshot, { inMemory: true });
    const question = await recommender.prepare(askedOf(recommendQuery, limits), listening());
    const stored = await recommender.users({});
    const ranker = await question.forRows(stored, { mostUsers: 8, threads: 2 });
    for (let from = 0; from < numUsers; from += 8) {
      const rows = Uint32Array.from({ length: Math.min(8, numUsers - from) }, (_, at) => from + at);
      const { ranked: block } = await ranker.rank(rows);
      for (const [at, row] of rows.entries()) {
        const alone = await question.forListener({ user: null, history: stored.historyOf(row) });
        const found = rankingOf(block, at).map(({ row: of, score }) => ({
          ...{ id: recommender.catalogue().record(question.kind.name, of).id, score },
        }));
        expect(found).toEqual(alone.recommendations.map(({ id, score }) => ({ id, score })));
      }
    }
    await ranker.close();
    recommender.close();
  });
});
