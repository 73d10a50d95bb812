import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { isLeased } from '#dist/core/snapshot/lease.js';
import { diffSnapshots } from '#dist/core/tasks/diff-snapshots.js';
import type { BundleDiffResult, DiffOptions, DiffResult } from '#dist/core/tasks/diff-snapshots.js';
import { publish } from '#dist/core/tasks/publish.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { diffOfTwo } from '../../helpers/differences.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { contentOf, idA, idB, idC, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

useCanaryHere();

const keptDirectory = temporaryDirectories('file');
let root: string;

type Item = readonly [string, ...number[]];

/** Unit-free vectors of 4 dims, seeded; `turn` moves each a little. */
function randomItems(ids: readonly string[], seed: number, turn = 0, turnSeed = 1): Item[] {
  const random = seededRandom(seed);
  const turning = seededRandom(turnSeed);
  return ids.map((id) => [
    id,
    ...Array.from({ length: 4 }, () => random.nextFraction() - 0.5 + turn * (turning.nextFraction() - 0.5)),
  ]);
}

const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, f) => sum + value * y[f]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

/** Top 10 by id, the obvious way. */
function neighboursOf(items: readonly Item[], id: string): string[] {
  const vectorOf = ([, ...vector]: Item): number[] => vector;
  const own = vectorOf(items.find(([other]) => other === id)!);
  return items
    .filter(([other]) => other !== id)
    .map((item) => [item[0], cosine(own, vectorOf(item))] as const)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 10)
    .map(([other]) => other);
}

const idsA = Array.from({ length: 60 }, (_, at) => `song-${at}`);
// B lost the 2 least played, and 3 came in at the top.
const itemsA = randomItems(idsA, 1);
const itemsB = [
  ...randomItems(['new-1', 'new-2'], 2),
  ...randomItems(idsA, 1, 0.4).slice(0, 58),
  ...randomItems(['new-3'], 3),
];

/** Items 0 … 29 of A have 5 users in A, all of B's have 6. */
const usersA = new Map(
  Array.from({ length: 5 }, (_, u) => [`user-${u}`, Array.from({ length: 30 }, (__, row) => row)]),
);
const usersB = new Map(
  Array.from({ length: 6 }, (_, u) => [`user-${u + 1}`, Array.from({ length: 61 }, (__, row) => row)]),
);

beforeAll(async () => {
  root = keptDirectory();
  await makeSmallSnapshot(root, idA, { items: itemsA, users: usersA, unplayed: ['new-1', 'never'] });
  const { model } = contentOf(idB);
  await makeSmallSnapshot(root, idB, {
    items: itemsB,
    users: usersB,
    content: { model: { ...model, seed: 7, options: { factors: 2, epochs: 3 } }, metrics: { loss: 0.25 } },
  });
  await makeSmallSnapshot(root, idC, { items: itemsA });
});

function diff(options: Partial<DiffOptions> = {}): Promise<DiffResult> {
  return diffOfTwo({ root, k: 10, failOn: [], threads: 1, ...options });
}

