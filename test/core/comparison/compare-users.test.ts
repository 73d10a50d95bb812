import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { diffSnapshots } from '#dist/core/tasks/diff-snapshots.js';
import type { DiffOptions, DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { diffOfTwo } from '../../helpers/differences.js';
import { makeSmallSnapshot, type SmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, idC, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

type Vector = readonly number[];
type Item = readonly [string, ...number[]];
type World = SmallSnapshot & {
  readonly items: readonly Item[];
  readonly users: ReadonlyMap<string, readonly number[]>;
  readonly userVectors: ReadonlyMap<string, Vector>;
};

const dim = 4;
const numItems = 80;
const numUsers = 30;

const random = seededRandom(11);
const randomVector = (): number[] => Array.from({ length: dim }, () => random.nextFraction() - 0.5);
const dot = (a: Vector, b: Vector): number => a.reduce((sum, x, f) => sum + x * b[f]!, 0);
/** A quarter turn in two planes at once. */
const turned = ([a, b, c, d]: Vector): number[] => [-b!, a!, -d!, c!];

const itemVectors = Array.from({ length: numItems }, randomVector);
const itemsA = itemVectors.map((vector, at): Item => [`song-${String(at)}`, ...vector]);
const vectorsA = new Map(Array.from({ length: numUsers }, (_, u) => [`user-${String(u)}`, randomVector()]));
/** The seen items of each user: the 8 items that suit them best, but the first. */
const heard = (vector: Vector): number[] =>
  itemVectors
    .map((item, row) => [row, dot(vector, item)] as const)
    .sort((a, b) => b[1] - a[1])
    .slice(1, 9)
    .map(([row]) => row)
    .sort((a, b) => a - b);
const historiesA = new Map([...vectorsA].map(([user, vector]) => [user, heard(vector)]));
const worldA: World = { items: itemsA, users: historiesA, userVectors: vectorsA };

/** The same taste in another basis; rows of items and of users stand elsewhere. */
const shift = 7;
const shifted = <T>(all: readonly T[]): T[] => [...all.slice(-shift), ...all.slice(0, -shift)];
const worldB: World = {
  items: shifted(itemsA).map(([id, ...vector]): Item => [id, ...turned(vector)]),
  users: new Map(
    shifted([...historiesA]).map(([user, rows]) => [
      user,
      rows.map((row) => (row + shift) % numItems).sort((a, b) => a - b),
    ]),
  ),
  userVectors: new Map([...vectorsA].map(([user, vector]) => [user, turned(vector)])),
};

/** B, but user-3 turned round, and user-5 heard what A would have recommended first. */
function changedWorld(): World {
  const userVectors = new Map(worldB.userVectors);
  userVectors.set(
    'user-3',
    [...userVectors.get('user-3')!].map((x) => -x),
  );
  const users = new Map(worldB.users);
  const first = topOf(worldA, 'user-5')[0]!;
  const row = worldB.items.findIndex(([id]) => id === first);
  users.set(
    'user-5',
    [...users.get('user-5')!, row].sort((a, b) => a - b),
  );
  return { ...worldB, users, userVectors };
}

/** Ids of the best k items that a user has not heard, by sorting everything. */
function topOf({ items, users, userVectors }: World, user: string, k = 10): string[] {
  const own = new Set(users.get(user));
  return items
    .map(([id, ...vector], row) => ({ id, row, score: dot(userVectors.get(user)!, vector) }))
    .filter(({ row }) => !own.has(row))
    .sort((a, b) => b.score - a.score)
    .slice(0, k)
    .map(({ id }) => id);
}

/** NDCG@100 of users' own histories, with vectors of one world and everything else of another. */
function fit(vectors: ReadonlyMap<string, Vector>, { items, users }: World, turn = (v: Vector) => v): number {
  const ndcgs = [...users].map(([user, rows]) => {
    const own = turn(vectors.get(user)!);
    const ranked = items
      .map(([, ...vector], row) => ({ row, score: dot(own, vector) }))
      .sort((a, b) => b.score - a.score)
      .slice(0, 100);
    const gained = ranked.reduce(
      (sum, { row }, rank) => sum + (rows.includes(row) ? 1 / Math.log2(rank + 2) : 0),
      0,
    );
    return gained / rows.reduce((sum, _, rank) => sum + 1 / Math.log2(rank + 2), 0);
  });
  return ndcgs.reduce((sum, value) => sum + value, 0) / ndcgs.length;
}

const keptDirectory = temporaryDirectories('file');
let root: string;
const worldC = changedWorld();

beforeAll(async () => {
  root = keptDirectory();
  await makeSmallSnapshot(root, idA, worldA);
  await makeSmallSnapshot(root, idB, worldB);
  await makeSmallSnapshot(root, idC, worldC);
});

function diff(options: Partial<DiffOptions> = {}): Promise<DiffResult> {
  return diffOfTwo({ root, k: 5, failOn: [], threads: 1, ...options });
}

describe('recommendations', () => {
  it('are the same in another basis, with other rows', async () => {
    const { recommendations, verdict } = await diff();
    expect(recommendations).toMatchObject({ users: numUsers, overlapAt10: 1, changedMost: [] });
    expect(recommendations!.rbo).toBeCloseTo(1, 12);
    expect(verdict.kind).toBe('same-taste');
  });

  it('name who changed most, and what went and came, as sorting everything gives it', async () => {
    const { recommendations } = await diff({ b: idC });
    const [first, second, ...others] = recommendations!.changedMost;
    expect([first!.user, second!.user, others]).toEqual(['user-3', 'user-5', []]);
    for (const { user, overlap, gone, came } of [first!, second!]) {
      const [before, after] = [topOf(worldA, user), topOf(worldC, user)];
      expect(gone.map(({ id }) => id)).toEqual(before.filter((id) => !after.includes(id)));
      expect(came.map(({ id }) => id)).toEqual(after.filter((id) => !before.includes(id)));
      expect(overlap).toBeCloseTo(before.filter((id) => after.includes(id)).length / 10, 12);
      expect(gone.map(({ name }) => name)).toEqual(gone.map(({ id }) => id.toUpperCase()));
    }
    expect(first!.cosine).toBeCloseTo(-1, 4);
    expect(second!.cosine).toBeCloseTo(1, 4);
    expect(second!.gone[0]!.id).toBe(topOf(worldA, 'user-5')[0]);
    const mean = [...vectorsA.keys()].map(
      (user) => topOf(worldA, user).filter((id) => topOf(worldC, user).includes(id)).length / 10,
    );
    expect(recommendations!.overlapAt10).toBeCloseTo(mean.reduce((sum, x) => sum + x, 0) / numUsers, 12);
  });

  it('are of a sample of the same users each time', async () => {
    const [one, other] = [await diff({ b: idC, users: 6 }), await diff({ b: idC, users: 6 })];
    expect(one.recommendations!.users).toBe(6);
    expect(other.recommendations).toEqual(one.recommendations);
    expect(one.skew!.users).toBe(6);
  });

  it('leave out who has no taste on one side, and are null where nobody is left', async () => {
    const zero = new Map([...vectorsA.keys()].map((user) => [user, [0, 0, 0, 0]]));
    await makeSmallSnapshot(root, 'dddddddddddddddd', { ...worldB, userVectors: zero });
    const result = await diff({ b: 'dddd' });
    expect(result.recommendations).toBeNull();
    const some = new Map(worldB.userVectors).set('user-0', [0, 0, 0, 0]);
    await makeSmallSnapshot(root, 'eeeeeeeeeeeeeeee', { ...worldB, userVectors: some });
    expect((await diff({ b: 'eeee' })).recommendations!.users).toBe(numUsers - 1);
  });

  it('are null where no user is in both, or one side has no users', async () => {
    const others = new Map([...worldB.users].map(([user, rows]) => [`other-${user}`, rows]));
    await makeSmallSnapshot(root, 'ffffffffffffffff', { items: worldB.items, users: others });
    expect(await diff({ b: 'ffff' })).toMatchObject({ recommendations: null, skew: null });
    await makeSmallSnapshot(root, '1111111111111111', { items: worldB.items });
    expect(await diff({ b: '1111' })).toMatchObject({ users: null, recommendations: null, skew: null });
  });
});

describe('skew', () => {
  it('is what users of A lose with items of B, and that the rotation gives it back', async () => {
    const { skew } = await diff();
    expect(skew).toMatchObject({ users: numUsers, measure: 'ndcg@100 of own history' });
    expect(skew!.matched).toBeCloseTo(fit(worldB.userVectors, worldB), 6);
    expect(skew!.mixed).toBeCloseTo(fit(vectorsA, worldB), 6);
    expect(skew!.rotated).toBeCloseTo(skew!.matched, 6);
    expect(skew!.lost).toBeCloseTo(1 - skew!.mixed / skew!.matched, 12);
    expect(skew!.lost).toBeGreaterThan(0.2);
  });

  it('of one basis says how much fresher users matter, without a rotation', async () => {
    const content = { basis: idA };
    const fresher = new Map([...vectorsA].map(([user, vector]) => [user, [...vector].map((x) => x + 0.5)]));
    await makeSmallSnapshot(root, '2222222222222222', { ...worldA, userVectors: fresher, content });
    const { skew, verdict, drift } = await diff({ a: '2222', b: idA });
    expect(drift).toMatchObject({ aligned: 'direct', meanCosine: 1, residual: 0 });
    expect(skew!.rotated).toBeNull();
    expect(skew!.mixed).toBeCloseTo(fit(fresher, worldA), 6);
    expect(skew!.lost).toBeGreaterThan(0);
    expect(verdict.kind).toBe('same-basis');
    expect(verdict.sentence).toMatch(
      /^the identical model, other parts: other users \(those of A would lose \d+ % /,
    );
  });

  it('is null between two widths', async () => {
    const wide = worldB.items.map(([id, ...vector]): Item => [id, ...vector, 0]);
    await makeSmallSnapshot(root, '3333333333333333', { ...worldB, items: wide });
    const { skew, drift } = await diff({ b: '3333' });
    expect(skew).toBeNull();
    expect(drift!.meanCosine).toBeCloseTo(1, 6);
  });

  it('can be asked for by --fail-on', async () => {
    await expect(diff({ failOn: ['skew.lost>0.1'] })).rejects.toMatchObject({ code: 'does-not-hold' });
    const { failOn } = await diff({
      failOn: ['skew.rotated<0.1', 'recommendations.overlap@10<1', 'drift.meanCosine<0.99'],
    });
    expect(failOn.map(({ holds }) => holds)).toEqual([false, false, false]);
    await expect(diff({ b: '1111', failOn: ['skew.lost>0.1'] })).rejects.toMatchObject({
      message: expect.stringContaining('skew.lost could not be measured'),
    });
  });
});

describe('the whole comparison', () => {
  it('has the same bits at 1 and 3 threads', async () => {
    const [one, three] = [await diff({ b: idC }), await diff({ b: idC, threads: 3 })];
    expect({ ...three, seconds: 0 }).toEqual({ ...one, seconds: 0 });
  });

  it('stops where it is told to, with the reason', async () => {
    const stop = new AbortController();
    const context = {
      signal: stop.signal,
      onProgress: () => {
        stop.abort();
      },
    };
    const options = { root, a: idA, b: idB, k: 5, failOn: [], threads: 1 };
    await expect(diffSnapshots(options, context)).rejects.toMatchObject({ code: 'interrupted' });
  });

  it('tells how far each part of it is', async () => {
    const context = listening();
    await diffSnapshots({ root, a: idA, b: idB, k: 5, failOn: [], threads: 1 }, context);
    const phases = new Set(
      context.told.flatMap((progress) => (progress.kind === 'step' ? progress.phase : [])),
    );
    expect([...phases]).toEqual([
      `comparing neighbours in ${idA}`,
      `comparing neighbours in ${idB}`,
      'finding the best rotation',
      'comparing vectors',
      `recommending from ${idA}`,
      `recommending from ${idB}`,
    ]);
  });
});
