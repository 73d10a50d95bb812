/** Our writer, our reader and LMDB itself, on the same files. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { open } from 'lmdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { openLmdb } from '#dist/core/store/lmdb-reader.js';
import { writeLmdb } from '#dist/core/store/lmdb-writer.js';
import { mountTmpfs } from '../../helpers/tmpfs.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'segue-lmdb-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let numFiles = 0;
const newPath = () => join(folder, `${numFiles++}.mdb`);

type Entries = Map<string, Buffer>;
const ascending = (entries: Entries) =>
  [...entries]
    .map(([hex, value]): [Buffer, Buffer] => [Buffer.from(hex, 'hex'), value])
    .sort(([a], [b]) => Buffer.compare(a, b));

async function written(entries: Entries): Promise<string> {
  const path = newPath();
  await writeLmdb(path, ascending(entries), 2 ** 24);
  return path;
}

/** Entries as LMDB itself finds them. */
async function readByLmdb(path: string): Promise<[Buffer, Buffer][]> {
  const store = open<Buffer, Buffer>({
    path,
    noSubdir: true,
    readOnly: true,
    encoding: 'binary',
    keyEncoding: 'binary',
  });
  const found = [...store.getRange({})].map(({ key, value }): [Buffer, Buffer] => [
    Buffer.from(key),
    Buffer.from(value),
  ]);
  await store.close();
  rmSync(`${path}-lock`);
  return found;
}

/** `count` entries with keys of mixed lengths and values up to `maxValue` bytes. */
function seededEntries(count: number, maxValue: number): Entries {
  let state = 42;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const entries: Entries = new Map();
  while (entries.size < count) {
    const key = Buffer.from(Array.from({ length: 1 + random(40) }, () => random(256)));
    entries.set(key.toString('hex'), Buffer.alloc(random(maxValue), `${entries.size} `));
  }
  return entries;
}

const digest = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

describe('a file that we wrote', () => {
  test('holds for us and for LMDB what went in: any keys, any values', async () => {
    const key = fc
      .uint8Array({ minLength: 1, maxLength: 1100 })
      .map((bytes) => Buffer.from(bytes).toString('hex'));
    const value = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.uint8Array({ minLength: 1900, maxLength: 2200 }),
      fc.nat(20_000).map((length) => new Uint8Array(length).fill(7)),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(key, value), { maxLength: 30 }), async (pairs) => {
        const entries: Entries = new Map(pairs.map(([key, value]) => [key, Buffer.from(value)]));
        const path = await written(entries);
        expect(await readByLmdb(path)).toEqual(ascending(entries));
        const reader = openLmdb(path);
        for (const [key, value] of ascending(entries)) {
          expect(reader.get(key)?.equals(value)).toBe(true);
          expect(reader.get(Buffer.concat([key, Buffer.of(0)])) === undefined).toBe(
            !entries.has(`${key.toString('hex')}00`),
          );
        }
        reader.close();
      }),
      { numRuns: 4 },
    );
  });

  test('holds what went in when the tree has several levels, and scans keys by prefix', async () => {
    const entries = seededEntries(3000, 60);
    const path = await written(entries);
    const reader = openLmdb(path);
    const all = ascending(entries);
    expect(all.every(([key, value]) => reader.get(key)?.equals(value) === true)).toBe(true);
    for (const prefix of ['', '00', '7f', '7f80', 'ff', 'ffffff']) {
      const scanned: string[] = [];
      reader.scanKeys(Buffer.from(prefix, 'hex'), (page, start, end) => {
        scanned.push(page.toString('hex', start, end));
      });
      expect(scanned).toEqual(
        all.map(([key]) => key.toString('hex')).filter((key) => key.startsWith(prefix)),
      );
    }
    reader.close();
    reader.close();
    const byLmdb = await readByLmdb(path);
    expect(byLmdb.length).toBe(all.length);
    expect(
      byLmdb.every(([key, value], index) => all[index]![0].equals(key) && all[index]![1].equals(value)),
    ).toBe(true);
  });

  test('has nothing beside it, whole pages, and nothing of this machine inside', async () => {
    const path = await written(seededEntries(500, 3000));
    expect(readdirSync(folder).filter((name) => name.endsWith('-lock'))).toEqual([]);
    expect(statSync(path).size % 4096).toBe(0);
    const bytes = readFileSync(path);
    for (const meta of [0, 4096]) {
      expect(bytes.readUInt32LE(meta + 24)).toBe(0xbeefc0de);
      expect(bytes.readBigUInt64LE(meta + 160)).toBe(0n);
    }
    if (existsSync('/proc/sys/kernel/random/boot_id')) {
      const start = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
      expect(bytes.includes(Buffer.from(start, 'hex').reverse())).toBe(false);
    }
  });

  test('is empty where nothing went in', async () => {
    const reader = openLmdb(await written(new Map()));
    expect(reader.get(Buffer.from('a'))).toBeUndefined();
    reader.scanKeys(Buffer.alloc(0), () => expect.unreachable());
    reader.close();
  });
});