describe('diff-snapshots', () => {
  it('counts items with vectors, and names the most played of those that came and went', async () => {
    const { a, b, items } = await diff({ k: 2 });
    expect(a).toMatchObject({
      snapshot: idA,
      basis: idA,
      parent: null,
      model: 'als',
      dim: 4,
      items: 60,
      users: 5,
    });
    expect(b).toMatchObject({ snapshot: idB, items: 61, users: 6 });
    expect(items).toEqual({
      added: 3,
      removed: 2,
      common: 58,
      addedTop: [
        { id: 'new-1', name: 'NEW-1' },
        { id: 'new-2', name: 'NEW-2' },
      ],
      removedTop: [
        { id: 'song-58', name: 'SONG-58' },
        { id: 'song-59', name: 'SONG-59' },
      ],
    });
  });

  it('counts users, and says null where one side has none', async () => {
    expect((await diff()).users).toEqual({ added: 2, removed: 1, common: 4 });
    expect((await diff({ b: idC })).users).toBeNull();
  });

  it('measures the overlap that sorting everything gives, well-known items apart', async () => {
    const overlapOf = (id: string): number => {
      const inB = new Set(neighboursOf(itemsB, id));
      return neighboursOf(itemsA, id).filter((other) => inB.has(other)).length / 10;
    };
    const meanOf = (ids: readonly string[]): number =>
      ids.reduce((sum, id) => sum + overlapOf(id), 0) / ids.length;
    const result = await diff();
    expect(result.overlapAt10).toBeCloseTo(meanOf(idsA.slice(0, 30)), 10);
    expect(result.overlapAt10All).toBeCloseTo(meanOf(idsA.slice(0, 58)), 10);
    expect(result.overlapAt10).toBeGreaterThan(0.1);
    expect(result.overlapAt10).toBeLessThan(0.95);
    expect(result.compared).toEqual({ items: 30, itemsAll: 58, all: true });
    const [most] = result.changedMost;
    expect(most!.overlap).toBe(Math.min(...idsA.slice(0, 30).map(overlapOf)));
    expect(most!.overlap).toBeCloseTo(overlapOf(most!.id), 10);
    expect(result.changedMost).toHaveLength(10);
  });

  it('is the same from the other side, but for what came and went', async () => {
    const [there, back] = [await diff(), await diff({ a: idB, b: idA })];
    expect(back.overlapAt10).toBeCloseTo(there.overlapAt10!, 12);
    expect(back.items).toMatchObject({ added: 2, removed: 3 });
  });

  it('finds nothing changed between a snapshot and itself', async () => {
    const result = await diff({ b: idA });
    expect(result).toMatchObject({ overlapAt10: 1, overlapAt10All: 1, changedMost: [] });
    expect(result.settings.every(({ same }) => same)).toBe(true);
    expect(result.metrics.every(({ change }) => change === 0)).toBe(true);
  });

  it('counts every item as well known where there are no histories', async () => {
    expect((await diff({ a: idC, b: idC })).compared).toEqual({ items: 60, itemsAll: 60, all: true });
  });

  it('puts settings and metrics side by side', async () => {
    const { settings, metrics } = await diff();
    const different = settings.filter(({ same }) => !same);
    expect(different.map(({ name, a, b }) => [name, a, b])).toEqual([
      ['inputs.interactions', expect.any(String), expect.any(String)],
      ['model.epochs', null, 3],
      ['model.objective', 'ials', null],
      ['model.seed', 42, 7],
    ]);
    expect(settings).toContainEqual({ name: 'model.factors', a: 2, b: 2, same: true });
    expect(metrics).toContainEqual({ name: 'loss', a: 0.5, b: 0.25, change: -0.25 });
    expect(metrics).toContainEqual({ name: 'ndcg@100', a: 0.25, b: null, change: null });
    expect(metrics).toContainEqual({ name: 'items', a: 60, b: 61, change: 1 });
  });

  it('compares a sample of the same items each time, and says so', async () => {
    const [first, second] = [await diff({ sample: 8 }), await diff({ sample: 8 })];
    expect(first.compared).toEqual({ items: 8, itemsAll: 8, all: false });
    expect(second.overlapAt10).toBe(first.overlapAt10);
  });
});

describe('items of one and the same user', () => {
  it('all have one direction, and overlap whatever their order', async () => {
    const tied = idsA.slice(0, 30);
    await makeSmallSnapshot(root, 'dddddddddddddddd', { items: tied.map((id) => [id, 1, 0]) });
    await makeSmallSnapshot(root, 'eeeeeeeeeeeeeeee', { items: tied.toReversed().map((id) => [id, 0, 1]) });
    const result = await diff({ a: 'dddd', b: 'eeee' });
    expect(result.overlapAt10).toBe(1);
  });

  it('without any direction are left out: no overlap is no number', async () => {
    await makeSmallSnapshot(root, 'ffffffffffffffff', {
      items: [
        ['song-0', 0, 0],
        ['song-1', 0, 0],
      ],
    });
    const result = await diff({ b: 'ffff', failOn: ['items.added>5'] });
    expect(result).toMatchObject({
      overlapAt10: null,
      overlapAt10All: null,
      compared: { items: 0 },
      changedMost: [],
    });
    await expect(diff({ b: 'ffff', failOn: ['overlap@10<0.1'] })).rejects.toMatchObject({
      code: 'does-not-hold',
      message: expect.stringContaining('overlap@10 could not be measured'),
    });
  });
});

