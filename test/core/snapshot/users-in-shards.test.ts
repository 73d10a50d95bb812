import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import { canonicalJson } from '#dist/core/snapshot/canonical-json.js';
import { shardFile, type UserFile } from '#dist/core/snapshot/layout.js';
import { checksumOf, manifestText, shardDigest, type Manifest } from '#dist/core/snapshot/manifest.js';
import { parseManifest } from '#dist/core/snapshot/read-manifest.js';
import { partOfRow, runsByPart, shardOf, userParts } from '#dist/core/snapshot/users/user-parts.js';
import { openStoredDirectory } from '#dist/core/snapshot/users/stored-directory.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { cutIntoShards } from '#dist/core/snapshot/writing/cut-into-shards.js';
import { scatterRows } from '#dist/core/snapshot/writing/scatter-rows.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { npyHeader } from '#dist/core/files/npy.js';
import { emptyPairs } from '#dist/core/numeric/split-pairs.js';
import { readUserTable } from '#dist/core/tables/snapshot-tables.js';
import { packStrings } from '#dist/core/tables/string-column.js';
import { useCanaryHere } from '../../helpers/canary-here.js';
import { copyGoldenRoot, goldenPath } from '../../helpers/golden-root.js';
import { scratchPath } from '../../helpers/scratch-path.js';
import { writeWithLimits } from '../../../scripts/make-golden-shards.mjs';
import { listening } from '../../helpers/snapshots.js';

useCanaryHere();

