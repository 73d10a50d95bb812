/** Every file of a real snapshot, flipped and cut at random: refused by name; and what a forger could make of them. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import type { Random } from '#dist/core/numeric/random.js';
import { sendCanary } from '#dist/core/snapshot/canary.js';
import { checkContents } from '#dist/core/snapshot/check-contents.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { makeSmallSnapshot } from '../helpers/small-snapshot.js';
import { idA, listening } from '../helpers/snapshots.js';
import { temporaryDirectories } from '../helpers/temporary-directory.js';

const keptDirectory = temporaryDirectories('file');
let path: string;
let manifest: Manifest;
let names: string[];

beforeAll(async () => {
  const root = keptDirectory();
  const random = seededRandom(1);
  const items = Array.from({ length: 200 }, (_, row) => [`song ${row}`, random.nextFraction(), 1] as const);
  const users = new Map(Array.from({ length: 20 }, (_, u) => [`user ${u}`, [u, u + 1, u + 100]] as const));
  await makeSmallSnapshot(root, idA, { items, users });
  path = rootPath.snapshot(root, idA);
  manifest = readManifest(join(path, 'manifest.json'));
  names = Object.keys(manifest.files);
  expect(names).toHaveLength(11);
  for (const name of names) chmodSync(join(path, name), 0o644);
});

/** Runs with one file changed, and puts it back. */
async function changing<T>(
  name: string,
  change: (bytes: Buffer) => Buffer,
  run: () => Promise<T>,
): Promise<T> {
  const file = join(path, name);
  const bytes = readFileSync(file);
  writeFileSync(file, change(Buffer.from(bytes)));
  try {
    return await run();
  } finally {
    writeFileSync(file, bytes);
  }
}

function flip(bytes: Buffer, random: Random): Buffer {
  bytes[random.nextBelow(bytes.length)]! ^= 1 << random.nextBelow(8);
  return bytes;
}

/** Bits, bytes, whole stretches, or the end. */
function damage(bytes: Buffer, random: Random): Buffer {
  const at = random.nextBelow(bytes.length);
  const kind = random.nextBelow(5);
  if (kind === 0) return flip(bytes, random);
  if (kind === 1) return bytes.subarray(0, at);
  if (kind === 2)
    return bytes.fill(random.nextBelow(2) * 255, at, Math.min(bytes.length, at + random.nextBelow(64)));
  // The front holds headers and roots, where damage leads far.
  const near = random.nextBelow(Math.min(256, bytes.length - 4));
  if (kind === 3) bytes.writeUInt32LE([0, 1, 0x7fff_ffff, 0xffff_ffff][random.nextBelow(4)]!, near);
  else for (let more = 0; more < 20; more++) flip(bytes, random);
  return bytes;
}

describe('a file of a snapshot', () => {
  it('is refused by name for any flipped bit', async () => {
    const random = seededRandom(2);
    for (const name of names) {
      for (let time = 0; time < 40; time++) {
        const refused = changing(
          name,
          (bytes) => flip(bytes, random),
          () => verifyFiles(path, manifest, listening()),
        );
        await expect(refused).rejects.toMatchObject({
          code: 'damaged-snapshot',
          details: { file: name },
          message: expect.stringContaining(`${name}: its sha256 is`),
        });
      }
    }
  });

  it('is refused by name wherever it is cut', async () => {
    for (const name of names) {
      const { bytes: size } = manifest.files[name]!;
      for (const length of [0, 4, 8, 100, size >> 1, size - 8, size - 1]) {
        const cut = changing(
          name,
          (bytes) => bytes.subarray(0, length),
          () => verifyFiles(path, manifest, listening()),
        );
        await expect(cut).rejects.toMatchObject({ code: 'damaged-snapshot', details: { file: name } });
      }
    }
  });
});

describe('a file with a forged checksum', () => {
  const outcomeOf = (checked: Promise<void>): Promise<'read' | 'refused'> =>
    checked.then(
      () => 'read',
      () => 'refused',
    );

  it('does no more than be refused, or be read: no signal, no hang', async () => {
    const random = seededRandom(3);
    let refused = 0;
    for (const name of names.filter((file) => !file.endsWith('.arrow'))) {
      for (let time = 0; time < 60; time++) {
        const startMs = performance.now();
        const outcome = await changing(
          name,
          (bytes) => damage(bytes, random),
          () => outcomeOf(checkContents(path, manifest)),
        );
        if (outcome === 'refused') refused++;
        expect(performance.now() - startMs, `${name}, damage ${time}`).toBeLessThan(5_000);
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  it('costs the canary its time and nobody else, where a library hangs on it', async () => {
    // apache-arrow believes the counts in a table's front, and may count to 2^31.
    const random = seededRandom(3);
    let refused = 0;
    for (const name of names.filter((file) => file.endsWith('.arrow'))) {
      for (let time = 0; time < 10; time++) {
        const startMs = performance.now();
        const outcome = await changing(
          name,
          (bytes) => damage(bytes, random),
          () => outcomeOf(sendCanary(path, manifest, { ...listening(), timeoutMs: 2_000 })),
        );
        if (outcome === 'refused') refused++;
        expect(performance.now() - startMs, `${name}, damage ${time}`).toBeLessThan(10_000);
      }
    }
    expect(refused).toBeGreaterThan(5);
  });
});
