/** A disk that really fills up, at every place of the work: the error says so, and nothing is left of the attempt. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { freeBytes } from '#dist/core/files/free-space.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { readCurrent } from '#dist/core/snapshot/resolve-reference.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { publish } from '#dist/core/tasks/publish.js';
import { contentOf, idA, idB, listening, makeSnapshot, npy } from '../helpers/snapshots.js';
import { mountTmpfs } from '../helpers/tmpfs.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
const mebibyte = 1 << 20;
const numItems = 100_000;
const vectors = npy('<f4', [numItems, 2], new Float32Array(2 * numItems).fill(1));
const rows = npy(
  '<u4',
  [numItems],
  Uint32Array.from({ length: numItems }, (_, row) => row),
);

let disk: string;

describe('a disk of 4 MiB', { tags: ['mount'] }, () => {
  beforeEach(() => {
    disk = temporaryDirectory();
    mountTmpfs(disk, 4 * mebibyte);
  });

  afterEach(() => spawnSync('umount', ['-l', disk]));

  /** Leaves so many bytes free. */
  function fillBut(bytes: number): void {
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(Math.max(0, freeBytes(disk) - bytes)));
  }

  async function makeLarge(root: string): Promise<unknown> {
    const draft = beginSnapshot(root, { estimatedBytes: 0 }, listening());
    try {
      draft.write('model/item.npy', [vectors]);
      draft.write('index/item.rows.npy', [rows]);
      const content = contentOf(idB);
      const interactions = { ...content.inputs.interactions, items: numItems };
      return await draft.commit({ ...content, inputs: { ...content.inputs, interactions } });
    } finally {
      draft.abandon();
    }
  }

  it('says disk full wherever it fills up, leaves nothing behind, and what is current stays', async () => {
    const root = join(disk, 'root');
    await makeSnapshot(root, idA);
    await publish({ root, require: [], dryRun: false }, listening());
    const needed = vectors.length + rows.length;
    const history = readFileSync(rootPath.history(root));
    let full = 0;
    for (const free of [
      0,
      4096,
      64 << 10,
      vectors.length - 4096,
      vectors.length + 4096,
      needed - 4096,
      needed,
    ]) {
      fillBut(free);
      const error: unknown = await makeLarge(root).catch((reason: unknown) => reason);
      if (error instanceof AppError) {
        expect(error).toMatchObject({ code: 'disk-full', exitCode: 7 });
        full++;
      }
      expect(readdirSync(rootPath.snapshots(root))).toEqual([idA]);
      expect(readdirSync(rootPath.locks(root))).toEqual(['publish']);
      expect(readCurrent(root)).toBe(idA);
      writeFileSync(join(disk, 'ballast'), '');
    }
    expect(full).toBe(7);
    expect(readFileSync(rootPath.history(root)).equals(history)).toBe(true);
    await makeLarge(root);
    expect(readdirSync(rootPath.snapshots(root))).toEqual([idA, idB]);
  });

  it('is refused before the work where the estimate does not fit', () => {
    mkdirSync(join(disk, 'root'));
    fillBut(mebibyte);
    expect(() => beginSnapshot(join(disk, 'root'), { estimatedBytes: mebibyte }, listening())).toThrow(
      expect.objectContaining({
        code: 'disk-full',
        message: expect.stringContaining('1.5 MiB are needed'),
      }) as Error,
    );
  });
});
