/**
 * Every system call by which a collector changes the disk: killed there, failed, its disk full. Nothing that has to stay
 * is harmed, also where it shares files with what goes; what goes is whole in snapshots/, or no longer there; and the
 * same command again finishes.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readCurrent, resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { beginSnapshot } from '#dist/core/snapshot/write-snapshot.js';
import { gc } from '#dist/core/tasks/gc.js';
import { publish } from '#dist/core/tasks/publish.js';
import { skipLoudly, straceIsHere } from '../helpers/fault-injection.js';
import { changesOf, litterIn, sweepFault, sweptFaults, sweptProgram } from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { contentOf, idA, idB, idC, isThere, listening, makeSnapshot, npy } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const [idD, idE, idF] = ['d'.repeat(16), 'e'.repeat(16), 'f'.repeat(16)];

/** F is latest and was made from A, C has a tag, E is current and D was before. A and B go. */
const staying = [idC, idD, idE, idF];
const going = [idA, idB];

const program = sweptProgram(
  `import { gc } from '#dist/core/tasks/gc.js';`,
  `await gc({ root, keep: 0, dryRun: false }, context);`,
);

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

const trashIn = (root: string): string[] =>
  existsSync(rootPath.trash(root)) ? readdirSync(rootPath.trash(root)) : [];

describe.runIf(straceIsHere)('collecting', () => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    await makeTemplate(template);
    swept = { program, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    const names = new Set(changes.map(({ name }) => name));
    for (const name of ['rename', 'unlink', 'rmdir', 'fsync']) expect(names).toContain(name);
  });

  async function expectUnharmed(root: string, what: string): Promise<void> {
    for (const id of staying) expect(await isThere(root, id), what).toBe(true);
    expect(readCurrent(root), what).toBe(idE);
    expect([resolveReference(root, 'previous'), resolveReference(root, 'latest')], what).toEqual([idD, idF]);
    expect(resolveReference(root, 'good'), what).toBe(idC);
  }

  async function expectCollected(root: string, what: string): Promise<void> {
    for (const id of going) expect(await isThere(root, id), what).toBe(false);
    expect(trashIn(root), what).toEqual([]);
    await expectUnharmed(root, what);
  }

  it('lets a snapshot go only once its new place, and then its old one, are durable', () => {
    const at = (pattern: RegExp): number => changes.findIndex(({ text }) => pattern.test(text));
    const renamed = at(new RegExp(`^rename\\("[^"]*/snapshots/${idA}"`));
    const steps = changes.slice(renamed + 1, renamed + 3).map(({ name, path }) => `${name} ${path}`);
    expect(steps).toEqual(['fsync trash', 'fsync snapshots']);
    // Nothing of it is removed before.
    expect(at(new RegExp(`^(unlink|rmdir)[^"]*"[^"]*/trash/${idA}`))).toBeGreaterThan(renamed + 2);
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
        await gc({ root, keep: 0, dryRun: false }, listening());
        await expectCollected(root, what);
        expect(litterIn(root), what).toEqual([]);
        expect(existsSync(rootPath.stamp(root, '9'.repeat(16))), what).toBe(false);
      });
      if (fault !== 'SIGKILL') expect(codes).toEqual(new Set([0, 7]));
    },
    240_000,
  );
});

if (!straceIsHere) skipLoudly('the fault sweep over collecting', 'strace is missing or may not trace');