describe('--fail-on', () => {
  it('lets through what does not hold, with the verdicts', async () => {
    const { failOn } = await diff({ failOn: ['overlap@10<0.1', 'items.removed>2', 'change.loss>0'] });
    expect(failOn).toEqual([
      { name: 'overlap@10', value: expect.any(Number), condition: '<0.1', holds: false },
      { name: 'items.removed', value: 2, condition: '>2', holds: false },
      { name: 'change.loss', value: -0.25, condition: '>0', holds: false },
    ]);
  });

  it('fails where a condition holds, exit 1, with the whole comparison in the details', async () => {
    await expect(diff({ failOn: ['overlap@10<0.99', 'items.added>5'] })).rejects.toMatchObject({
      code: 'does-not-hold',
      exitCode: 1,
      message: expect.stringMatching(
        /^the snapshots differ too much: overlap@10 is 0\.\d+, which is <0\.99$/,
      ),
      details: { items: { added: 3 }, failOn: [{ holds: true }, { holds: false }] },
    });
  });

  it('fails on a name that it does not know, and lists those that it knows', async () => {
    await expect(diff({ failOn: ['overlap@11<0.8'] })).rejects.toMatchObject({
      code: 'does-not-hold',
      suggestions: [
        expect.stringMatching(
          /overlap@10, overlap@10\.all, rbo, .*drift\.meanCosine.*skew\.lost, items\.added/,
        ),
      ],
    });
  });

  it('is bad usage where it is no comparison', async () => {
    await expect(diff({ a: 'nothing', failOn: ['overlap@10'] })).rejects.toMatchObject({ code: 'bad-usage' });
  });
});

describe('of two bundles', () => {
  const publishBoth = async (members: Readonly<Record<string, string>>): Promise<string> =>
    (await publish({ root, members, require: [], dryRun: false }, listening())).published;
  const diffBundles = async (options: Partial<DiffOptions>): Promise<BundleDiffResult> => {
    const result = await diffSnapshots(
      { root, a: idA, b: idB, k: 10, failOn: [], threads: 1, ...options },
      listening(),
    );
    if (!('members' in result)) throw new Error('no two bundles');
    return result;
  };
  let a: string;
  let b: string;
  beforeAll(async () => {
    a = await publishBoth({ discover: idA, radio: idA, deep: idC });
    b = await publishBoth({ radio: idB, discover: idA, extra: idC });
  });

  it('compares each member with that of its name, and names those that came and went', async () => {
    const { seconds: _, failOn: __, ...ofRadio } = await diff();
    const result = await diffBundles({ a, b });
    expect(result).toMatchObject({ a: { bundle: a }, b: { bundle: b }, failOn: [] });
    expect(result.members).toEqual([
      { as: 'radio', change: 'changed', a: idA, b: idB, difference: ofRadio },
      { as: 'discover', change: 'same', a: idA, b: idA, difference: null },
      { as: 'extra', change: 'added', a: null, b: idC, difference: null },
      { as: 'deep', change: 'removed', a: idC, b: null, difference: null },
    ]);
    expect(await diff({ a, b, as: 'radio' })).toMatchObject(ofRadio);
  });

  it('asks conditions of every member that both have, and of the bundles themselves', async () => {
    const { failOn } = await diffBundles({ a, b, failOn: ['items.removed>2', 'members.removed>1'] });
    expect(failOn).toEqual([
      { name: 'members.removed', value: 1, condition: '>1', holds: false },
      { as: 'radio', name: 'items.removed', value: 2, condition: '>2', holds: false },
      { as: 'discover', name: 'items.removed', value: 0, condition: '>2', holds: false },
    ]);
    await expect(diffBundles({ a, b, failOn: ['items.removed>1', 'members.added>0'] })).rejects.toMatchObject(
      {
        ...{ code: 'does-not-hold', exitCode: 1 },
        message:
          'the snapshots differ too much: members.added is 1, which is >0; radio: items.removed is 2, which is >1',
      },
    );
    await expect(diffBundles({ a, b, failOn: ['overlap@11<1'] })).rejects.toMatchObject({
      suggestions: [expect.stringMatching(/members\.added, .*overlap@10/)],
    });
  });

  it('does not let a condition pass where no name is in both', async () => {
    const other = await publishBoth({ other: idA });
    await expect(diffBundles({ a, b: other, failOn: ['overlap@10<0.8'] })).rejects.toMatchObject({
      code: 'does-not-hold',
    });
    expect((await diffBundles({ a, b: other })).members.map(({ change }) => change)).toEqual([
      ...['added', 'removed', 'removed', 'removed'],
    ]);
  });

  it('compares the first member with what is no bundle, and says so', async () => {
    const telling = listening();
    const result = await diffSnapshots({ root, a, b: idB, k: 10, failOn: [], threads: 1 }, telling);
    expect(result).toMatchObject({ a: { snapshot: idA }, b: { snapshot: idB } });
    expect(telling.told).toContainEqual({
      kind: 'note',
      message: `discover of the bundle ${a} is compared, its first`,
      suggestions: ['`as` radio', '`as` deep'],
    });
  });

  it('lets go of both bundles and of their members', async () => {
    await diffBundles({ a, b });
    expect([a, b, idA, idB].map((id) => isLeased(rootPath.snapshot(root, id)))).toEqual(Array(4).fill(false));
  });
});
