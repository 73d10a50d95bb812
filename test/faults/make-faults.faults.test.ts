/**
 * Every system call with which a snapshot is made, and tagged: killed there, failed, its disk full, its write cut
 * short. The snapshot is whole or not there at all, and making it again succeeds and leaves no litter.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { findMade } from '#dist/core/snapshot/writing/unchecked.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { makeChild } from './programs/swept.mjs';
import {
  changesOf,
  litterIn,
  sweepFault,
  sweptFaults,
  sweptModule,
  sweptTask,
} from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { contentOf, idA, idB, isThere, listening, makeSnapshot, npy } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const rows = npy('<u4', [3], new Uint32Array([2, 0, 1]));

/** Makes B, which shares the model of A and has a file of its own, and tags it. */
const task = sweptTask(sweptModule, makeChild, {
  content: contentOf(idB, { basis: idA, parent: idA }),
  file: 'index/item.rows.npy',
  base64: Buffer.from(rows).toString('base64'),
  tag: 'best',
});

/** The ids of the snapshots that are there; each must verify. */
async function wholeSnapshots(root: string): Promise<string[]> {
  const ids: string[] = [];
  for (const id of [idA, idB]) if (await isThere(root, id)) ids.push(id);
  return ids;
}

describe('making snapshots', { tags: ['strace'] }, () => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    await makeSnapshot(template, idA);
    (await openForReading(template, idA, listening())).close();
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    expect(changes.length).toBeGreaterThan(30);
  });

  it('makes every file and every directory durable before the snapshot has its name', () => {
    const at = (pattern: RegExp): number => changes.findIndex(({ text }) => pattern.test(text));
    const renamed = at(new RegExp(`^rename.*"[^"]*/snapshots/${idB}"`));
    const fsynced = (path: string): number => at(new RegExp(`^fsync\\(\\d+<[^>]*/\\.tmp-[0-9a-f]+${path}>`));
    expect(renamed).toBeGreaterThan(0);
    for (const path of ['/index/item.rows.npy', '/manifest.json', '/model', '/index', '']) {
      expect(fsynced(path), path).toBeGreaterThan(0);
      expect(fsynced(path), path).toBeLessThan(renamed);
    }
    // A directory after all that is in it, and the manifest after the other files.
    expect(fsynced('')).toBeGreaterThan(fsynced('/manifest.json'));
    expect(fsynced('/manifest.json')).toBeGreaterThan(fsynced('/index/item.rows.npy'));
    expect(fsynced('/index')).toBeGreaterThan(fsynced('/index/item.rows.npy'));
    const after = changes
      .slice(renamed)
      .map(({ text }) => /^fsync\(\d+<(?:[^>]*\/)?([^/>]+)>/.exec(text)?.[1]);
    expect(after.filter((name) => name !== undefined)).toEqual(['snapshots', 'root', 'tags', 'root']);
  });

  it.each([...sweptFaults, 'short'] as const)(
    'is done or not done, and says so, with %s at any call',
    async (fault) => {
      const at = changes.filter(({ name }) => fault !== 'short' || name === 'write');
      const codes = new Set<number | null>();
      let found = 0;
      await sweepFault(swept, fault, at, async (change, root, run, what) => {
        codes.add(run.code);
        expect(fault === 'SIGKILL' ? [null] : [0, 7], what).toContain(run.code);
        const whole = await wholeSnapshots(root);
        expect(whole, what).toContain(idA);
        if (run.code === 0) {
          expect(whole, what).toContain(idB);
          expect([resolveReference(root, 'latest'), resolveReference(root, 'best')]).toEqual([idB, idB]);
        }
        // Unless it is the removing that failed.
        if (fault !== 'SIGKILL' && !change.name.startsWith('unlink'))
          expect(litterIn(root), what).toEqual([]);
        // The next one that is started cleans up; every few times it is the same one, made again.
        if (changes.indexOf(change) % 6 === 0) {
          await makeSnapshot(root, idB, { tag: 'best' });
          expect(await wholeSnapshots(root), what).toEqual([idA, idB]);
          expect(resolveReference(root, 'best'), what).toBe(idB);
        } else {
          beginSnapshot(root, { estimatedBytes: 1 }, listening()).abandon();
          // Killed at its last calls it lacks nothing but the check: it is kept, and found.
          if (litterIn(root).length > 0) {
            expect(litterIn(root), what).toEqual([`.unchecked-${idB}`]);
            (await findMade(root, idB, listening()))?.close();
            expect(await wholeSnapshots(root), what).toEqual([idA, idB]);
            found++;
          }
        }
        expect(litterIn(root), what).toEqual([]);
        expect(readdirSync(rootPath.snapshots(root)), what).toEqual(await wholeSnapshots(root));
      });
      if (fault === 'SIGKILL') expect(found).toBeGreaterThan(0);
      if (fault === 'EIO' || fault === 'ENOSPC') expect(codes).toEqual(new Set([0, 7]));
    },
  );
});
