/** Gates that are measured while publishing, and canary items: through `publish` itself, on snapshots of known vectors. */
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import type { GateVerdict } from '#dist/core/gates/gates.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { publish } from '#dist/core/tasks/publish.js';
import type { PublishOptions, PublishResult } from '#dist/core/tasks/publish.js';
import { similar } from '#dist/core/library.js';
import { diffOfTwo } from '../../helpers/differences.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, idC, listening, makeSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { words } from '../../helpers/words.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
let root: string;

type Item = readonly [string, ...number[]];

function randomItems(names: readonly string[], seed: number, turn = 0): Item[] {
  const random = seededRandom(seed);
  const turning = seededRandom(seed + 1);
  return names.map((name) => [
    name,
    ...Array.from({ length: 4 }, () => random.nextFraction() - 0.5 + turn * (turning.nextFraction() - 0.5)),
  ]);
}

const names = Array.from({ length: 60 }, (_, at) => `song-${at}`);
const users = (count: number, rows: number): Map<string, number[]> =>
  new Map(
    Array.from({ length: count }, (_, u) => [`user-${u}`, Array.from({ length: rows }, (__, row) => row)]),
  );

beforeAll(async () => {
  root = join(keptDirectory(), 'root');
  await makeSmallSnapshot(root, idA, {
    items: randomItems(names, 1),
    users: users(6, 30),
    unplayed: ['never'],
  });
  await makeSmallSnapshot(root, idB, {
    items: [...randomItems(names, 1, 0.4).slice(0, 57), ...randomItems(['new-1'], 9)],
    users: users(8, 30),
    content: { metrics: { loss: 0.25 } },
  });
  // Without anybody's history.
  await makeSmallSnapshot(root, idC, { items: randomItems(names, 1) });
});

function judge(options: Partial<PublishOptions> = {}): Promise<PublishResult> {
  return publish({ root, require: [], dryRun: true, ...options }, listening());
}

async function verdictsOf(options: Partial<PublishOptions>): Promise<readonly GateVerdict[]> {
  try {
    return (await judge(options)).gates;
  } catch (error) {
    const { details } = error as { details: { gates?: readonly GateVerdict[] } };
    if (details.gates === undefined) throw error;
    return details.gates;
  }
}

/** A gates file with these canary items. */
function canaries(...items: readonly Record<string, unknown>[]): string {
  const path = join(temporaryDirectory(), 'gates.json');
  writeFileSync(path, JSON.stringify({ canaries: items }));
  return path;
}

