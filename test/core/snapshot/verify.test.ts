import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { AppError } from '#dist/core/errors.js';
import type { Manifest } from '#dist/core/snapshot/manifest.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { totalBytes, verifyFiles } from '#dist/core/snapshot/verify.js';
import { idA, listening, modelFiles, plantSnapshot } from '../../helpers/snapshots.js';
import { temporaryDirectories } from '../../helpers/temporary-directory.js';

const temporaryDirectory = temporaryDirectories();
let path: string;
let manifest: Manifest;

/** Files of many sizes, so that those that come first in the manifest are not those that are hashed first. */
beforeEach(() => {
  const files = new Map<string, Uint8Array>(modelFiles());
  for (let at = 0; at < 20; at++) {
    const bytes = Buffer.alloc(((at * 7) % 20) * 3000 + 1, at);
    files.set(`model/file-${String(at).padStart(2, '0')}`, bytes);
  }
  path = plantSnapshot(temporaryDirectory(), idA, files);
  manifest = readManifest(join(path, 'manifest.json'));
});

/** Changes one byte; the size stays. */
function damage(...names: string[]): void {
  for (const name of names) {
    const bytes = readFileSync(join(path, name));
    bytes[bytes.length >> 1]! ^= 1;
    chmodSync(join(path, name), 0o644);
    writeFileSync(join(path, name), bytes);
  }
}

describe.each([1, 3])('verifying by %i threads', (threads) => {
  it('returns the identity of every file, in the order of the manifest, and tells of every byte', async () => {
    const context = listening();
    const identities = await verifyFiles(path, manifest, context, { threads });
    expect([...identities.keys()]).toEqual(Object.keys(manifest.files));
    expect(identities).toEqual(await verifyFiles(path, manifest, listening(), { threads: 1 }));
    const steps = context.told.flatMap((progress) => (progress.kind === 'step' ? [progress] : []));
    const total = Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(steps.at(-1)).toMatchObject({ done: total, total });
  });

  it('names the first file of the manifest that is damaged', async () => {
    damage('model/file-03', 'model/file-17', 'model/file-08', 'model/file-12');
    await expect(verifyFiles(path, manifest, listening(), { threads })).rejects.toMatchObject({
      code: 'damaged-snapshot',
      details: { file: 'model/file-03' },
    });
  });

  it('names a file that has not its size before anything is hashed', async () => {
    damage('model/file-03');
    chmodSync(join(path, 'model/file-17'), 0o644);
    truncateSync(join(path, 'model/file-17'), 5);
    const context = listening();
    await expect(verifyFiles(path, manifest, context, { threads })).rejects.toMatchObject({
      code: 'damaged-snapshot',
      message: expect.stringContaining('model/file-17: it has 5 bytes, the manifest states') as string,
    });
    expect(context.told).toEqual([]);
  });

  it('tells of all that is damaged, in the order of the manifest, where it is asked to', async () => {
    damage('model/file-03', 'model/file-17', 'model/file-08');
    chmodSync(join(path, 'model/file-12'), 0o644);
    truncateSync(join(path, 'model/file-12'), 5);
    const told: unknown[] = [];
    const onDamage = (error: AppError): void => void told.push(error.details['file']);
    const context = listening();
    const identities = await verifyFiles(path, manifest, context, { threads, onDamage });
    expect(told).toEqual(['03', '08', '12', '17'].map((name) => `model/file-${name}`));
    expect(identities.size).toBe(Object.keys(manifest.files).length - 4);
    expect(context.told.at(-1)).toMatchObject({ done: totalBytes(manifest), total: totalBytes(manifest) });
  });

  it('hashes no file twice that it was told of', async () => {
    const hashes = new Map<string, string>();
    const identities = await verifyFiles(path, manifest, listening(), { threads, hashes });
    expect(hashes.size).toBe(identities.size);
    for (const identity of hashes.keys()) hashes.set(identity, '0'.repeat(64));
    await expect(verifyFiles(path, manifest, listening(), { threads, hashes })).rejects.toMatchObject({
      details: { file: Object.keys(manifest.files)[0], got: '0'.repeat(64) },
    });
  });

  it('ends with the abort, whatever is damaged after it', async () => {
    damage('model/file-03');
    const abort = new AbortController();
    abort.abort();
    await expect(verifyFiles(path, manifest, listening(abort.signal), { threads })).rejects.toMatchObject({
      code: 'interrupted',
    });
  });
});

describe('what macOS leaves in folders', () => {
  it('is no damage, in any directory of the snapshot', async () => {
    for (const name of ['.DS_Store', '._manifest.json', 'model/.DS_Store', 'model/._item.npy'])
      writeFileSync(join(path, name), 'x');
    const identities = await verifyFiles(path, manifest, listening());
    expect([...identities.keys()]).toEqual(Object.keys(manifest.files));
  });

  it('is a file: whatever else has its name is', async () => {
    mkdirSync(join(path, '._model'));
    await expect(verifyFiles(path, manifest, listening())).rejects.toMatchObject({
      details: { file: '._model' },
    });
  });
});
