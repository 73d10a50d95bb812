import { chmodSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { publish } from '#dist/core/tasks/publish.js';
import { rollback } from '#dist/core/tasks/rollback.js';
import { history } from '#dist/core/tasks/snapshots/history.js';
import { showSnapshot } from '#dist/core/tasks/snapshots/show.js';
import type { ShownSnapshot } from '#dist/core/tasks/snapshots/show.js';
import { contentOf, idA, idB, idC, listening, makeSnapshot, modelFiles } from '../../../helpers/snapshots.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

const hours = (hour: number): Date => new Date(Date.UTC(2026, 0, 1, hour));

/** B was made from A; A, then B were published, then it was rolled back to A. */
beforeEach(async () => {
  root = temporaryDirectory();
  await makeSnapshot(root, idA, { tag: 'good' });
  await makeSnapshot(root, idB, { value: 2, content: { basis: idA, parent: idA } });
  for (const [place, snapshot] of [idA, idB].entries()) {
    const at = hours(place + 1);
    await publish({ root, snapshot, require: [], dryRun: false, at, why: `reason ${place}` }, listening());
  }
  await rollback({ root, dryRun: false, at: hours(3) }, listening());
});

function show(snapshot?: string, context = listening()): Promise<ShownSnapshot> {
  return showSnapshot({ root, snapshot, at: hours(9) }, context);
}

describe('what is shown of a snapshot', () => {
  it('is everything that its manifest and the root say', async () => {
    const manifest = join(rootPath.snapshot(root, idA), 'manifest.json');
    utimesSync(manifest, hours(1), hours(1));
    const shown = await show();
    const { model, inputs, metrics } = contentOf(idA);
    expect(shown).toMatchObject({
      ...{ snapshot: idA, path: rootPath.snapshot(root, idA), at: hours(9).toISOString() },
      ...{ current: true, previous: false, latest: false, tags: ['good'], madeAt: hours(1).toISOString() },
      ...{ formatVersion: 1, basis: idA, parent: null, children: [idB], users: null, index: null },
      ...{ model, inputs, metrics, damage: null },
    });
    expect(shown.files.map(({ path, bytes }) => [path, bytes])).toEqual(
      [...modelFiles()].map(([path, bytes]) => [path, bytes.length]).sort(),
    );
    expect(shown.publications).toMatchObject([
      { seq: 3, op: 'rollback', time: hours(3).toISOString(), from: idB, why: null },
      { seq: 1, op: 'publish', time: hours(1).toISOString(), from: null, why: 'reason 0' },
    ]);
    expect(await show('previous')).toMatchObject({ snapshot: idB, parent: idA, latest: true, children: [] });
  });

  it('names who reads it, where the system tells', async () => {
    const { readers } = await show(idB);
    if (process.platform === 'linux') expect(readers?.processes).toEqual([]);
    else expect(readers).toBeNull();
  });

  it('includes that a file is missing; a manifest that cannot be read is a failure', async () => {
    rmSync(join(rootPath.snapshot(root, idA), 'model/item.npy'));
    expect(await show()).toMatchObject({ damage: { code: 'damaged-snapshot' } });
    const manifest = join(rootPath.snapshot(root, idA), 'manifest.json');
    chmodSync(manifest, 0o644);
    writeFileSync(manifest, '{"format":"segue-snapshot","formatVersion":99}');
    await expect(show()).rejects.toMatchObject({ code: 'newer-format' });
    await expect(show(idC)).rejects.toMatchObject({ code: 'snapshot-not-found' });
  });

  it('is all but the publications where the history cannot be read', async () => {
    rmSync(rootPath.history(root));
    mkdirSync(rootPath.history(root));
    const context = listening();
    expect(await show(idA, context)).toMatchObject({ snapshot: idA, publications: [] });
    expect(context.told).toMatchObject([{ kind: 'warning' }]);
  });
});

describe('the history', () => {
  it('has the latest change first, and at most as many as are asked for', async () => {
    const all = await history({ root }, listening());
    expect(all).toMatchObject({ root, current: idA, total: 3, unreadable: 0, cutShort: false });
    expect(all.changes.map(({ seq, op, from, to }) => [seq, op, from, to])).toEqual([
      [3, 'rollback', idB, idA],
      [2, 'publish', idA, idB],
      [1, 'publish', null, idA],
    ]);
    expect(await history({ root, limit: 1 }, listening())).toMatchObject({ changes: [{ seq: 3 }], total: 3 });
  });

  it('is empty where nothing was ever published', async () => {
    const empty = await history({ root: temporaryDirectory() }, listening());
    expect(empty).toMatchObject({ current: null, changes: [], total: 0 });
  });

  it('can be read whatever is wrong with current', async () => {
    rmSync(rootPath.current(root));
    mkdirSync(rootPath.current(root));
    const context = listening();
    expect(await history({ root }, context)).toMatchObject({ current: null, total: 3 });
    expect(context.told).toMatchObject([{ kind: 'warning' }]);
  });
});

it('a tag shows where it leads after it was moved', async () => {
  tagSnapshot(root, idB, 'good');
  expect(await show('good')).toMatchObject({ snapshot: idB, tags: ['good'] });
  expect((await show(idA)).tags).toEqual([]);
});
