import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyMap, encodeMap } from '#dist/core/map/map-format.js';
import { snapshotMap } from '#dist/core/map/snapshot-map.js';
import { keepMap, readKeptMap } from '#dist/core/snapshot/kept-map.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { gc } from '#dist/core/tasks/gc.js';
import { deleteSnapshots } from '#dist/core/tasks/snapshots/delete.js';
import { makeSmallSnapshot } from '../../helpers/small-snapshot.js';
import { idA, idB, idC, listening } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';
import { randomRows } from '../../helpers/vectors.js';

const temporaryDirectory = temporaryDirectories();
/** So few that there is nothing to lay out. */
const items = randomRows(5, 4, 6).map((vector, row) => [`i${row}`, ...vector] as const);
let root: string;
let path: string;
let expected: Uint8Array;

async function mapOf(id = idA): Promise<Uint8Array> {
  const snapshot = await openForReading(root, id, listening());
  try {
    return await snapshotMap(snapshot, 1, listening());
  } finally {
    snapshot.close();
  }
}

beforeAll(async () => {
  root = temporaryDirectory();
  await makeSmallSnapshot(root, idA, { items });
  expected = await mapOf();
});
beforeEach(async () => {
  root = temporaryDirectory();
  path = rootPath.map(root, idA);
  await makeSmallSnapshot(root, idA, { items });
});

describe('a map that was made', () => {
  it('is kept, and read the next time', async () => {
    expect(await mapOf()).toEqual(expected);
    expect(statSync(path).mode & 0o777).toBe(0o444);
    // Whatever is kept is answered: here one that nobody would make.
    const other = encodeMap(emptyMap(items.length));
    keepMap(root, idA, other);
    expect(await mapOf()).toEqual(other);
    expect(readdirSync(rootPath.maps(root))).toEqual([idA]);
  });

  it.each([
    ['cut short', () => truncateSync(path, 30)],
    ['empty', () => truncateSync(path, 0)],
    ['changed', () => writeFileSync(path, readFileSync(path).fill(7, 20, 21))],
    [
      'of another version',
      () =>
        keepMap(
          root,
          idA,
          expected.map((byte, at) => (at === 8 ? 99 : byte)),
        ),
    ],
  ])('is made anew where it is %s', async (_, damage) => {
    await mapOf();
    chmodSync(path, 0o644);
    damage();
    expect(await mapOf()).toEqual(expected);
    expect(readKeptMap(root, idA)).toEqual(Buffer.from(expected));
  });

  it('is not read through a link', async () => {
    const elsewhere = join(temporaryDirectory(), 'map');
    await mapOf();
    writeFileSync(elsewhere, readFileSync(path));
    rmSync(path);
    symlinkSync(elsewhere, path);
    expect(readKeptMap(root, idA)).toBeUndefined();
    expect(await mapOf()).toEqual(expected);
    expect(readKeptMap(root, idA)).toBeDefined();
  });

  it('is answered where it cannot be kept', async () => {
    // A file in the place of the directory, which no user's rights can overcome.
    mkdirSync(rootPath.maps(root));
    mkdirSync(path);
    expect(await mapOf()).toEqual(expected);
  });

  it('goes with its snapshot', async () => {
    await makeSmallSnapshot(root, idB, { items: items.slice(0, 2) });
    await makeSmallSnapshot(root, idC, { items: items.slice(0, 3) });
    for (const id of [idA, idB, idC]) await mapOf(id);
    expect(readdirSync(rootPath.maps(root))).toEqual([idA, idB, idC]);
    await deleteSnapshots({ root, snapshots: [idA], force: false, dryRun: false }, listening());
    expect(readdirSync(rootPath.maps(root))).toEqual([idB, idC]);
    // The latest stays. What was left of one that went otherwise goes too, and what is not segue's is only named.
    const stale = rootPath.map(root, '9'.repeat(16));
    writeFileSync(stale, 'x'.repeat(500));
    writeFileSync(join(rootPath.maps(root), 'mine'), '');
    const expected = {
      freedBytes: expect.any(Number),
      foreign: [{ path: 'maps/mine', is: 'a regular file' }],
    };
    const dry = await gc({ root, keep: 0, dryRun: true }, listening());
    expect(dry).toMatchObject(expected);
    expect(readdirSync(rootPath.maps(root))).toHaveLength(4);
    const done = await gc({ root, keep: 0, dryRun: false }, listening());
    expect(done).toMatchObject({ ...expected, freedBytes: dry.freedBytes });
    expect(readdirSync(rootPath.maps(root))).toEqual([idC, 'mine']);
    expect(existsSync(rootPath.snapshot(root, idB))).toBe(false);
  });

  it('is not looked for in a directory that is a link', async () => {
    symlinkSync(temporaryDirectory(), rootPath.maps(root));
    await expect(gc({ root, keep: 0, dryRun: false }, listening())).rejects.toMatchObject({
      code: 'damaged-root',
    });
  });
});
