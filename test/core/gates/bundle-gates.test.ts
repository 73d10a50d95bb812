/** Gates across the members of a bundle: what all of them know, how far apart they are, and which names came and went. */
import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GateVerdict } from '#dist/core/gates/gates.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import type { ManifestContent } from '#dist/core/snapshot/manifest.js';
import { GatesDoNotHold, publish } from '#dist/core/tasks/publish.js';
import type { PublishOptions } from '#dist/core/tasks/publish.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { contentOf, idA, idB, idC, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

useCanaryHere();

const keptDirectory = temporaryDirectories('file');
let root: string;

const items = (from: number, to: number): (readonly [string, number, number])[] =>
  Array.from({ length: to - from }, (_, at) => [`song-${from + at}`, 1, from + at] as const);
const users = (from: number, to: number): Map<string, number[]> =>
  new Map(Array.from({ length: to - from }, (_, at) => [`user-${from + at}`, [0, 1]]));

function until(id: string, lastAt: string | null): Partial<ManifestContent> {
  const { inputs } = contentOf(id);
  return { inputs: { ...inputs, interactions: { ...inputs.interactions, lastAt } } };
}

beforeAll(async () => {
  root = join(keptDirectory(), 'root');
  const day = (n: number): string => `2026-01-0${n}T12:00:00.000Z`;
  await makeSmallSnapshot(root, idA, {
    items: items(0, 20),
    users: users(0, 8),
    content: until(idA, day(8)),
  });
  // The users of A but for two, and the items but for four; beside them others.
  await makeSmallSnapshot(root, idB, {
    ...{ items: items(4, 21), users: users(2, 12), unplayed: ['song-0'] },
    content: until(idB, day(5)),
  });
  await makeSmallSnapshot(root, idC, { items: items(0, 20), content: until(idC, null) });
});
beforeEach(() => rmSync(rootPath.current(root), { force: true }));

const across = ['members.sharedUsers>=0', 'members.sharedItems>=0', 'members.daysApart<=99'];

async function verdictsOf(options: Partial<PublishOptions>): Promise<readonly GateVerdict[]> {
  try {
    return (await publish({ root, require: across, dryRun: true, ...options }, listening())).gates;
  } catch (error) {
    if (error instanceof GatesDoNotHold) return error.result.gates;
    throw error;
  }
}

const valuesOf = async (options: Partial<PublishOptions>): Promise<unknown[]> =>
  (await verdictsOf(options)).map(({ value, note }) => [value, note]);

describe('gates across members', () => {
  it('measure what all members know, of the one that knows most, and the days between their data', async () => {
    expect(await verdictsOf({ members: { discover: idA, radio: idB } })).toEqual([
      {
        ...{
          kind: 'measured',
          name: 'members.sharedUsers',
          value: 0.6,
          required: '>=0',
          source: '--require',
        },
        ...{ passed: true, judged: true, canary: null },
        note: 'all members know 6 of the 10 users of radio',
      },
      expect.objectContaining({ value: 0.8, note: 'all members know 16 of the 20 items of discover' }),
      expect.objectContaining({
        value: 3,
        note: 'events: those of discover end 2026-01-08T12:00:00.000Z, those of radio end 2026-01-05T12:00:00.000Z',
      }),
    ]);
    // Whatever the order of the members is.
    const turned = await verdictsOf({ members: { radio: idB, third: idA, discover: idA } });
    expect(turned.map(({ value }) => value)).toEqual([0.6, 0.8, 3]);
  });

  it('are 1 and 0 where all members are of one training, or there is only one', async () => {
    for (const members of [{ discover: idA }, { discover: idA, radio: idA }])
      expect(await valuesOf({ members })).toEqual([
        [1, null],
        [1, null],
        [0, null],
      ]);
  });

  it('do not pass where a member has no users or no times', async () => {
    const gates = await verdictsOf({ members: { discover: idA, radio: idC } });
    expect(gates.map(({ value, passed, note }) => [value, passed, note])).toEqual([
      [null, false, 'radio has no users'],
      [1, true, null],
      [null, false, 'the events of radio have no times'],
    ]);
  });

  it('are not judged of what is no bundle', async () => {
    for (const gate of await verdictsOf({ snapshot: idA }))
      expect(gate).toMatchObject({ value: null, judged: false, passed: true, note: 'it is no bundle' });
  });

  it('stand after those of each member, and say in the error what was measured', async () => {
    const require = ['members.sharedUsers>=0.9', 'items>=17'];
    const failed = publish(
      { root, members: { discover: idA, radio: idB }, require, dryRun: false },
      listening(),
    );
    await expect(failed).rejects.toMatchObject({
      ...{ code: 'does-not-hold', exitCode: 1 },
      message: expect.stringMatching(
        /^1 of 3 gates fails for bundle [0-9a-f]{16}: members\.sharedUsers is 0\.6, required is >=0\.9 \(all members know 6 of the 10 users of radio\)$/,
      ),
      result: { gates: [{ as: 'discover' }, { as: 'radio' }, { name: 'members.sharedUsers' }] },
    });
  });

  it('stand in a gates file too, and a misspelt one is answered with the right name', async () => {
    const gates = join(keptDirectory(), 'gates.yaml');
    writeFileSync(gates, 'require:\n  - members.daysApart<=1\n');
    const members = { discover: idA, radio: idB };
    expect(await verdictsOf({ members, require: [], gates })).toMatchObject([
      { name: 'members.daysApart', source: 'gates.yaml:2', value: 3, passed: false },
    ]);
    const misspelt = await verdictsOf({ members, require: ['members.sharedUser>=1'] });
    expect(misspelt[0]?.note).toContain('did you mean members.sharedUsers?');
  });
});

describe('gates on names', () => {
  const names = ['members.added<=0', 'members.removed<=0', 'members.changed<=0'];

  it('compare with what is current, a bundle or not', async () => {
    expect(await verdictsOf({ members: { discover: idA }, require: names })).toMatchObject(
      names.map(() => ({ kind: 'compared', value: null, judged: false, passed: true })),
    );
    const both = { discover: idA, radio: idB };
    await publish({ root, members: both, require: [], dryRun: false }, listening());
    expect(await valuesOf({ members: both, require: names })).toEqual(names.map(() => [0, null]));
    expect(await valuesOf({ members: { extra: idA, discover: idB }, require: names })).toEqual([
      [1, 'extra'],
      [1, 'radio'],
      [1, 'discover'],
    ]);
    expect(await valuesOf({ snapshot: idC, require: names })).toEqual([
      [0, null],
      [2, 'discover, radio'],
      [0, null],
    ]);
    await publish({ root, snapshot: idC, require: [], dryRun: false }, listening());
    expect((await valuesOf({ members: both, require: names }))[0]).toEqual([2, 'discover, radio']);
  });

  it('do not pass where what is current is damaged', async () => {
    const { published } = await publish(
      { root, members: { only: idA }, require: [], dryRun: false },
      listening(),
    );
    const path = join(rootPath.snapshot(root, published), 'manifest.json');
    chmodSync(path, 0o644);
    writeFileSync(path, '{}');
    const [gate] = await verdictsOf({ members: { discover: idA }, require: ['members.removed<=0'] });
    expect(gate).toMatchObject({ value: null, judged: true, passed: false });
    expect(gate?.note).toContain('it can be replaced without this gate');
    await publish({ root, snapshot: idA, require: [], dryRun: false }, listening());
  });
});
