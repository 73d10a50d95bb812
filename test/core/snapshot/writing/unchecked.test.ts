/** What the machine did not let be checked: kept, found again by its id, checked and made visible. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { tryRemovableLock } from '#dist/core/files/removable-lock.js';
import { collectSnapshots } from '#dist/core/retention/collect.js';
import { cleanDrafts } from '#dist/core/snapshot/writing/draft-lock.js';
import { takeInventory } from '#dist/core/snapshot/inventory.js';
import { rootPath, snapshotFile } from '#dist/core/snapshot/layout.js';
import { findMade } from '#dist/core/snapshot/writing/unchecked.js';
import {
  idA,
  idB,
  isThere,
  listening,
  makeSnapshot,
  modelFiles,
  plantSnapshot,
} from '../../../helpers/snapshots.js';
import { withoutCanary } from '../../../helpers/calls-in-process.js';
import { useRealCanary } from '../../../helpers/canary-here.js';
import { temporaryDirectories } from '../../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const week = 7 * 24 * 3600_000;
const rules = { keep: 5, olderThanMs: undefined, checkpointsOlderThanMs: week, dryRun: false };

/** A root in which the check of `idA` was killed, twice. */
async function withUnchecked(): Promise<string> {
  const root = join(temporaryDirectory(), 'root');
  await withoutCanary(() => expectUnchecked(makeSnapshot(root, idA)), 'SIGKILL');
  return root;
}

async function expectUnchecked(made: Promise<unknown>): Promise<void> {
  await expect(made).rejects.toMatchObject({
    ...{ code: 'unchecked', exitCode: 7, message: expect.stringContaining('SIGKILL') },
    suggestions: expect.arrayContaining([expect.stringContaining('the same command')]),
  });
}

const entries = (root: string): string[] => readdirSync(rootPath.snapshots(root));

describe('a snapshot whose check the kernel kills', () => {
  useRealCanary();
  afterEach(() => {
    delete process.env['NODE_OPTIONS'];
  });

  it('is kept', async () => {
    const statement = encodeURIComponent('process.kill(process.pid, "SIGKILL")');
    process.env['NODE_OPTIONS'] = `--import=data:text/javascript,${statement}`;
    const root = join(temporaryDirectory(), 'root');
    await expectUnchecked(makeSnapshot(root, idA));
    expect(entries(root)).toEqual([`.unchecked-${idA}`]);
  });
});

describe('a snapshot whose check is killed', () => {
  it('is kept where no reader looks, without a lock, through the making of others', async () => {
    const root = await withUnchecked();
    expect(entries(root)).toEqual([`.unchecked-${idA}`]);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
    await makeSnapshot(root, idB);
    expect(entries(root)).toEqual([`.unchecked-${idA}`, idB]);
    expect(takeInventory(root)).toMatchObject({ snapshots: [{ id: idB }], drafts: { count: 1 } });
  });

  it('is found by its id, checked and visible, and nothing of it is left behind', async () => {
    const root = await withUnchecked();
    const found = await findMade(root, idA, listening());
    expect(found).toMatchObject({ id: idA, path: rootPath.snapshot(root, idA) });
    found?.close();
    expect(entries(root)).toEqual([idA]);
    expect(readdirSync(rootPath.locks(root))).toEqual([]);
    expect(await isThere(root, idA)).toBe(true);
    expect(await findMade(root, idB, listening())).toBeUndefined();
  });

  it('stays where the machine refuses again', async () => {
    const root = await withUnchecked();
    await withoutCanary(() => expectUnchecked(findMade(root, idA, listening())), 'SIGKILL');
    expect(entries(root)).toEqual([`.unchecked-${idA}`]);
  });

  it('goes where it is damaged by now, and is to be made again', async () => {
    const root = await withUnchecked();
    const file = join(rootPath.unchecked(root, idA), 'model/item.npy');
    chmodSync(file, 0o644);
    writeFileSync(file, Buffer.alloc(statSync(file).size));
    expect(await findMade(root, idA, listening())).toBeUndefined();
    expect(entries(root)).toEqual([]);
  });

  it('goes where the same snapshot was made meanwhile', async () => {
    const root = await withUnchecked();
    await makeSnapshot(root, idA);
    expect(entries(root)).toEqual([idA]);
  });

  it('is one that another process can be at', async () => {
    const root = await withUnchecked();
    const lock = tryRemovableLock(rootPath.uncheckedLock(root, idA));
    await expect(findMade(root, idA, listening())).rejects.toMatchObject({ code: 'busy' });
    const nowMs = Date.now() + 2 * week;
    await collectSnapshots(root, { ...rules, nowMs }, listening());
    expect(entries(root)).toEqual([`.unchecked-${idA}`]);
    lock?.release();
  });
});

describe('gc', () => {
  it('keeps an unchecked snapshot as long as checkpoints, and counts it among leftovers then', async () => {
    const root = await withUnchecked();
    const leftovers = async (nowMs: number, dryRun = false): Promise<readonly string[]> =>
      (await collectSnapshots(root, { ...rules, nowMs, dryRun }, listening())).leftovers.paths;
    const name = `snapshots/.unchecked-${idA}`;
    expect(await leftovers(Date.now())).toEqual([]);
    expect(await leftovers(Date.now() + 2 * week, true)).toEqual([name]);
    expect(entries(root)).toEqual([`.unchecked-${idA}`]);
    expect(await leftovers(Date.now() + 2 * week)).toEqual([name]);
    expect(entries(root)).toEqual([]);
  });

  it('removes it at once where the snapshot is there', async () => {
    const root = await withUnchecked();
    plantSnapshot(root, idA);
    const { leftovers, foreign } = await collectSnapshots(root, { ...rules, nowMs: Date.now() }, listening());
    expect(leftovers.paths).toEqual([`snapshots/.unchecked-${idA}`]);
    expect(foreign).toEqual([]);
  });
});

describe('a process that is killed', () => {
  /** What it leaves: a draft whose lock is free. */
  function killedDraft(root: string): string {
    const made = plantSnapshot(root, idA, modelFiles());
    mkdirSync(rootPath.locks(root), { recursive: true });
    const draft = rootPath.draft(root, 'x');
    renameSync(made, draft);
    utimesSync(draft, new Date(), new Date());
    return draft;
  }

  it('beside its canary leaves a complete draft, which is kept and found', async () => {
    const root = join(temporaryDirectory(), 'root');
    killedDraft(root);
    expect(cleanDrafts(root, { dryRun: true }).paths).toEqual([]);
    (await findMade(root, idA, listening()))?.close();
    expect(entries(root)).toEqual([idA]);
  });

  it('before that leaves one that is removed', () => {
    const root = join(temporaryDirectory(), 'root');
    const draft = killedDraft(root);
    unlinkSync(join(draft, snapshotFile.manifest));
    expect(cleanDrafts(root).paths).toEqual(['snapshots/.tmp-x']);
    expect(existsSync(draft)).toBe(false);
    expect(entries(root)).toEqual([]);
  });
});
