/**
 * Every system call with which an import makes its snapshot: killed there, failed, its disk full, its write cut short.
 * The snapshot is whole or not there, nothing lies about that `gc` does not name, and the same import again gives the
 * same bytes.
 */
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { listSnapshotIds, resolveReference } from '#dist/core/snapshot/resolve-reference.js';
import { gc } from '#dist/core/tasks/gc.js';
import { importVectors, type ImportVectorsOptions } from '#dist/core/tasks/import.js';
import {
  changesOf,
  copyRoot,
  everyNth,
  litterIn,
  sweepFault,
  sweptFaults,
  sweptTask,
  type Change,
  type Swept,
} from '../helpers/fault-sweep.js';
import { isThere, listening, npy } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';
import { hashesBelow } from '../helpers/trained-root.js';

const keptDirectory = temporaryDirectories('file');
const temporaryDirectory = temporaryDirectories();
const inputs = keptDirectory();
const numItems = 30;
const numUsers = 9;

/** Vectors of both sides, ids, names and an artist each, so that every file is made that an import can make. */
function writeInputs(): void {
  const random = seededRandom(3);
  const matrix = (rows: number): Uint8Array =>
    npy(
      '<f4',
      [rows, 4],
      Float32Array.from({ length: 4 * rows }, () => random.nextFraction() - 0.5),
    );
  const lines = (rows: number, of: (row: number) => object): string =>
    Array.from({ length: rows }, (_, row) => `${JSON.stringify(of(row))}\n`).join('');
  const item = (row: number): object => ({ id: `i${row}`, name: `Song ${row}`, artist: `Band ${row % 4}` });
  writeFileSync(join(inputs, 'items.npy'), matrix(numItems));
  writeFileSync(join(inputs, 'items.jsonl'), lines(numItems, item));
  writeFileSync(join(inputs, 'users.npy'), matrix(numUsers));
  writeFileSync(
    join(inputs, 'users.jsonl'),
    lines(numUsers, (row) => ({ id: `u${row}` })),
  );
}

const options: Omit<ImportVectorsOptions, 'root'> = {
  vectors: join(inputs, 'items.npy'),
  ids: join(inputs, 'items.jsonl'),
  userVectors: join(inputs, 'users.npy'),
  userIds: join(inputs, 'users.jsonl'),
  eventFormat: 'auto',
  skipBadRows: false,
  measure: 'inner-product',
  foldOptions: {},
  threads: 1,
  tag: 'theirs',
  dryRun: false,
};

// In processes only: LMDB, which writes most of it, calls the kernel itself.
const { program } = sweptTask('#dist/core/tasks/import.js', importVectors, options);

describe('importing', { tags: ['strace'] }, () => {
  let swept: Swept;
  let changes: Change[];
  let id: string;
  let whole: Record<string, string>;

  beforeAll(async () => {
    writeInputs();
    // Of another import, so that there is something that must stay as it is.
    const template = join(keptDirectory(), 'root');
    await importVectors(
      { root: template, ...options, userVectors: undefined, userIds: undefined },
      listening(),
    );
    swept = { program, template, newDirectory: temporaryDirectory };
    changes = await changesOf({ ...swept, newDirectory: keptDirectory });
    const root = copyRoot({ ...swept, newDirectory: keptDirectory });
    ({ snapshot: id } = await importVectors({ root, ...options }, listening()));
    whole = hashesBelow(rootPath.snapshots(root));
    expect(changes.length).toBeGreaterThan(60);
  });

  it.each([...sweptFaults, 'short'] as const)(
    'makes the whole snapshot or none with %s at any call, and the same bytes when it is run again',
    async (fault) => {
      const calls = fault === 'short' ? changes.filter(({ name }) => name.includes('write')) : changes;
      // Each fault at other calls.
      const first = [...sweptFaults, 'short'].indexOf(fault);
      const codes = new Set<number | null>();
      await sweepFault(swept, fault, everyNth(calls, 24, 7 * first), async (change, root, run, what) => {
        codes.add(run.code);
        // LMDB dies of a few faults that are aimed at its own calls; what leads to them is found out before it starts.
        const deaths = /\.mdb(-lock)?$/.test(change.path) ? ['SIGSEGV', 'SIGBUS', 'SIGABRT'] : [];
        expect(fault === 'SIGKILL' ? [fault] : [0, 7, ...deaths], what).toContain(run.code ?? run.signal);
        const ids = listSnapshotIds(root);
        for (const each of ids) expect(await isThere(root, each), what).toBe(true);
        if (run.code === 0) {
          expect(ids, what).toContain(id);
          expect(resolveReference(root, 'theirs'), what).toBe(id);
        }
        const litter = litterIn(root);
        // Unless it is the removing that failed.
        if (run.code !== null && !change.name.startsWith('unlink')) expect(litter, what).toEqual([]);
        const { leftovers } = await gc({ root, keep: 9, dryRun: true }, listening());
        // A complete draft is not removed: what is left to do for it is the check.
        const complete = litter.filter((name) => isComplete(root, name));
        // The lock of a draft is no more than the draft: it goes with it, or before there is one.
        const lying = litter.filter((name) => !name.startsWith('draft-') && !complete.includes(name));
        expect(leftovers.map((path) => basename(path)).sort(), what).toEqual(lying.sort());
        if (changes.indexOf(change) % 2 === 0) {
          expect((await gc({ root, keep: 9, dryRun: false }, listening())).leftovers, what).toEqual(
            leftovers,
          );
          expect(litterIn(root), what).toEqual(complete.map(() => `.unchecked-${id}`));
          expect(listSnapshotIds(root), what).toEqual(ids);
        }
        await importVectors({ root, ...options }, listening());
        // Where the snapshot is there, nothing is begun that would clear away a lock that could not be removed.
        if (change.name.startsWith('unlink')) await gc({ root, keep: 9, dryRun: false }, listening());
        expect(litterIn(root), what).toEqual([]);
        expect(hashesBelow(rootPath.snapshots(root)), what).toEqual(whole);
        expect(resolveReference(root, 'theirs'), what).toBe(id);
        expect(readdirSync(rootPath.snapshots(root)), what).toEqual(listSnapshotIds(root));
      });
      if (fault !== 'SIGKILL') expect(codes).toContain(7);
    },
  );
});

/** Whether a draft has its manifest, which is written last. */
function isComplete(root: string, name: string): boolean {
  const manifest = join(rootPath.snapshots(root), name, 'manifest.json');
  return (statSync(manifest, { throwIfNoEntry: false })?.size ?? 0) > 0;
}
