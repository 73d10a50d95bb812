/** The index of a snapshot: an inverted file. */
import type { IvfPaths } from '../search/ivf-files.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { indexFiles, snapshotFile, type SnapshotFile } from './layout.js';
import type { IndexSection } from './manifest.js';

export interface IndexSearchOptions {
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Keep it in memory, and the vectors (many queries). */
  readonly inMemory: boolean;
}

/** @param path of a file of the snapshot. AppError 'damaged-snapshot' where its files do not fit together. */
export async function openIndexSearch(
  path: (name: SnapshotFile) => string,
  index: IndexSection,
  { maxK, inMemory }: IndexSearchOptions,
): Promise<NeighbourSearch> {
  const [{ openIvfSearch }, { probesOf }] = await Promise.all([
    import('../search/ivf-search.js'),
    import('./index-probes.js'),
  ]);
  return openIvfSearch(ivfPaths(path), { probes: (k) => probesOf(index, k), maxK, inMemory });
}

/** The files of an index. */
export function ivfPaths(path: (name: SnapshotFile) => string): IvfPaths {
  const parts = Object.entries(indexFiles).map(([part, name]) => [part, path(name)]);
  return {
    vectors: path(snapshotFile.itemVectors),
    ...(Object.fromEntries(parts) as Record<keyof typeof indexFiles, string>),
  };
}
