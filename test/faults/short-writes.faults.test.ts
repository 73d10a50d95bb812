/**
 * A kernel that claims to have written what it did not: the file is whole, or there is an error and no file. At the last
 * write of every file that training writes, before a release at its first too, and at some of LMDB's.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listSnapshotIds } from '#dist/core/snapshot/resolve-reference.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { runWithFault } from '../helpers/fault-injection.js';
import { changesOf, litterIn, predictably, sweepFault } from '../helpers/fault-sweep.js';
import type { Change, Swept } from '../helpers/fault-sweep.js';
import { isNightly } from '../helpers/full-tests.js';
import { binPath } from '../helpers/run-segue.js';
import { isThere, listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();

/** Some of the files of a snapshot. */
const ofEveryKind = ['model/item.npy', 'model/store.mdb', 'manifest.json'];

const failing = (call: string): string => `
  import { appendDurably, writeDurableFile } from '#dist/core/files/durable-write.js';
  try {
    ${call}
  } catch (error) {
    process.stderr.write(error.message);
    process.exitCode = error.exitCode ?? 70;
  }`;

describe('writeDurableFile', { tags: ['strace'] }, () => {
  const program = failing(
    `writeDurableFile(process.argv[1], [Buffer.alloc(5000, 1), Buffer.alloc(5000, 2), Buffer.alloc(5000, 3)]);`,
  );

  it.each([1, 2, 3])('notices that write %i did not arrive', async (nth) => {
    const path = join(temporaryDirectory(), 'file');
    const run = await runWithFault(program, [path], { name: 'write', nth, text: '' }, 'short', path);
    expect(run.fired).toBe(true);
    expect(run.code).toBe(7);
    expect(run.stderr).toBe(`could not write ${path}: 14990 of 15000 bytes arrived`);
    expect(existsSync(path)).toBe(false);
  });
});

describe('appendDurably', { tags: ['strace'] }, () => {
  it('notices that what it wrote did not arrive, and leaves what stood there', async () => {
    const path = join(temporaryDirectory(), 'file');
    writeFileSync(path, 'a line\n');
    const write = { name: 'write', nth: 1, text: '' };
    const run = await runWithFault(
      failing(`appendDurably(process.argv[1], 'another line\\n');`),
      [path],
      write,
      'short',
      path,
    );
    expect(run.fired).toBe(true);
    expect(run.code).toBe(7);
    expect(run.stderr).toBe(`could not write ${path}: 3 of 13 bytes arrived`);
    expect(readFileSync(path, 'utf8')).toMatch(/^a line\n/);
  });
});

describe('training', { tags: ['strace'] }, () => {
  let swept: Swept;
  let writes: Change[];

  beforeAll(async () => {
    const template = join(keptDirectory(), 'root');
    mkdirSync(template);
    const plays = join(dirname(template), 'plays.csv');
    const lines = Array.from({ length: 400 }, (_, at) => `u${at % 40},i${(at * 7 + (at >> 4)) % 30},1`);
    writeFileSync(plays, ['user,item,plays', ...new Set(lines)].join('\n'));
    const flags = ['--factors', '4', '--epochs', '1', '--threads', '1', '--root'];
    swept = {
      program: [...predictably, binPath, 'train', plays, ...flags],
      template,
      newDirectory: temporaryDirectory,
    };
    const all = (await changesOf({ ...swept, newDirectory: keptDirectory })).filter(({ name }) =>
      name.includes('write'),
    );
    writes = all.filter(({ path }, at) => {
      const same = all.flatMap((each, index) => (each.path === path ? [index] : []));
      // Of a store more, at night all: the first and the last are ours, what is between is LMDB's.
      const isStore = path.endsWith('.mdb');
      const isFirst = at === same[0] && (isNightly || isStore);
      return isFirst || at === same.at(-1) || (isStore && (isNightly || at % 9 === 0));
    });
    const ends = new Set(writes.map(({ path }) => path.replace(/^.*\.tmp-[^/]*\//, '')));
    for (const file of ofEveryKind) expect([...ends]).toContain(file);
  });

  it('makes a whole snapshot or none', async () => {
    const refused = new Set<string>();
    await sweepFault(swept, 'short', writes, async ({ path }, root, run, what) => {
      // LMDB dies of what a kernel would not do; a real full disk is found out before it writes.
      const deaths = path.endsWith('.mdb') ? ['SIGSEGV', 'SIGBUS', 'SIGABRT'] : [];
      expect([0, 7, ...deaths], what).toContain(run.code ?? run.signal);
      const ids = listSnapshotIds(root);
      expect(ids, what).toHaveLength(run.code === 0 ? 1 : 0);
      for (const id of ids) expect(await isThere(root, id), what).toBe(true);
      if (run.code === null) beginSnapshot(root, { estimatedBytes: 1 }, listening()).abandon();
      expect(litterIn(root), what).toEqual([]);
      if (run.code !== 0) refused.add(path.replace(/^.*\.tmp-[^/]*\//, ''));
    });
    // A stamp or a note may be lost without harm; of what belongs to the snapshot nothing may.
    const ofSnapshot = writes.filter(({ path }) => path.includes('.tmp-'));
    for (const { path } of ofSnapshot) expect([...refused]).toContain(path.replace(/^.*\.tmp-[^/]*\//, ''));
  });
});