const goldenManifest = join(goldenPath, 'v1/root/snapshots/c81a312a6b788068/manifest.json');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(scratchPath, 'segue-shards-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A snapshot of als with 21 users in four shards. */
async function makeSharded(): Promise<{ readonly path: string; readonly manifest: Manifest }> {
  copyGoldenRoot('v1', join(folder, 'v1'));
  const limits = { idBytes: 150, pairs: 1200 };
  return writeWithLimits(join(folder, 'v1'), 'indexed', join(folder, 'root'), limits);
}

it('the shard of an id is the lowest bits of its CRC-32', () => {
  // The check value of the polynomial of zip and PNG.
  expect(crc32('123456789')).toBe(0xcbf43926);
  expect([2, 16, 1024].map((count) => shardOf('123456789', count))).toEqual([0, 6, 0x126]);
  expect(shardOf(Buffer.from('Bjørk'), 256)).toBe(shardOf('Bjørk', 256));
});

describe('cutting users into shards', () => {
  const ids = packStrings(Array.from({ length: 300 }, (_, u) => `user-${u}`));
  const histories = emptyPairs(
    Uint32Array.from({ length: 301 }, (_, u) => 3 * u),
    10,
  );
  const all = { idBytes: ids.bytes.length, pairs: 900 };

  it('is not done where one part holds all of them, to the last byte and pair', () => {
    expect(cutIntoShards(ids, histories, all, 1)).toBeUndefined();
    expect(cutIntoShards(ids, histories, { ...all, pairs: 899 }, 1)?.rows).toHaveLength(2);
    expect(cutIntoShards(ids, histories, { ...all, idBytes: all.idBytes - 1 }, 1)?.rows).toHaveLength(2);
  });

  it.each([
    [{ ...all, pairs: 300 }, 1],
    [{ ...all, idBytes: 200 }, 1],
    [{ idBytes: 100, pairs: 30 }, 1],
    [all, 16],
  ])('puts everyone into their shard, in order, and no shard past %o', (limits, least) => {
    const shards = cutIntoShards(ids, histories, limits, least)!;
    const count = shards.rows.length;
    expect(count).toBeGreaterThanOrEqual(least);
    const naive = Array.from({ length: count }, (_, shard) =>
      Array.from({ length: 300 }, (_, row) => row).filter((row) => shardOf(ids.at(row), count) === shard),
    );
    expect(shards.rows.map((rows) => [...rows])).toEqual(naive);
    expect(shards.pairs).toEqual(naive.map((rows) => 3 * rows.length));
    expect(shards.pairs.every((pairs) => pairs <= limits.pairs)).toBe(true);
    for (const [shard, rows] of naive.entries())
      for (const row of rows) expect(shards.shardOfRow[row]).toBe(shard);
  });

  it('refuses what no number of shards holds', () => {
    const limits = { ...all, pairs: 2 };
    expect(() => cutIntoShards(ids, histories, limits, 1)).toThrow(/do not fit into 1024 shards/);
  });
});

it('rows by part are found where parts are empty too', () => {
  const parts = [2, 0, 3, 0].map((rows, at) => ({ first: [0, 2, 2, 5][at]!, rows }));
  const [none] = userParts(
    parseManifest(readFileSync(goldenManifest, 'utf8'), 'manifest.json'),
    (name) => name,
  );
  const all = parts.map((part) => ({ ...none!, ...part }));
  expect([0, 1, 2, 4].map((row) => partOfRow(all, row))).toEqual([0, 0, 2, 2]);
  expect(() => partOfRow(all, 5)).toThrow(RangeError);
  const runs = Array.from(runsByPart(all, Uint32Array.of(4, 2, 1, 0, 3)));
  expect(runs.map(({ part, rows }) => [part, ...rows])).toEqual([
    [2, 2, 0],
    [0, 1, 0],
    [2, 1],
  ]);
});

it('an array that has not a row for every user is written nowhere', async () => {
  const draft = beginSnapshot(join(folder, 'root'), { estimatedBytes: 1000 }, listening());
  try {
    const ids = packStrings(['a', 'b', 'c']);
    const shards = cutIntoShards(ids, emptyPairs(new Uint32Array(4), 1), { idBytes: 10, pairs: 10 }, 2)!;
    const chunks = [npyHeader('|u1', [2]), Uint8Array.of(1, 1)];
    const openBefore = existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0;
    await expect(
      scatterRows(draft, { name: 'users/imported.npy', dtype: '|u1', rowShape: [], chunks }, shards),
    ).rejects.toThrow('2 rows of users/imported.npy, wanted 3');
    expect(existsSync('/proc/self/fd') ? readdirSync('/proc/self/fd').length : 0).toBe(openBefore);
  } finally {
    draft.abandon();
  }
});

describe('the manifest of a snapshot in shards', () => {
  const parsed = (manifest: object): Manifest => {
    const signed = { ...manifest, checksum: checksumOf(manifest as Manifest) } as Manifest;
    return parseManifest(manifestText(signed), 'manifest.json');
  };

  it('states the digest of the files of each', async () => {
    const { manifest } = await makeSharded();
    expect(parsed(manifest)).toEqual(manifest);
    const { shards = [] } = manifest.users!;
    expect(shards).toHaveLength(4);
    expect(shards.reduce((sum, { rows }) => sum + rows, 0)).toBe(21);
    const own = Object.entries(manifest.files).filter(([path]) => path.startsWith('users/0002/'));
    expect(own.length).toBeGreaterThan(8);
    const naive = canonicalJson(
      Object.fromEntries(
        own.map(([path, { bytes, sha256 }]) => [path.replace('users/0002/', ''), { bytes, sha256 }]),
      ),
    );
    expect(shards[2]!.sha256).toBe(sha256Hex(naive));
  });

  it('is damaged where it states shards that its files are not', async () => {
    const { manifest } = await makeSharded();
    const users = manifest.users!;
    const shards = users.shards!;
    const changes: [string, Partial<Manifest>][] = [
      ['no shards', { users: { rows: users.rows, unconverged: 0, options: {} } }],
      ['no users', { users: null }],
      ['three shards', { users: { ...users, shards: shards.slice(1) } }],
      [
        'a shard of another digest',
        { users: { ...users, shards: [shards[1]!, shards[0]!, ...shards.slice(2)] } },
      ],
      ['fewer rows', { users: { ...users, rows: 20 } }],
      [
        'a file beside the shards',
        { files: { ...manifest.files, 'users/users.npy': { bytes: 1, sha256: sha256Hex('') } } },
      ],
      [
        'a file more in a shard',
        { files: { ...manifest.files, 'users/0001/more.npy': { bytes: 1, sha256: sha256Hex('') } } },
      ],
    ];
    for (const [what, change] of changes)
      expect(() => parsed({ ...manifest, ...change }), what).toThrow(
        expect.objectContaining({ code: 'damaged-snapshot' }) as Error,
      );
  });

  it('has shards in version 3 only: in another they say nothing', async () => {
    const { manifest } = await makeSharded();
    const parts = userParts(parsed({ ...manifest, formatVersion: 1 }), (name) => name);
    expect(parts.map((part) => part.has('users/users.npy'))).toEqual([false]);
  });
});

describe('a shard that is not as it was written', () => {
  const inShard = (path: string, shard: number, name: UserFile): string => join(path, shardFile(shard, name));

  it('is found by its bytes, and named', async () => {
    const { path, manifest } = await makeSharded();
    const file = inShard(path, 3, 'users/history/item.npy');
    chmodSync(file, 0o644);
    writeFileSync(file, readFileSync(file).subarray(0, -4));
    await expect(verifyFiles(path, manifest, listening())).rejects.toThrow(/users\/0003\/history\/item.npy/);
  });

  /** Puts other bytes down, and says so in the manifest: as a program would that writes shards wrongly. */
  async function forged(shard: number, name: UserFile, from: number): Promise<Promise<void>> {
    const { path, manifest } = await makeSharded();
    const bytes = readFileSync(inShard(path, from, name));
    const to = inShard(path, shard, name);
    chmodSync(to, 0o644);
    writeFileSync(to, bytes);
    const files = {
      ...manifest.files,
      [shardFile(shard, name)]: { bytes: bytes.length, sha256: sha256Hex(bytes) },
    };
    const shards = manifest.users!.shards!.map((section, at) => ({
      ...section,
      sha256: shardDigest(files, at),
    }));
    const changed = { ...manifest, files, users: { ...manifest.users!, shards } };
    await verifyFiles(path, changed, listening());
    return checkContents(path, changed);
  }

  it.each([
    ['users/users.npy', /users\/0001\/users.npy/],
    ['users/users.arrow', /users\/0001\/users.arrow/],
    ['users/store.mdb', /users\/0001\/store.mdb/],
    ['users/history/indptr.npy', /users\/0001\/history\/indptr.npy/],
    ['users/history/count.npy', /users\/0001\/history\/count.npy/],
  ] as const)('is found where it has %s of another', async (name, message) => {
    await expect(forged(1, name, 0)).rejects.toThrow(message);
  });

  it('is found where it has no look-ups', async () => {
    const { path, manifest } = await makeSharded();
    const { [shardFile(2, 'users/store.mdb')]: _, ...files } = manifest.files;
    await expect(checkContents(path, { ...manifest, files })).rejects.toThrow(/users\/0002\/store.mdb/);
  });

  it('gives nobody the row of a user of the next', async () => {
    const { path, manifest } = await makeSharded();
    const parts = userParts(manifest, (name) => join(path, name)).map((part) => ({ ...part, rows: 1 }));
    const directory = openStoredDirectory({ userParts: parts });
    const { ids } = await readUserTable(join(path, shardFile(0, 'users/users.arrow')));
    try {
      expect(directory.rowOf(ids.at(0))).toBe(0);
      expect(() => directory.rowOf(ids.at(1))).toThrow(/leads to the user row 1, wanted one below 1/);
    } finally {
      directory.close();
    }
  });

  it('is found where its users belong into another', async () => {
    const { path, manifest } = await makeSharded();
    // Both have five users: the third and the fourth shard change places.
    const swap = (name: string): string =>
      name.replace(/^users\/000([23])\//, (_, at: string) => `users/000${at === '2' ? '3' : '2'}/`);
    const shards = manifest.users!.shards!;
    expect(shards[2]!.rows).toBe(shards[3]!.rows);
    const files = Object.fromEntries(
      Object.entries(manifest.files).map(([name, digest]) => [swap(name), digest]),
    );
    const [two, three] = [2, 3].map((at) => join(path, 'users', `000${at}`));
    chmodSync(join(path, 'users'), 0o755);
    for (const [from, to] of [
      [two!, join(path, 'users', 'x')],
      [three!, two!],
      [join(path, 'users', 'x'), three!],
    ] as const)
      renameSync(from, to);
    const swapped = [shards[0]!, shards[1]!, shards[3]!, shards[2]!];
    const changed = { ...manifest, files, users: { ...manifest.users!, shards: swapped } };
    await verifyFiles(path, changed, listening());
    await expect(checkContents(path, changed)).rejects.toThrow(
      /users\/0002\/users.arrow: the id of row 0 belongs to shard 3/,
    );
  });
});
