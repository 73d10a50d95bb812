import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { tagSnapshot } from '#dist/core/snapshot/links.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readLatest, readTag } from '#dist/core/snapshot/resolve-reference.js';
import { publish } from '#dist/core/tasks/publish.js';
import { deleteSnapshots } from '#dist/core/tasks/snapshots/delete.js';
import type { DeleteSnapshotsOptions, DeleteSnapshotsResult } from '#dist/core/tasks/snapshots/delete.js';
import {
  idA,
  idB,
  idC,
  isThere,
  listening,
  modelFiles,
  plantLink,
  plantSnapshot,
} from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;

/** Made in the order of their ids, C last. */
beforeEach(() => {
  root = temporaryDirectory();
  for (const [at, id] of [idA, idB, idC].entries()) {
    const path = plantSnapshot(root, id, modelFiles(at));
    const made = new Date(Date.parse('2026-01-01T00:00:00Z') + at * 1000);
    utimesSync(join(path, 'manifest.json'), made, made);
  }
  plantLink(root, 'latest', idC);
});

function deleting(
  snapshots: readonly string[],
  more: Partial<DeleteSnapshotsOptions> = {},
): Promise<DeleteSnapshotsResult> {
  return deleteSnapshots({ root, snapshots, force: false, dryRun: false, ...more }, listening());
}

function ids(): string[] {
  return readdirSync(rootPath.snapshots(root));
}

describe('deleting snapshots by name', () => {
  it('deletes them, and says what that gives back', async () => {
    const plan = await deleting([idA, 'bbbb'], { dryRun: true });
    expect(ids()).toEqual([idA, idB, idC]);
    expect(existsSync(rootPath.locks(root))).toBe(false);
    const result = await deleting([idA, 'bbbb', idA]);
    expect(result).toMatchObject({ deleted: [{ snapshot: idA }, { snapshot: idB }], latest: idC });
    expect(result.freedBytes).toBe(result.deleted.reduce((sum, { bytes }) => sum + bytes.own, 0));
    expect(plan).toEqual({ ...result, dryRun: true, seconds: plan.seconds });
    expect(ids()).toEqual([idC]);
    expect(readdirSync(rootPath.trash(root))).toEqual([]);
    expect(await isThere(root, idC)).toBe(true);
  });

  it('refuses what is current, tagged or read, with all its reasons, and then deletes none of the others', async () => {
    await publish({ root, snapshot: idA, require: [], dryRun: false }, listening());
    tagSnapshot(root, idA, 'nightly');
    tagSnapshot(root, idA, 'best');
    const open = await openForReading(root, idB, listening());
    for (const dryRun of [true, false]) {
      for (const force of [true, false]) {
        await expect(deleting([idC, 'nightly', idB], { force, dryRun })).rejects.toMatchObject({
          code: 'in-use',
          exitCode: 5,
          message: expect.stringContaining(
            `cannot delete ${idA}, which is current and is tagged "best" and is tagged "nightly"; cannot delete ${idB}, which is being read`,
          ) as string,
          suggestions: expect.arrayContaining(['segue snapshots untag nightly']) as string[],
          details: { kept: { [idA]: ['current', 'tag:best', 'tag:nightly'], [idB]: ['leased'] } },
        });
      }
    }
    expect(ids()).toEqual([idA, idB, idC]);
    expect(readLatest(root)).toBe(idC);
    open.close();
    await deleting([idB]);
    expect(ids()).toEqual([idA, idC]);
  });

  it('deletes what was current before only when forced', async () => {
    for (const snapshot of [idA, idB])
      await publish({ root, snapshot, require: [], dryRun: false }, listening());
    await expect(deleting(['previous'])).rejects.toMatchObject({
      code: 'in-use',
      message: `cannot delete ${idA}, which was current before`,
    });
    await deleting(['previous'], { force: true });
    expect(ids()).toEqual([idB, idC]);
  });

  it('deletes the latest only when forced; then the most recently made whole one that is left is it', async () => {
    await expect(deleting(['latest'])).rejects.toMatchObject({
      code: 'in-use',
      message: `cannot delete ${idC}, which is the latest`,
    });
    rmSync(join(rootPath.snapshot(root, idB), 'model/item.npy'));
    expect(await deleting(['latest'], { force: true, dryRun: true })).toMatchObject({ latest: idA });
    expect(readLatest(root)).toBe(idC);
    expect(await deleting(['latest'], { force: true })).toMatchObject({ latest: idA });
    expect(readLatest(root)).toBe(idA);
    expect(await deleting([idA, idB], { force: true })).toMatchObject({ latest: null });
    expect(readLatest(root)).toBeUndefined();
    expect(ids()).toEqual([]);
  });

  it('leaves links alone that name others, and the lock files of nobody', async () => {
    tagSnapshot(root, idC, 'nightly');
    await deleting([idA]);
    expect([readTag(root, 'nightly'), readLatest(root)]).toEqual([idC, idC]);
    expect(lstatSync(rootPath.collectLock(root)).isFile()).toBe(true);
  });

  it('deletes damaged ones and those of a newer format', async () => {
    rmSync(join(rootPath.snapshot(root, idA), 'manifest.json'));
    plantSnapshot(root, 'dddddddddddddddd', modelFiles(), (manifest) => ({ ...manifest, formatVersion: 99 }));
    await deleting([idA, 'dddddddddddddddd']);
    expect(ids()).toEqual([idB, idC]);
  });

  it('says what is not there, and deletes nothing', async () => {
    await expect(deleting([idA, 'ffff'])).rejects.toMatchObject({ code: 'snapshot-not-found' });
    await expect(deleting(['../escape'])).rejects.toMatchObject({ code: 'bad-usage' });
    await expect(deleting([])).rejects.toMatchObject({ code: 'bad-usage' });
    expect(ids()).toEqual([idA, idB, idC]);
  });

  it('gives up at once while someone publishes or collects', async () => {
    for (const path of [rootPath.collectLock(root), rootPath.publishLock(root)]) {
      mkdirSync(rootPath.locks(root), { recursive: true });
      const lock = tryLock(path, { create: true, doing: 'publishing' })!;
      await expect(deleting([idA])).rejects.toMatchObject({ code: 'busy' });
      lock.release();
    }
    expect(ids()).toEqual([idA, idB, idC]);
  });
});
