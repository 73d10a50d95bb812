/**
 * Every system call by which snapshots are collected, and deleted: killed there, failed, its disk full. Nothing that has to stay
 * is harmed, also where it shares files with what goes; what goes is whole in snapshots/, or no longer there; and the
 * same command again finishes.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readCurrent, resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { gc } from '#dist/core/tasks/gc.js';
import { publish } from '#dist/core/tasks/publish.js';
import { deleteSnapshots } from '#dist/core/tasks/snapshots/delete.js';
import { changesOf, litterIn, sweepFault, sweptFaults, sweptTask } from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { contentOf, idA, idB, idC, isThere, listening, makeSnapshot, npy } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const [idD, idE, idF] = ['d'.repeat(16), 'e'.repeat(16), 'f'.repeat(16)];

/** Runs what was broken off once more. */
type Finish = (root: string) => Promise<unknown>;

const collect: Finish = (root) => gc({ root, keep: 0, dryRun: false }, listening());

/** Those that are still there, and then all that was left of the others. */
const deleteRest: Finish = async (root) => {
  const left = [idB, idF].filter((id) => existsSync(rootPath.snapshot(root, id)));
  const options = { root, snapshots: left, force: true, dryRun: false };
  if (left.length > 0) await deleteSnapshots(options, listening());
  await gc({ root, keep: 9, dryRun: false }, listening());
};

/** F is latest, C has a tag, E is current and D was before. F was made from A, and shares its files. */
const kinds = [
  {
    name: 'collecting',
    task: sweptTask('#dist/core/tasks/gc.js', gc, { keep: 0, dryRun: false }),
    ...{ going: [idA, idB], staying: [idC, idD, idE, idF], latest: [idF], finish: collect },
  },
  {
    name: 'deleting',
    task: sweptTask('#dist/core/tasks/snapshots/delete.js', deleteSnapshots, {
      ...{ snapshots: [idB, idF], force: true, dryRun: false },
    }),
    ...{ going: [idB, idF], staying: [idA, idC, idD, idE], latest: [idF, idE], finish: deleteRest },
  },
];

async function makeTemplate(root: string): Promise<void> {
  await makeSnapshot(root, idA);
  await makeSnapshot(root, idB);
  await makeSnapshot(root, idC, { tag: 'good' });
  for (const id of [idD, idE]) {
    await makeSnapshot(root, id);
    await publish({ root, snapshot: id, require: [], dryRun: false }, listening());
  }
  const parent = await openForReading(root, idA, listening());
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, listening());
  draft.inherit(parent, ['model']);
  draft.write('index/item.rows.npy', [npy('<u4', [3], new Uint32Array([2, 0, 1]))]);
  await draft.commit(contentOf(idF, { basis: idA, parent: idA }));
  parent.close();
  // What an earlier one did not finish, what a maker left that died, and a stamp of something that is gone.
  for (const path of [
    join(rootPath.trash(root), `${'9'.repeat(16)}.0123456789ab`),
    rootPath.draft(root, '0'.repeat(16)),
  ]) {
    mkdirSync(join(path, 'model'), { recursive: true });
    writeFileSync(join(path, 'model', 'item.npy'), 'a part');
  }
  writeFileSync(rootPath.stamp(root, '9'.repeat(16)), '{}');
}

/** What the trash holds of these. */
function trashOf(root: string, ids: readonly string[]): string[] {
  const names = existsSync(rootPath.trash(root)) ? readdirSync(rootPath.trash(root)) : [];
  return names.filter((name) => ids.some((id) => name.startsWith(id)));
}

describe.each(kinds)('$name', { tags: ['strace'] }, ({ task, going, staying, latest, finish }) => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    await makeTemplate(template);
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    const names = new Set(changes.map(({ name }) => name));
    for (const name of ['rename', 'unlink', 'rmdir', 'fsync']) expect(names).toContain(name);
  });

  async function expectUnharmed(root: string, what: string): Promise<void> {
    for (const id of staying) expect(await isThere(root, id), what).toBe(true);
    expect(readCurrent(root), what).toBe(idE);
    expect(resolveReference(root, 'previous'), what).toBe(idD);
    // Throws where it is not there.
    expect(latest, what).toContain(resolveReference(root, 'latest'));
    expect(resolveReference(root, 'good'), what).toBe(idC);
  }

  async function expectCollected(root: string, what: string): Promise<void> {
    for (const id of going) expect(await isThere(root, id), what).toBe(false);
    expect(trashOf(root, going), what).toEqual([]);
    expect(resolveReference(root, 'latest'), what).toBe(latest.at(-1));
    await expectUnharmed(root, what);
  }

  it('lets a snapshot go only once its new place, and then its old one, are durable', () => {
    const at = (pattern: RegExp): number => changes.findIndex(({ text }) => pattern.test(text));
    const renamed = at(new RegExp(`^rename\\("[^"]*/snapshots/${going[0]!}"`));
    const steps = changes.slice(renamed + 1, renamed + 3).map(({ name, path }) => `${name} ${path}`);
    expect(steps).toEqual(['fsync trash', 'fsync snapshots']);
    // Nothing of it is removed before.
    expect(at(new RegExp(`^(unlink|rmdir)[^"]*"[^"]*/trash/${going[0]!}`))).toBeGreaterThan(renamed + 2);
  });

  it.each(sweptFaults)(
    'harms nothing that stays, and is finished by the next one, with %s at any call',
    async (fault) => {
      const codes = new Set<number | null>();
      await sweepFault(swept, fault, changes, async (_change, root, run, what) => {
        codes.add(run.code);
        expect(fault === 'SIGKILL' ? [null] : [0, 7], what).toContain(run.code);
        await expectUnharmed(root, what);
        // Throws where one of them is there in part.
        for (const id of going) await isThere(root, id);
        if (run.code === 0) await expectCollected(root, what);
        await finish(root);
        await expectCollected(root, what);
        expect(litterIn(root), what).toEqual([]);
        expect(existsSync(rootPath.stamp(root, '9'.repeat(16))), what).toBe(false);
      });
      if (fault !== 'SIGKILL') expect(codes).toEqual(new Set([0, 7]));
    },
  );
});
