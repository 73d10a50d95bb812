/** The roots that bench/publish.ts publishes in: real small snapshots, the same made large, many of them, and pairs. */
import { linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { TaskContext } from '#dist/core/contracts.js';
import { sha256Hex } from '#dist/core/files/sha256.js';
import { contentOf } from '#dist/core/snapshot/writing/derive.js';
import { rootPath, snapshotFile, type SnapshotFile } from '#dist/core/snapshot/layout.js';
import { completeManifest, manifestText } from '#dist/core/snapshot/manifest.js';
import { openForReading } from '#dist/core/snapshot/open-snapshot.js';
import { readManifest } from '#dist/core/snapshot/read-manifest.js';
import { beginSnapshot } from '#dist/core/snapshot/writing/write-snapshot.js';
import { generateEvents } from './generate-events.js';
import { segue } from './run-segue.js';

export const context: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };

/** Two snapshots of `segue train` and `segue build-index`; some 2 MB each. */
export async function trainPair(root: string, scratch: string): Promise<[string, string]> {
  const events = join(scratch, 'events.tsv');
  const shape = { users: 500, items: 2_000, clusters: 20, tastes: 3, events: 30_000, seed: 42, extras: [] };
  generateEvents(events, shape);
  const trained = await segue(['train', events, '--factors', '32', '--epochs', '2', '--root', root]);
  const indexed = await segue(['build-index', '--root', root]);
  return [String(trained.json['snapshot']), String(indexed.json['snapshot'])];
}

/** Gives each of the snapshots a part of so many MB in eight files, the same for both, as two derived ones have it. */
export async function enlarge(
  root: string,
  [a, b]: readonly [string, string],
  megabytes: number,
): Promise<[string, string]> {
  const small = await openForReading(root, a, context);
  const id = sha256Hex(a, String(megabytes)).slice(0, 16);
  const draft = beginSnapshot(root, { estimatedBytes: megabytes * 1e6 }, context);
  try {
    draft.inherit(small, ['model', 'users', 'index']);
    for (let file = 0; file < 8; file++) {
      // A part of the format that no reader knows: it is verified, and inherited.
      draft.write(`ballast/${file}.bin` as SnapshotFile, ballast(file, (megabytes * 1e6) / 8));
    }
    const content = { ...contentOf(small.manifest), id, parent: a };
    await draft.commit(content);
  } finally {
    draft.abandon();
    small.close();
  }
  const large = await openForReading(root, id, context);
  const other = await openForReading(root, b, context);
  const otherId = sha256Hex(b, String(megabytes)).slice(0, 16);
  const second = beginSnapshot(root, { estimatedBytes: 1e6 }, context);
  try {
    second.inherit(other, ['model', 'users', 'index']);
    second.inherit(large, []);
    await second.commit({ ...contentOf(other.manifest), id: otherId, parent: b });
  } finally {
    second.abandon();
    large.close();
    other.close();
  }
  return [id, otherId];
}

function* ballast(seed: number, bytes: number): Iterable<Uint8Array> {
  const chunk = new Uint8Array(1 << 20).map((_, at) => (at * 2_654_435_761) >>> 13);
  for (let done = 0; done < bytes; done += chunk.length) {
    chunk[0] = seed;
    chunk[1] = done >>> 20;
    yield chunk.subarray(0, Math.min(chunk.length, bytes - done));
  }
}

/** A new root of `count` snapshots that share all files with one, put down without the writer's care. The ids. */
export function plantMany(root: string, id: string, newRoot: string, count: number): string[] {
  const ids: string[] = [];
  const from = rootPath.snapshot(root, id);
  const manifest = readManifest(join(from, snapshotFile.manifest));
  const content = contentOf(manifest);
  for (let n = 0; n < count; n++) {
    const copy = sha256Hex(id, String(n)).slice(0, 16);
    const to = rootPath.snapshot(newRoot, copy);
    ids.push(copy);
    for (const name of Object.keys(manifest.files)) {
      mkdirSync(dirname(join(to, name)), { recursive: true });
      linkSync(join(from, name), join(to, name));
    }
    const made = completeManifest(
      { ...content, id: copy, parent: id },
      new Map(Object.entries(manifest.files)),
    );
    writeFileSync(join(to, snapshotFile.manifest), manifestText(made), { mode: 0o444 });
  }
  return ids;
}

/** All paths of a snapshot but its manifest's. */
export function filesOf(root: string, id: string): string[] {
  const path = rootPath.snapshot(root, id);
  return Object.keys(readManifest(join(path, snapshotFile.manifest)).files).map((name) => join(path, name));
}
