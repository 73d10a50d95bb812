/** Several snapshots that are published together, and read by name. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync, chmodSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { followCurrent } from '#dist/core/publishing/follow-current.js';
import { bundleOf } from '#dist/core/snapshot/bundle.js';
import { isLeased } from '#dist/core/snapshot/lease.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { manifestText } from '#dist/core/snapshot/manifest.js';
import { openForMaking, openForReading, openEach } from '#dist/core/snapshot/open-snapshot.js';
import { parseManifest } from '#dist/core/snapshot/read-manifest.js';
import { readCurrent, readLatest } from '#dist/core/snapshot/resolve-reference.js';
import { gc } from '#dist/core/tasks/gc.js';
import { GatesDoNotHold, publish } from '#dist/core/tasks/publish.js';
import type { PublishOptions, PublishResult } from '#dist/core/tasks/publish.js';
import { rollback } from '#dist/core/tasks/rollback.js';
import { deleteSnapshots } from '#dist/core/tasks/snapshots/delete.js';
import { history } from '#dist/core/tasks/snapshots/history.js';
import { listSnapshots } from '#dist/core/tasks/snapshots/list.js';
import { showSnapshot } from '#dist/core/tasks/snapshots/show.js';
import { tag } from '#dist/core/tasks/snapshots/tag.js';
import { NotAllWhole, verifySnapshots } from '#dist/core/tasks/snapshots/verify.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { idA, idB, idC, listening, makeSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

useCanaryHere();

const temporaryDirectory = temporaryDirectories();
let root: string;

const bundleOfTwo = (discover: string, radio: string): string =>
  bundleOf([
    { as: 'discover', snapshot: discover },
    { as: 'radio', snapshot: radio },
  ]).id;

beforeEach(async () => {
  root = join(temporaryDirectory(), 'root');
  for (const [at, id] of [idA, idB, idC].entries()) await makeSnapshot(root, id, { value: at + 1 });
});

function run(options: Partial<PublishOptions> = {}): Promise<PublishResult> {
  return publish({ root, require: [], dryRun: false, ...options }, listening());
}

function publishTwo(
  discover: string,
  radio: string,
  options: Partial<PublishOptions> = {},
): Promise<PublishResult> {
  return run({ members: { discover, radio }, ...options });
}

async function idReadAs(as?: string, reference?: string): Promise<string> {
  const snapshot = await openForReading(root, reference, listening(), as);
  snapshot.close();
  return snapshot.id;
}

describe('publishing members', () => {
  it('makes a bundle current, whose id says what is in it under which name', async () => {
    const id = bundleOfTwo(idA, idB);
    const members = [
      { as: 'discover', snapshot: idA },
      { as: 'radio', snapshot: idB },
    ];
    expect(await publishTwo(idA, idB)).toMatchObject({
      ...{ published: id, previous: null, unchanged: false, members },
      verified: { files: 4, bytes: 592 },
    });
    expect(readCurrent(root)).toBe(id);
    expect(readdirSync(rootPath.snapshot(root, id))).toEqual(['manifest.json']);
    expect(await publishTwo(idA, idB)).toMatchObject({ published: id, unchanged: true });
    expect(new Set([id, bundleOfTwo(idB, idA), bundleOfTwo(idA, idC)]).size).toBe(3);
    // What was made last is a model still: that is what commands make something of.
    expect(readLatest(root)).toBe(idC);
  });

  it('is read by name, and its first member without one', async () => {
    await publishTwo(idA, idB);
    expect(await idReadAs()).toBe(idA);
    expect(await idReadAs('discover')).toBe(idA);
    expect(await idReadAs('radio')).toBe(idB);
    await expect(idReadAs('deep')).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(/has no "deep": it has discover, radio/),
    });
    const made = await openForMaking(root, 'current', listening(), 'radio');
    expect(made).toMatchObject({ id: idB, member: { as: 'radio' } });
    made.close();
  });

  it('is refused a name where there is no bundle, but for one of several', async () => {
    await expect(idReadAs('radio', idC)).rejects.toMatchObject({
      code: 'bad-usage',
      message: `${idC} is no bundle, so there is no "radio" in it`,
    });
    await publishTwo(idA, idB);
    const both = await openEach(root, ['current', idC], listening(), 'radio');
    expect(both.map(({ id }) => id)).toEqual([idB, idC]);
    for (const snapshot of both) snapshot.close();
    await expect(openEach(root, [idA, idC], listening(), 'radio')).rejects.toMatchObject({
      code: 'bad-usage',
    });
  });

  it('takes over the member of the same name where a reference names a bundle', async () => {
    await publishTwo(idA, idB);
    expect(await publishTwo('current', idC)).toMatchObject({ published: bundleOfTwo(idA, idC) });
    await expect(run({ members: { deep: 'current' } })).rejects.toMatchObject({ code: 'bad-usage' });
  });

  it('keeps the bundle and the member that is read from being collected', async () => {
    const { published } = await publishTwo(idA, idB);
    const snapshot = await openForReading(root, undefined, listening(), 'radio');
    const leased = [published, idA, idB].map((id) => isLeased(rootPath.snapshot(root, id)));
    snapshot.close();
    expect(leased).toEqual([true, false, true]);
    expect([published, idB].map((id) => isLeased(rootPath.snapshot(root, id)))).toEqual([false, false]);
  });

  it('writes nothing with dryRun', async () => {
    const before = readdirSync(rootPath.snapshots(root)).sort();
    expect(await publishTwo(idA, idB, { dryRun: true })).toMatchObject({ published: bundleOfTwo(idA, idB) });
    expect(readdirSync(rootPath.snapshots(root)).sort()).toEqual(before);
    expect(readCurrent(root)).toBeUndefined();
  });

  it.each([
    [{}, /1 to 64 members, not 0/],
    [{ Radio: idA }, /"Radio" cannot name a member/],
  ])('refuses the names of %j', async (members, message) => {
    await expect(run({ members })).rejects.toMatchObject({
      code: 'bad-usage',
      message: expect.stringMatching(message),
    });
  });

  it('refuses a damaged member, and leaves what is current', async () => {
    await run({ snapshot: idA });
    const path = join(rootPath.snapshot(root, idB), 'model/item.npy');
    chmodSync(path, 0o644);
    writeFileSync(path, readFileSync(path).fill(7, 100));
    await expect(publishTwo(idA, idB)).rejects.toMatchObject({
      code: 'damaged-snapshot',
      details: { file: 'model/item.npy' },
    });
    expect(readCurrent(root)).toBe(idA);
    expect(existsSync(rootPath.snapshot(root, bundleOfTwo(idA, idB)))).toBe(false);
  });

  it('goes back to a bundle, verified again, and from it', async () => {
    await publishTwo(idA, idB);
    await run({ snapshot: idC });
    expect(await rollback({ root, dryRun: false }, listening())).toMatchObject({
      rolledBackTo: bundleOfTwo(idA, idB),
      members: [
        { as: 'discover', snapshot: idA },
        { as: 'radio', snapshot: idB },
      ],
      from: idC,
      verified: { files: 4 },
    });
    expect(await idReadAs('radio')).toBe(idB);
    expect(await rollback({ root, dryRun: false }, listening())).toMatchObject({ rolledBackTo: idC });
  });
});

it('is tagged itself, and not its first member', async () => {
  const { published } = await publishTwo(idA, idB);
  expect(await tag({ root, snapshot: 'current', tag: 'both' }, listening())).toMatchObject({
    snapshot: published,
  });
  expect(await idReadAs('radio', 'both')).toBe(idB);
});

describe('names that are gone', () => {
  const warnings = async (options: Partial<PublishOptions>): Promise<unknown[]> => {
    const telling = listening();
    await publish({ root, require: [], dryRun: true, ...options }, telling);
    return telling.told.filter(({ kind }) => kind === 'warning');
  };

  it('are told before they are, with what keeps them', async () => {
    const { published } = await publishTwo(idA, idB);
    const radio = {
      kind: 'warning',
      message: `${published}, which is current, has radio, and this has not: whoever reads it by \`as\` will fail`,
      suggestions: [`segue publish NAME=REF radio=${published} keeps it`],
    };
    expect(await warnings({ members: { discover: idC } })).toEqual([radio]);
    expect(await warnings({ members: { radio: idC, discover: idC } })).toEqual([]);
    expect(await warnings({ snapshot: idC })).toMatchObject([
      { message: expect.stringMatching(/has discover, radio, and this has not: whoever reads them/) },
    ]);
  });

  it('are told of a rollback too', async () => {
    await run({ snapshot: idC });
    await publishTwo(idA, idB);
    const telling = listening();
    await rollback({ root, dryRun: true }, telling);
    expect(telling.told.filter(({ kind }) => kind === 'warning')).toMatchObject([
      { message: expect.stringMatching(/has discover, radio/), suggestions: [] },
    ]);
    await run({ snapshot: idC });
    expect(await warnings({ snapshot: idC })).toEqual([]);
  });
});

describe('gates', () => {
  it('are asked of each member, which the verdicts name, and compare those of the same name', async () => {
    await makeSnapshot(root, 'dddddddddddddddd', { content: { metrics: { loss: 0.9 } } });
    await run({ members: { discover: 'dddddddddddddddd' } });
    const { gates } = await publishTwo(idA, idB, { require: ['items>=3', 'change.loss<0'] });
    expect(gates.map(({ as, name, passed, judged }) => [as, name, passed, judged])).toEqual([
      ['discover', 'items', true, true],
      ['discover', 'change.loss', true, true],
      ['radio', 'items', true, true],
      ['radio', 'change.loss', true, false],
    ]);
  });

  it('publish nothing where one member fails, and tell of all', async () => {
    await makeSnapshot(root, 'dddddddddddddddd', { content: { metrics: { loss: 0.9 } } });
    const failed = publishTwo(idA, 'dddddddddddddddd', { require: ['loss<=0.6'] });
    await expect(failed).rejects.toThrow(GatesDoNotHold);
    await expect(failed).rejects.toMatchObject({
      message: expect.stringMatching(/^1 of 2 gates fails for bundle [0-9a-f]{16}: radio: loss is 0\.9/),
      result: {
        gates: [
          { as: 'discover', passed: true },
          { as: 'radio', passed: false },
        ],
      },
    });
    expect(readCurrent(root)).toBeUndefined();
  });
});

describe('what there is', () => {
  it('is listed, shown, verified and told with its members', async () => {
    const { published } = await publishTwo(idA, idB);
    const members = bundleOf([
      { as: 'discover', snapshot: idA },
      { as: 'radio', snapshot: idB },
    ]).members;
    const { snapshots } = await listSnapshots({ root }, listening());
    expect(snapshots.find(({ snapshot }) => snapshot === published)).toMatchObject({
      ...{ members, current: true, model: null, damage: null },
    });
    expect(await showSnapshot({ root, as: 'radio' }, listening())).toMatchObject({
      snapshot: idB,
      bundle: { snapshot: published, as: 'radio', members, current: true, publications: [{ seq: 1 }] },
    });
    await expect(showSnapshot({ root, snapshot: idA, as: 'radio' }, listening())).rejects.toMatchObject({
      code: 'bad-usage',
    });
    const { verdicts } = await verifySnapshots({ root, all: false }, listening());
    expect(verdicts.map(({ snapshot, whole }) => [snapshot, whole])).toEqual([
      [published, true],
      [idA, true],
      [idB, true],
    ]);
    expect((await history({ root }, listening())).changes).toMatchObject([{ to: published, members }]);
  });

  it('is damaged where a member is missing', async () => {
    const { published } = await publishTwo(idA, idB);
    rmSync(rootPath.snapshot(root, idB), { recursive: true });
    await expect(idReadAs('radio')).rejects.toMatchObject({ code: 'damaged-snapshot' });
    await expect(verifySnapshots({ root, all: false }, listening())).rejects.toThrow(NotAllWhole);
    const { snapshots } = await listSnapshots({ root }, listening());
    expect(snapshots.find(({ snapshot }) => snapshot === published)?.damage?.message).toContain(
      `its member radio, ${idB}, is missing`,
    );
  });

  it.each([
    ['without members', (text: string) => text.replace(/"members": \[[^\]]*\]/, '"members": []')],
    ['with another id', (text: string) => text.replace(/"id": "[0-9a-f]/, '"id": "x')],
    ['of another member', (text: string) => text.replace(idB, idC)],
    ['of what is no id', (text: string) => text.replace(idB, '../../etc/passwd')],
    ['with the same name twice', (text: string) => text.replace('"radio"', '"discover"')],
  ])('is damaged %s', async (_, change) => {
    const { published } = await publishTwo(idA, idB);
    const path = join(rootPath.snapshot(root, published), 'manifest.json');
    chmodSync(path, 0o644);
    const text = readFileSync(path, 'utf8');
    expect(change(text)).not.toBe(text);
    writeFileSync(path, change(text));
    await expect(idReadAs('radio')).rejects.toMatchObject({ code: 'damaged-snapshot' });
    await expect(run({ snapshot: published })).rejects.toMatchObject({ code: 'damaged-snapshot' });
  });

  it('is no snapshot to whoever wants one', () => {
    const text = manifestText(bundleOf([{ as: 'radio', snapshot: idA }]));
    expect(() => parseManifest(text, 'manifest.json')).toThrow(/it is that of a bundle/);
  });
});

describe('collecting', () => {
  const collect = (dryRun = false): ReturnType<typeof gc> => gc({ root, keep: 0, dryRun }, listening());

  it('keeps the members of a bundle that is current, was before, or is tagged', async () => {
    await makeSnapshot(root, 'dddddddddddddddd', { value: 4 });
    await makeSnapshot(root, 'eeeeeeeeeeeeeeee', { value: 5 });
    const first = await publishTwo(idA, idB);
    await publishTwo(idB, idC);
    const last = await run({ members: { only: 'dddddddddddddddd' } });
    tagSnapshot(root, first.published, 'good');
    const { snapshots } = await collect();
    expect(snapshots.filter(({ collected }) => collected)).toEqual([]);
    const why = (id: string): readonly string[] => snapshots.find((each) => each.snapshot === id)?.why ?? [];
    expect(why(idA)).toEqual([`bundle:${first.published}`]);
    expect(why(idB)).toEqual([`bundle:${first.published}`, `bundle:${bundleOfTwo(idB, idC)}`].toSorted());
    expect(why('dddddddddddddddd')).toEqual([`bundle:${last.published}`]);
  });

  it.each([true, false])('takes a bundle and what only it kept together (dryRun %j)', async (dryRun) => {
    await publishTwo(idA, idB);
    await run({ members: { radio: idB } });
    await run({ snapshot: idC });
    const { snapshots } = await collect(dryRun);
    const gone = snapshots.filter(({ collected }) => collected).map(({ snapshot }) => snapshot);
    expect(gone.toSorted()).toEqual([idA, bundleOfTwo(idA, idB)].toSorted());
    expect(existsSync(rootPath.snapshot(root, idA))).toBe(dryRun);
  });

  it('keeps the members of a bundle of which someone reads another', async () => {
    const { published } = await publishTwo(idA, idB);
    const reader = await openForReading(root, undefined, listening(), 'discover');
    await run({ members: { only: idC } });
    await run({ snapshot: idC });
    const { snapshots } = await collect();
    reader.close();
    const why = snapshots.find((each) => each.snapshot === idB)?.why;
    expect(why).toEqual([`bundle:${published}`]);
  });

  it('deletes no member of a bundle that stays, and both together', async () => {
    const { published } = await publishTwo(idA, idB);
    await run({ snapshot: idC });
    await run({ members: { only: idC } });
    const drop = (...snapshots: string[]): ReturnType<typeof deleteSnapshots> =>
      deleteSnapshots({ root, snapshots, force: true, dryRun: false }, listening());
    await expect(drop(idA)).rejects.toMatchObject({
      code: 'in-use',
      message: `cannot delete ${idA}, which is a member of the bundle ${published}`,
    });
    const { deleted } = await drop(idA, published);
    expect(deleted.map(({ snapshot }) => snapshot)).toEqual([published, idA]);
  });
});

it('is followed whole: what is opened of it by name belongs together', async () => {
  await publishTwo(idA, idB);
  const changes: string[] = [];
  const open = async (bundle: string): Promise<{ pair: readonly string[]; close(): void }> => ({
    pair: [await idReadAs('discover', bundle), await idReadAs('radio', bundle)],
    close: () => undefined,
  });
  const onChange = (snapshot: string, before: string): void => void changes.push(`${before} ${snapshot}`);
  const follower = await followCurrent({ root, onChange }, open, listening());
  expect(follower.snapshot).toBe(bundleOfTwo(idA, idB));
  expect(await follower.use(({ pair }) => pair)).toEqual([idA, idB]);
  await publishTwo(idB, idC);
  await follower.look();
  expect(await follower.use(({ pair }, id) => [...pair, id])).toEqual([idB, idC, bundleOfTwo(idB, idC)]);
  expect(changes).toEqual([`${bundleOfTwo(idA, idB)} ${bundleOfTwo(idB, idC)}`]);
  await follower.close();
});
