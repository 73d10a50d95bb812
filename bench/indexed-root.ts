/** A root with a generated snapshot, its index and users, which `latest` points to; found again where it was made before. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskContext } from '#dist/core/contracts.js';
import { buildIndex, type BuildIndexResult } from '#dist/core/tasks/build-index.js';
import { writeMixtureSnapshot } from './generate-vectors.js';

export interface IndexedRoot {
  readonly root: string;
  readonly index: BuildIndexResult;
}

export interface IndexedRootShape {
  readonly items: number;
  readonly dim: number;
  /** By default about a hundred items each. */
  readonly clusters: number | undefined;
  readonly norms: number;
  readonly users: number;
  readonly threads: number;
}

export const benchContext: TaskContext = { signal: new AbortController().signal, onProgress: () => {} };

/** Below `folder`. Vectors are those of generate-vectors.ts; users have vectors and no history. */
export async function indexedRoot(folder: string, shape: IndexedRootShape): Promise<IndexedRoot> {
  const { items, dim, norms, users, threads } = shape;
  const clusters = shape.clusters ?? Math.ceil(items / 100);
  const root = join(folder, `reader-${items}-${dim}-${clusters}-${norms}`);
  mkdirSync(root, { recursive: true });
  if (!readdirSync(root).includes('latest')) {
    const mixture = { items, dim, clusters, spread: 0.7, seed: 42, normScale: norms };
    await writeMixtureSnapshot(root, mixture, [], users);
  }
  const index = await buildIndex({ root, targetRecall: 0.95, seed: 42, threads }, benchContext);
  return { root, index };
}