describe('numbers against what is current', () => {
  const require = words`overlap@10>=0 overlap@10.all>=0 items.added<1 items.removed>=3 users.added>0`;

  beforeEach(() => rmSync(rootPath.current(root), { force: true }));

  it('are not judged while nothing is published: they pass, and it is said', async () => {
    const gates = await verdictsOf({ snapshot: idB, require: [...require, 'change.loss<0'] });
    expect(gates).toHaveLength(6);
    for (const gate of gates) {
      expect(gate).toMatchObject({ kind: 'compared', value: null, passed: true, judged: false });
      expect(gate.note).toContain('nothing is published yet');
    }
  });

  it('are those of diff-snapshots', async () => {
    await judge({ snapshot: idA, dryRun: false });
    const further = ['change.loss<0', 'users.common>=6', 'rbo>0', 'rbo.all>0', 'drift.meanCosine>0.5'];
    const gates = await verdictsOf({ snapshot: idB, require: [...require, ...further] });
    const diff = await diffOfTwo({ root, k: 1, threads: 1, failOn: [] });
    expect(gates.map(({ value, passed, judged }) => [value, passed, judged])).toEqual([
      [diff.overlapAt10, true, true],
      [diff.overlapAt10All, true, true],
      [diff.items.added, false, true],
      [diff.items.removed, true, true],
      [diff.users?.added, true, true],
      [-0.25, true, true],
      [diff.users?.common, true, true],
      [diff.rbo, true, true],
      [diff.rboAll, true, true],
      [diff.drift?.meanCosine, true, true],
    ]);
    expect(diff.overlapAt10).toBeGreaterThan(0);
    expect(diff.overlapAt10).toBeLessThan(1);
  });

  it('do not pass where they cannot be measured', async () => {
    await judge({ snapshot: idA, dryRun: false });
    const gates = await verdictsOf({ snapshot: idC, require: ['users.removed<1000', 'change.recall@10>-1'] });
    expect(gates).toMatchObject([
      {
        value: null,
        passed: false,
        judged: true,
        note: `it cannot be measured against ${idA}, which is current`,
      },
      { value: null, passed: false, judged: true, note: expect.stringContaining('not among its numbers') },
    ]);
  });

  it('do not pass against a damaged current, which can be replaced without them', async () => {
    const copy = join(temporaryDirectory(), 'root');
    await makeSmallSnapshot(copy, idA, { items: randomItems(names, 1) });
    await makeSmallSnapshot(copy, idB, { items: randomItems(names, 2) });
    await judge({ root: copy, snapshot: idA, dryRun: false });
    const file = join(rootPath.snapshot(copy, idA), 'model/item.npy');
    chmodSync(file, 0o644);
    writeFileSync(file, 'rotten');
    const gates = await verdictsOf({ root: copy, snapshot: idB, require: ['overlap@10.all>=0'] });
    expect(gates).toMatchObject([{ value: null, passed: false, judged: true }]);
    expect(gates[0]?.note).toContain('model/item.npy');
    await judge({ root: copy, snapshot: idB, dryRun: false });
    expect(readCurrent(copy)).toBe(idB);
  });

  it('leave no stamp of current in a dry run', async () => {
    await judge({ snapshot: idA, dryRun: false });
    rmSync(rootPath.stamps(root), { recursive: true });
    await judge({ snapshot: idB, require: ['overlap@10>=0'] });
    expect(readdirSync(root)).not.toContain('stamps');
  });
});

it('coverage does not pass without users, nor for longer lists than are measured', async () => {
  expect(await verdictsOf({ snapshot: idC, require: ['coverage@10>=0'] })).toMatchObject([
    { kind: 'measured', value: null, passed: false, note: expect.stringContaining('it has no users') },
  ]);
  expect(await verdictsOf({ snapshot: idA, require: ['coverage@1001>=0'] })).toMatchObject([
    { kind: 'measured', value: null, passed: false, note: expect.stringContaining('the first 1000') },
  ]);
});

