import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { tryLock } from '#dist/core/files/kernel-lock.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { completeManifest, manifestText } from '#dist/core/snapshot/manifest.js';
import { openForMaking, openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { writeCatalogue } from '#dist/core/store/catalogue-writer.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { contentOf, idA, idB, listening, plantLink, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let root: string;
let path: string;

beforeEach(() => {
  root = temporaryDirectory();
  path = plantSnapshot(root, idA);
  plantLink(root, 'latest', idA);
});

/** Rewrites a file of a snapshot in place, as nothing of segue ever does. */
function rewrite(file: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = change(readFileSync(file));
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
}

function flipByte(bytes: Buffer): Buffer {
  bytes[bytes.length >> 1]! ^= 1;
  return bytes;
}

describe('an open snapshot', () => {
  it('knows what it is and where its files are', async () => {
    const snapshot = await openForReading(root, idA, listening());
    expect(snapshot).toMatchObject({ id: idA, basis: idA, path });
    expect(snapshot.file('model/item.npy')).toBe(join(path, 'model/item.npy'));
    expect(snapshot.hasUsers()).toBe(false);
    expect(() => snapshot.userParts[0]!.file('users/users.npy')).toThrow(
      expect.objectContaining({ code: 'missing-part' }) as Error,
    );
    expect(() => snapshot.file('index/item.rows.npy')).toThrow(
      expect.objectContaining({ suggestions: [`segue build-index ${idA}`] }) as Error,
    );
    snapshot.close();
  });

  it('is kept by a lease until it is closed', async () => {
    const manifest = join(path, 'manifest.json');
    const snapshot = await openForReading(root, idA, listening());
    chmodSync(manifest, 0o644);
    expect(tryLock(manifest)).toBeUndefined();
    snapshot.close();
    expect(tryLock(manifest)).toBeDefined();
  });

  it('is what its reference named when it was opened, whatever becomes current after that', async () => {
    plantSnapshot(root, idB);
    plantLink(root, 'current', idA);
    const snapshot = await openForReading(root, undefined, listening());
    plantLink(root, 'current', idB);
    expect(snapshot.file('model/item.npy')).toContain(idA);
    snapshot.close();
  });

  it('is latest while nothing is published, with a warning; making commands always take latest', async () => {
    const context = listening();
    (await openForReading(root, undefined, context)).close();
    expect(context.told[0]).toMatchObject({
      kind: 'warning',
      message: expect.stringContaining('latest snapshot'),
    });
    plantLink(root, 'current', idA);
    plantSnapshot(root, idB);
    plantLink(root, 'latest', idB);
    expect((await openForReading(root, undefined, listening())).id).toBe(idA);
    expect((await openForMaking(root, undefined, listening())).id).toBe(idB);
  });
});

describe('the stamp', () => {
  it('spares the hashing of what was verified before', async () => {
    const first = listening();
    (await openForReading(root, idA, first)).close();
    expect(first.told.at(-1)).toMatchObject({ kind: 'step', done: 296, total: 296, unit: 'bytes' });
    const second = listening();
    (await openForReading(root, idA, second)).close();
    expect(second.told).toEqual([]);
  });

  it('does not hold for a file that was written to, or put in the place of another', async () => {
    const file = join(path, 'model/item.npy');
    for (const damage of [
      () => {
        rewrite(file, flipByte);
      },
      () => {
        const bytes = readFileSync(file);
        rmSync(file);
        writeFileSync(file, flipByte(bytes));
      },
    ]) {
      const good = readFileSync(file);
      (await openForReading(root, idA, listening())).close();
      damage();
      await expect(openForReading(root, idA, listening())).rejects.toThrow(
        /item\.npy: its sha256 is [0-9a-f]{64}/,
      );
      rmSync(file);
      writeFileSync(file, good, { mode: 0o444 });
    }
  });

  it('does not hold for another manifest', async () => {
    plantSnapshot(root, idB);
    (await openForReading(root, idB, listening())).close();
    const { manifest } = await openForReading(root, idB, listening());
    const files = new Map(Object.entries(manifest.files));
    const other = completeManifest(contentOf(idB, { metrics: { loss: 0 } }), files);
    writeFileSync(join(rootPath.snapshot(root, idB), 'manifest.json'), manifestText(other));
    const context = listening();
    (await openForReading(root, idB, context)).close();
    expect(context.told).not.toEqual([]);
  });

  it('does not hold for a directory that became a link, even to the same files', async () => {
    (await openForReading(root, idA, listening())).close();
    renameSync(join(path, 'model'), join(root, 'elsewhere'));
    symlinkSync(join(root, 'elsewhere'), join(path, 'model'));
    await expect(openForReading(root, idA, listening())).rejects.toThrow('model: it is a symbolic link');
  });

  it.each(['', '{', 'null', '{"manifest":1}', '{"manifest":"x","files":{"__proto__":1}}'])(
    'is worth nothing when it contains %j',
    async (text) => {
      mkdirSync(rootPath.stamps(root), { recursive: true });
      rmSync(rootPath.stamp(root, idA), { force: true });
      writeFileSync(rootPath.stamp(root, idA), text);
      const context = listening();
      (await openForReading(root, idA, context)).close();
      expect(context.told).not.toEqual([]);
    },
  );

  it('is not followed through a link', async () => {
    (await openForReading(root, idA, listening())).close();
    renameSync(rootPath.stamp(root, idA), join(root, 'elsewhere'));
    symlinkSync('../elsewhere', rootPath.stamp(root, idA));
    const context = listening();
    (await openForReading(root, idA, context)).close();
    expect(context.told).not.toEqual([]);
  });

  it('is not needed: a root that cannot be written is read all the same', async () => {
    rmSync(rootPath.stamps(root), { recursive: true, force: true });
    writeFileSync(rootPath.stamps(root), 'in the way');
    for (let time = 0; time < 2; time++) (await openForReading(root, idA, listening())).close();
    expect(statSync(rootPath.stamps(root)).isFile()).toBe(true);
  });
});

describe('a damaged snapshot is refused, naming the file:', () => {
  const refusal = async (): Promise<unknown> =>
    openForReading(root, idA, listening()).catch((error: unknown) => error);

  it.each([0, 4, 8, 100, -4, -8])('a file cut to %i bytes', async (length) => {
    for (const name of ['model/item.npy', 'model/eigenvalues.npy', 'manifest.json']) {
      const file = join(path, name);
      const bytes = readFileSync(file);
      truncateSync(file, length < 0 ? bytes.length + length : length);
      expect(await refusal()).toMatchObject({
        code: 'damaged-snapshot',
        message: expect.stringContaining(name),
      });
      writeFileSync(file, bytes);
    }
  });

  it('a single bit, with got and wanted', async () => {
    const file = join(path, 'model/item.npy');
    const wanted = sha256Hex(readFileSync(file));
    rewrite(file, flipByte);
    expect(await refusal()).toMatchObject({
      code: 'damaged-snapshot',
      exitCode: 4,
      details: { file: 'model/item.npy', wanted, got: sha256Hex(readFileSync(file)) },
    });
  });

  const item = 'model/item.npy';
  it.each<[string, string, (file: string) => void]>([
    ['a missing file', item, (file) => rmSync(file)],
    [
      'a link, even to the same bytes',
      item,
      (file) => {
        renameSync(file, join(root, 'elsewhere'));
        symlinkSync(join(root, 'elsewhere'), file);
      },
    ],
    [
      'a directory in its place',
      item,
      (file) => {
        rmSync(file);
        mkdirSync(file);
      },
    ],
    [
      'a FIFO in its place',
      item,
      (file) => {
        rmSync(file);
        execFileSync('mkfifo', [file]);
      },
    ],
    ['a file that nobody named', 'model/extra', (file) => writeFileSync(file, '')],
    ['a hidden one', '.extra', (file) => writeFileSync(file, '')],
    ['a directory that nobody named', 'extra', (file) => mkdirSync(file)],
    [
      'a directory that is a link, even to the same files',
      'model',
      (file) => {
        renameSync(file, join(root, 'elsewhere'));
        symlinkSync(join(root, 'elsewhere'), file);
      },
    ],
    ['no manifest', 'manifest.json', (file) => rmSync(file)],
    [
      'a manifest that is a link',
      'manifest.json',
      (file) => {
        renameSync(file, join(root, 'elsewhere'));
        symlinkSync(join(root, 'elsewhere'), file);
      },
    ],
    [
      'a manifest that is a FIFO',
      'manifest.json',
      (file) => {
        rmSync(file);
        execFileSync('mkfifo', [file]);
      },
    ],
  ])('%s', async (_what, name, damage) => {
    damage(join(path, name));
    expect(await refusal()).toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringContaining(name),
    });
  });

  it('the manifest of another snapshot', async () => {
    plantSnapshot(root, idB);
    cpSync(rootPath.snapshot(root, idB), join(root, 'copy'), { recursive: true });
    rmSync(path, { recursive: true });
    renameSync(join(root, 'copy'), path);
    expect(await refusal()).toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringContaining(idB),
    });
  });

  it('but not for the lock file that LMDB makes beside a store', async () => {
    const store = join(temporaryDirectory(), 'store.mdb');
    await writeCatalogue(store, 'item', { ids: packStrings(['a', 'b', 'c']), columns: [] });
    const planted = plantSnapshot(root, idB, new Map([['model/store.mdb', readFileSync(store)]]));
    writeFileSync(join(planted, 'model/store.mdb-lock'), '');
    (await openForReading(root, idB, listening())).close();
    writeFileSync(join(planted, 'model/other.mdb-lock'), '');
    rmSync(rootPath.stamp(root, idB));
    await expect(openForReading(root, idB, listening())).rejects.toThrow('model/other.mdb-lock');
  });

  it('nor for other times or modes', async () => {
    utimesSync(join(path, item), 1, 1);
    chmodSync(join(path, item), 0o600);
    (await openForReading(root, idA, listening())).close();
    expect(existsSync(rootPath.stamp(root, idA))).toBe(true);
    expect(readdirSync(rootPath.stamps(root))).toEqual([idA]);
  });
});

describe('a snapshot that is collected while it is opened', () => {
  const lstat = fs.lstatSync;

  afterEach(() => {
    Object.assign(fs, { lstatSync: lstat });
    syncBuiltinESMExports();
  });

  it('right after it was found to be there is one that is not there, and no bug', async () => {
    let collected = false;
    const collecting = (at: string, options: object): unknown => {
      const stat = lstat(at, options);
      if (at === path && !collected) {
        collected = true;
        renameSync(path, join(root, 'trash'));
      }
      return stat;
    };
    Object.assign(fs, { lstatSync: collecting });
    syncBuiltinESMExports();
    await expect(openForReading(root, idA, listening())).rejects.toMatchObject({
      code: 'snapshot-not-found',
    });
    expect(collected).toBe(true);
  });
});
