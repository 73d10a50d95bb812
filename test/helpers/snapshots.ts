import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Progress, TaskContext } from '#dist/core/contracts.js';
import { npyHeader } from '#dist/core/files/npy.js';
import type { NpyDtype } from '#dist/core/files/npy.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { linkTarget, rootPath } from '#dist/core/snapshot/layout.js';
import { completeManifest, manifestText } from '#dist/core/snapshot/manifest.js';
import type { Manifest, ManifestContent } from '#dist/core/snapshot/manifest.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { verifyFiles } from '#dist/core/snapshot/verify.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import type { CommittedSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';

export const idA = 'aaaaaaaaaaaaaaaa';
export const idB = 'bbbbbbbbbbbbbbbb';
export const idC = 'cccccccccccccccc';

/** A context that keeps what it is told. */
export function listening(signal = new AbortController().signal): TaskContext & { told: Progress[] } {
  const told: Progress[] = [];
  return { signal, told, onProgress: (progress) => told.push(progress) };
}

/** Of two users who played three items; the vectors have two dimensions. */
export function contentOf(id: string, more: Partial<ManifestContent> = {}): ManifestContent {
  return {
    id,
    basis: id,
    parent: null,
    inputs: {
      interactions: {
        sha256: sha256Hex(id),
        events: 5,
        users: 2,
        items: 3,
        pairs: 4,
        firstAt: '2014-06-16T00:00:00.000Z',
        lastAt: null,
      },
      items: null,
    },
    model: {
      name: 'als',
      algorithmVersion: 1,
      scorer: 'inner-product',
      fold: 'normal-equations',
      engine: 'local',
      seed: 42,
      dim: 2,
      options: { factors: 2, objective: 'ials' },
      caseFolding: 'Unicode 16.0.0',
    },
    users: null,
    index: null,
    metrics: { loss: 0.5, 'ndcg@100': 0.25 },
    ...more,
  };
}

/** A .npy file in memory. */
export function npy(dtype: NpyDtype, shape: readonly number[], data: ArrayBufferView): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return Buffer.concat([npyHeader(dtype, shape), bytes]);
}

/** Item vectors and eigenvalues that belong to `contentOf(id)`; every number in them is `value`. */
export function modelFiles(value = 1): ReadonlyMap<'model/item.npy' | 'model/eigenvalues.npy', Uint8Array> {
  return new Map([
    ['model/item.npy', npy('<f4', [3, 2], new Float32Array(6).fill(value))],
    ['model/eigenvalues.npy', npy('<f8', [2], new Float64Array(2).fill(value))],
  ] as const);
}

/** Makes a small snapshot as commands do. */
export async function makeSnapshot(
  root: string,
  id: string,
  more: { readonly value?: number; readonly tag?: string; readonly content?: Partial<ManifestContent> } = {},
): Promise<CommittedSnapshot> {
  const draft = beginSnapshot(root, { estimatedBytes: 1000 }, listening());
  try {
    for (const [name, bytes] of modelFiles(more.value)) draft.write(name, [bytes]);
    return await draft.commit(contentOf(id, more.content), more.tag);
  } finally {
    draft.abandon();
  }
}

/** Puts a snapshot down without the writer's care, which takes its time: many of them, or broken ones. Not latest. */
export function plantSnapshot(
  root: string,
  id: string,
  files: ReadonlyMap<string, Uint8Array> = modelFiles(),
  change: (manifest: Manifest) => unknown = (manifest) => manifest,
): string {
  const path = rootPath.snapshot(root, id);
  const digests = new Map<string, { bytes: number; sha256: string }>();
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes, { mode: 0o444 });
    digests.set(name, { bytes: bytes.length, sha256: sha256Hex(bytes) });
  }
  mkdirSync(path, { recursive: true });
  const changed = change(completeManifest(contentOf(id), digests));
  const text = typeof changed === 'string' ? changed : manifestText(changed as Manifest);
  writeFileSync(join(path, 'manifest.json'), text, { mode: 0o444 });
  return path;
}

/** The root's link `latest` or `current`, put down without any care. */
export function plantLink(root: string, name: 'latest' | 'current', id: string): void {
  rmSync(rootPath[name](root), { force: true });
  symlinkSync(linkTarget(id), rootPath[name](root));
}

/** Whether a snapshot is there. Throws where it is not whole, by sizes and checksums. */
export async function isThere(root: string, id: string): Promise<boolean> {
  const path = rootPath.snapshot(root, id);
  if (!existsSync(path)) return false;
  await verifyFiles(path, readManifest(join(path, 'manifest.json')), listening());
  return true;
}