describe('canary items', () => {
  const near = async (
    k: number,
  ): Promise<readonly { readonly id: string; readonly similarity: number }[]> => {
    const options = { root, snapshot: idA, items: ['song-3'], k, exact: true };
    return (await similar(options, listening())).neighbours;
  };

  it('have to stand among the first, with their rank in the verdict', async () => {
    const list = await near(60);
    const gates = canaries({
      similar: 'song-3',
      contains: [list[0]!.id, list[19]!.id, list[20]!.id],
      within: 20,
    });
    expect(await verdictsOf({ snapshot: idA, gates })).toMatchObject([
      {
        value: 1,
        required: '<=20',
        passed: true,
        source: 'gates.json:1',
        canary: { rank: 1, instead: [], question: 'similar song-3' },
      },
      { value: 20, passed: true, note: null },
      {
        ...{ kind: 'canary', name: `similar song-3 contains ${list[20]!.id}`, value: 21, passed: false },
        note: 'it is number 21',
        canary: { asked: 'similar', measure: 'rank', rank: 21, item: { id: list[20]!.id } },
      },
    ]);
    const failed = (await verdictsOf({ snapshot: idA, gates })).at(-1);
    expect(failed?.canary?.instead.map(({ id, rank }) => [rank, id])).toEqual(
      list.slice(0, 3).map(({ id }, at) => [at + 1, id]),
    );
  });

  it('can have to be near enough, and others not to be there', async () => {
    const list = await near(60);
    const gates = canaries({
      ...{ similar: 'song-3', contains: list[4]!.id, lacks: [list[9]!.id, list[10]!.id] },
      'min-similarity': list[4]!.similarity - 1e-6,
    });
    expect(await verdictsOf({ snapshot: idA, gates })).toMatchObject([
      { value: 5, passed: true },
      {
        ...{ name: `similar song-3: similarity of ${list[4]!.id}`, value: list[4]!.similarity, passed: true },
        canary: { measure: 'similarity' },
      },
      {
        name: `similar song-3 lacks ${list[9]!.id}`,
        value: 10,
        required: '>10',
        passed: false,
        note: 'it is number 10',
      },
      { value: null, required: '>10', passed: true },
    ]);
    const strict = canaries({ similar: 'song-3', contains: list[4]!.id, 'min-similarity': 0.999999 });
    expect(await verdictsOf({ snapshot: idA, gates: strict })).toMatchObject([
      { passed: true },
      { passed: false },
    ]);
  });

  it('are named as everywhere: by name, by id, by name whatever its case', async () => {
    const [{ id } = { id: '' }] = await near(1);
    const spellings = [`id:${id}`, `name:${id.toUpperCase()}`, id.toUpperCase()];
    const gates = canaries({ similar: 'name:song-3', contains: spellings, within: 1 });
    expect(await verdictsOf({ snapshot: idA, gates })).toMatchObject(
      spellings.map(() => ({ value: 1, passed: true })),
    );
  });

  it.each<[string, Record<string, unknown>, string]>([
    [
      'an item that nobody knows',
      { similar: 'song-3', contains: 'song-333' },
      'no item is called "song-333"; did you mean',
    ],
    [
      'a missing item that is not to be there',
      { similar: 'song-3', lacks: 'nothing' },
      'no item is called "nothing"',
    ],
    [
      'a missing item that is asked about',
      { similar: 'nothing', contains: 'song-3' },
      'no item is called "nothing"',
    ],
    ['an item without a vector', { similar: 'song-3', contains: 'never' }, 'nobody played it'],
    [
      'a direction that is nothing',
      { similar: 'song-3', minus: 'song-3', contains: 'song-4' },
      'the query is a zero vector',
    ],
    [
      'the very item that is asked about',
      { similar: 'song-3', contains: 'song-3' },
      'not among the first 1000',
    ],
  ])('do not pass, and say why, for %s', async (_what, canary, note) => {
    expect(await verdictsOf({ snapshot: idA, gates: canaries(canary) })).toMatchObject([
      { kind: 'canary', value: null, passed: false, judged: true, note: expect.stringContaining(note) },
    ]);
  });

  it('do not pass in a snapshot that has no names of items', async () => {
    const bare = temporaryDirectory();
    await makeSnapshot(bare, idA);
    const gates = canaries({ similar: 'a', contains: 'b' });
    await expect(judge({ root: bare, gates })).rejects.toMatchObject({ code: 'does-not-hold' });
  });
});

describe('the gates file', () => {
  it('beside the root is taken, and said to be; --gates none leaves it out', async () => {
    const project = temporaryDirectory();
    const own = join(project, '.segue');
    await makeSmallSnapshot(own, idA, { items: randomItems(names, 1) });
    const file = join(project, 'segue-gates.yaml');
    writeFileSync(file, 'require:\n  - items>=61\n');
    const context = listening();
    await expect(
      publish({ root: own, require: ['items>=60'], dryRun: false }, context),
    ).rejects.toMatchObject({
      code: 'does-not-hold',
      details: {
        gatesFile: file,
        gates: [
          { source: '--require', passed: true },
          { source: 'segue-gates.yaml:2', passed: false },
        ],
      },
    });
    expect(context.told).toContainEqual({ kind: 'note', message: expect.stringContaining(file) as string });
    expect(readCurrent(own)).toBeUndefined();
    expect(await judge({ root: own, gates: 'none', dryRun: false })).toMatchObject({
      gatesFile: null,
      gates: [],
    });
  });

  it('that is wrong is bad input before anything else is looked at', async () => {
    const gates = canaries({ similar: 'a' });
    await expect(judge({ root: '/nowhere', gates })).rejects.toMatchObject({
      code: 'bad-input-file',
      exitCode: 2,
    });
    await expect(judge({ gates: '/nowhere/gates.yaml' })).rejects.toMatchObject({ code: 'bad-input-file' });
  });
});