describe('writing', () => {
  const script = fileURLToPath(new URL('./write-seeded-store.mjs', import.meta.url));

  test('gives the same bytes in every process', () => {
    const digests = ['a', 'b'].map((name) => {
      const path = join(folder, `process-${name}.mdb`);
      execFileSync(process.execPath, [script, path, '2000']);
      return digest(path);
    });
    expect(new Set(digests).size).toBe(1);
  });

  test('refuses keys that do not ascend, and leaves nothing', async () => {
    const path = newPath();
    const entries = ['a', 'c', 'b'].map((key): [Buffer, Buffer] => [Buffer.from(key), Buffer.from(key)]);
    await expect(writeLmdb(path, entries, 2 ** 20)).rejects.toThrow(/of 3 keys .* only 2 ascend/);
    expect(existsSync(path)).toBe(false);
  });

  test('leaves a file that exists alone', async () => {
    const path = newPath();
    writeFileSync(path, 'precious');
    await expect(writeLmdb(path, [], 2 ** 20)).rejects.toMatchObject({ code: 'io-error' });
    expect(readFileSync(path, 'utf8')).toBe('precious');
  });

  test('hands on what the entries throw, and leaves nothing', async () => {
    const path = newPath();
    const entries = function* (): Generator<[Buffer, Buffer]> {
      yield [Buffer.from('a'), Buffer.from('a')];
      throw new AppError('bad-row', 'no good');
    };
    await expect(writeLmdb(path, entries(), 2 ** 20)).rejects.toMatchObject({ code: 'bad-row' });
    expect(readdirSync(folder).filter((name) => path.endsWith(`/${name}`) || name.endsWith('-lock'))).toEqual(
      [],
    );
  });

  test('fails with an error of ours at any limit of the file size, and leaves nothing', () => {
    const kibibytes = statSync(join(folder, 'process-a.mdb')).size / 1024;
    expect(kibibytes).toBeGreaterThan(200);
    for (const limit of [1, kibibytes - 4]) {
      const path = join(folder, `limited-${limit}.mdb`);
      // RLIMIT_FSIZE makes writes fail in the middle, as a full disk does.
      const { status, stdout, stderr } = spawnSync(
        'bash',
        ['-c', `ulimit -f ${limit}; exec "$0" "$@"`, process.execPath, script, path, '2000'],
        { encoding: 'utf8', timeout: 900_000 },
      );
      expect([limit, status, stderr, JSON.parse(stdout || '{}')]).toEqual([
        limit,
        7,
        '',
        expect.objectContaining({ code: 'io-error' }),
      ]);
      expect(existsSync(path) || existsSync(`${path}-lock`)).toBe(false);
    }
  });

  test('says that the disk is full where it is', { tags: ['mount'] }, () => {
    const disk = mkdtempSync(join(tmpdir(), 'segue-full-'));
    mountTmpfs(disk, 1 << 20);
    try {
      const path = join(disk, 'store.mdb');
      const { status, stdout } = spawnSync(process.execPath, [script, path, '20000'], { encoding: 'utf8' });
      expect([status, JSON.parse(stdout)]).toEqual([7, expect.objectContaining({ code: 'disk-full' })]);
      expect(readdirSync(disk)).toEqual([]);
    } finally {
      spawnSync('umount', [disk]);
      rmSync(disk, { recursive: true });
    }
  });

  test('fails where a promise is rejected that nobody awaits', () => {
    const path = join(folder, 'rejected.mdb');
    const { status, stdout } = spawnSync(process.execPath, [script, path, '10', 'reject'], {
      encoding: 'utf8',
    });
    expect([status, JSON.parse(stdout)]).toEqual([7, expect.objectContaining({ code: 'io-error' })]);
    expect(existsSync(path)).toBe(false);
  });
});

describe('reading a damaged file', () => {
  const damaged = expect.objectContaining({ code: 'damaged-snapshot' });

  test('fails at every length but the right one', async () => {
    const bytes = readFileSync(await written(seededEntries(300, 3000)));
    for (const length of [
      0,
      1,
      100,
      4096,
      8191,
      8192,
      bytes.length / 2,
      bytes.length - 4096,
      bytes.length - 1,
    ]) {
      const path = newPath();
      writeFileSync(path, bytes.subarray(0, length));
      expect(() => openLmdb(path)).toThrow(damaged);
    }
  });

  test('fails for zeros, noise, a missing file, a link and a folder', async () => {
    const zeros = newPath();
    writeFileSync(zeros, Buffer.alloc(16_384));
    const noise = newPath();
    writeFileSync(noise, Buffer.from(Array.from({ length: 16_384 }, (_, index) => (index * 7919) % 251)));
    const link = newPath();
    symlinkSync(await written(new Map()), link);
    for (const path of [zeros, noise, newPath(), link, folder]) expect(() => openLmdb(path)).toThrow(damaged);
  });

  test('never crashes, hangs or reads outside: 150 files with flipped bytes', async () => {
    const entries = ascending(seededEntries(400, 600));
    const whole = readFileSync(
      await written(new Map(entries.map(([key, value]) => [key.toString('hex'), value]))),
    );
    const path = newPath();
    let state = 7;
    const random = (below: number) => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    let refused = 0;
    for (let trial = 0; trial < 150; trial++) {
      const bytes = Buffer.from(whole);
      // Half of the flips hit the headers of pages, where offsets and counts are.
      for (let flip = 0; flip < 1 + (trial % 4); flip++) {
        const page = random(bytes.length / 4096) * 4096;
        const at = page + (trial % 2 === 0 ? random(200) : random(4096));
        bytes[at] = random(256);
      }
      writeFileSync(path, bytes);
      try {
        const reader = openLmdb(path);
        try {
          for (let query = 0; query < 20; query++) reader.get(entries[random(entries.length)]![0]);
          reader.scanKeys(Buffer.alloc(0), () => undefined);
        } finally {
          reader.close();
        }
      } catch (error) {
        expect(error).toMatchObject({ code: 'damaged-snapshot' });
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(15);
  });
});
