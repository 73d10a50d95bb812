/** Locks, stamps and drafts of others come and go while a collector looks: what is gone is nothing any more, and no bug. */
import fs, { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { dirname } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { gc } from '#dist/core/tasks/gc.js';
import { idA, listening, plantLink, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const lstat = fs.lstatSync;

afterEach(() => {
  Object.assign(fs, { lstatSync: lstat });
  syncBuiltinESMExports();
});

/** From now on the entry is gone as soon as anyone has looked at it once. */
function vanishOnceSeen(path: string): () => boolean {
  let isGone = false;
  const vanishing = (at: string, options: object): unknown => {
    const stat = lstat(at, options);
    if (at === path && !isGone) {
      isGone = true;
      rmSync(path, { recursive: true });
    }
    return stat;
  };
  Object.assign(fs, { lstatSync: vanishing });
  syncBuiltinESMExports();
  return () => isGone;
}

it.each<[string, (root: string) => string]>([
  ['the lock of a draft', (root) => rootPath.draftLock(root, 'x')],
  ['a stamp', (root) => rootPath.stamp(root, 'b'.repeat(16))],
  ['a draft', (root) => `${rootPath.draft(root, 'x')}/manifest.json`],
  [
    'a snapshot that waits for its check',
    (root) => `${rootPath.unchecked(root, 'c'.repeat(16))}/manifest.json`,
  ],
  ['a checkpoint', (root) => `${rootPath.checkpoints(root, 'd'.repeat(16))}/1.${'0'.repeat(64)}`],
])('gc goes on where what it has just seen vanishes: %s', async (_what, file) => {
  const root = temporaryDirectory();
  plantSnapshot(root, idA);
  plantLink(root, 'latest', idA);
  const path = file(root);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '');
  const isDirectory = !['lock', 'stamps'].some((name) => dirname(path).endsWith(name));
  const isGone = vanishOnceSeen(isDirectory ? dirname(path) : path);
  const { snapshots } = await gc({ root, keep: 1, dryRun: false }, listening());
  expect(isGone()).toBe(true);
  expect(snapshots.map(({ snapshot }) => snapshot)).toEqual([idA]);
});
