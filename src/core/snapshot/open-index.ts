/** The index of a snapshot: an inverted file. */
import type { IvfPaths } from '../search/ivf-files.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import type { SearchWays } from '../search/search-thread.js';
import { indexFiles, snapshotFile, type SingleFile } from './layout.js';
import type { IndexSection } from './manifest.js';

/** In memory with the vectors, or reading what a query needs. */
export interface IndexSearchOptions extends SearchWays {
  /** The largest k that will be asked for. */
  readonly maxK: number;
}

/** @param path of a file of the snapshot. AppError 'damaged-snapshot' where its files do not fit together. */
export async function openIndexSearch(
  path: (name: SingleFile) => string,
  index: IndexSection,
  options: IndexSearchOptions,
): Promise<NeighbourSearch> {
  const [{ openIvfSearch }, { probesOf }] = await Promise.all([
    import('../search/ivf-search.js'),
    import('./index-probes.js'),
  ]);
  return openIvfSearch(ivfPaths(path), { ...options, probes: (k) => probesOf(index, k) });
}

/** The files of an index. */
export function ivfPaths(path: (name: SingleFile) => string): IvfPaths {
  const parts = Object.entries(indexFiles).map(([part, name]) => [part, path(name)]);
  return {
    vectors: path(snapshotFile.itemVectors),
    ...(Object.fromEntries(parts) as Record<keyof typeof indexFiles, string>),
  };
}
