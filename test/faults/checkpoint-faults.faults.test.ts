/**
 * Every system call with which a checkpoint takes the place of another: killed there, its disk full, its write cut
 * short. A whole one is there whatever happens, the old or the new.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openCheckpoints } from '#dist/core/checkpoints/checkpoints.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { changesOf, copyRoot, sweepFault, sweptModule, sweptTask } from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { idA, listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { saveCheckpoint } from './programs/swept.mjs';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

/** The epoch that a next run would go on from; its bytes have been checked, and nothing else lies about. */
async function epochOf(root: string): Promise<number | undefined> {
  const context = listening();
  const checkpoints = await openCheckpoints(root, idA, context);
  const epoch = checkpoints?.found?.epoch;
  const bytes = new Uint8Array(5000);
  checkpoints?.found?.readInto('items', bytes);
  expect(new Set(bytes)).toEqual(new Set([epoch]));
  checkpoints?.close();
  expect(context.told.filter(({ kind }) => kind === 'warning')).toEqual([]);
  expect(readdirSync(rootPath.checkpoints(root, idA)).filter((name) => name.startsWith('.'))).toEqual([]);
  expect(readdirSync(rootPath.locks(root))).toEqual([]);
  return epoch;
}

describe('a checkpoint in the place of another', { tags: ['strace'] }, () => {
  let swept: Swept;
  let changes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'template');
    const checkpoints = await openCheckpoints(template, idA, listening());
    checkpoints?.save(1, {}, new Map([['items', new Uint8Array(5000).fill(1)]]));
    checkpoints?.close();
    const task = sweptTask(sweptModule, saveCheckpoint, { training: idA });
    swept = { ...task, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    expect(changes.length).toBeGreaterThan(6);
    const root = copyRoot({ ...swept, newDirectory: keptDirectory });
    await swept.run?.(root);
    expect(await epochOf(root)).toBe(2);
  });

  it.each(['SIGKILL', 'EIO', 'ENOSPC', 'short'] as const)(
    'is whole, or not there yet, after %s at any call',
    async (fault) => {
      const wanted = changes.filter(
        ({ name }) =>
          fault === 'SIGKILL' || (fault === 'short' ? name === 'write' : /sync|write|rename/.test(name)),
      );
      const seen = new Set<number | undefined>();
      await sweepFault(swept, fault, wanted, async (_, root, run, what) => {
        const epoch = await epochOf(root);
        expect([1, 2], what).toContain(epoch);
        if (fault !== 'SIGKILL' && epoch === 1) expect(run.code, what).toBe(7);
        seen.add(epoch);
      });
      expect(seen).toContain(1);
    },
  );
});
