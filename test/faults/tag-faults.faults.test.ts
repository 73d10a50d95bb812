/**
 * Every system call by which a tag is moved, or removed: killed there, failed, its disk full. The tag names the old
 * snapshot or the new one, success means the new one, and the same command again makes it so.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readTag } from '#dist/core/snapshot/resolve-reference.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { tag } from '#dist/core/tasks/snapshots/tag.js';
import { untag } from '#dist/core/tasks/snapshots/untag.js';
import { changesOf, litterIn, sweepFault, sweptFaults, sweptTask } from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { idA, idB, isThere, listening, makeSnapshot } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

describe.each([
  {
    name: 'moving a tag',
    to: idB,
    task: sweptTask('#dist/core/tasks/snapshots/tag.js', tag, { snapshot: idB, tag: 'good' }),
    again: (root: string) => tag({ root, snapshot: idB, tag: 'good' }, listening()),
  },
  {
    name: 'removing a tag',
    to: undefined,
    task: sweptTask('#dist/core/tasks/snapshots/untag.js', untag, { tags: ['good'] }),
    again: async (root: string) => {
      if (readTag(root, 'good') !== undefined) await untag({ root, tags: ['good'] }, listening());
    },
  },
])('$name', { tags: ['strace'] }, ({ task, to, again }) => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    await makeSnapshot(template, idA, { tag: 'good' });
    await makeSnapshot(template, idB);
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
  });

  it('is durable when it is said to be done', () => {
    expect(changes.at(-1)).toMatchObject({ name: 'fsync', path: 'tags' });
  });

  it.each(sweptFaults)('is done or not done with %s at any call', async (fault) => {
    await sweepFault(swept, fault, changes, async (change, root, run, what) => {
      expect(fault === 'SIGKILL' ? [null] : [0, 7], what).toContain(run.code);
      for (const id of [idA, idB]) expect(await isThere(root, id), what).toBe(true);
      expect([idA, to], what).toContain(readTag(root, 'good'));
      // A directory that is there already need not be made.
      if (run.code === 0) {
        expect(change.text, what).toContain('EEXIST');
        expect(readTag(root, 'good'), what).toBe(to);
      }
      await again(root);
      expect(readTag(root, 'good'), what).toBe(to);
      beginSnapshot(root, { estimatedBytes: 1 }, listening()).abandon();
      expect(litterIn(root), what).toEqual([]);
      expect(existsSync(join(root, 'tags')), what).toBe(true);
    });
  });
});

it('tagging what has the tag already makes that last', { tags: ['strace'] }, async () => {
  const template = join(keptDirectory(), 'root');
  await makeSnapshot(template, idA, { tag: 'good' });
  const task = sweptTask('#dist/core/tasks/snapshots/tag.js', tag, { snapshot: idA, tag: 'good' });
  const changes = await changesOf({ ...task, template, newDirectory: temporaryDirectory });
  expect(changes.slice(-2).map(({ name, path }) => `${name} ${path}`)).toEqual([
    expect.stringMatching(/^rename/),
    'fsync tags',
  ]);
});
