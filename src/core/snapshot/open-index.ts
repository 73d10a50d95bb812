/** The index of a snapshot, whatever its encoding. */
import type { IvfPaths } from '../search/ivf-files.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { snapshotFile, type SnapshotFile } from './layout.js';
import type { IndexSection } from './manifest.js';
import { indexEncoding } from './readable-index.js';

export interface IndexSearchOptions {
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Keep it in memory, and the vectors (many queries); only of encoding int8. */
  readonly inMemory: boolean;
}

/** @param path of a file of the snapshot. AppError 'damaged-snapshot' where its files do not fit together. */
export async function openIndexSearch(
  path: (name: SnapshotFile) => string,
  index: IndexSection,
  { maxK, inMemory }: IndexSearchOptions,
): Promise<NeighbourSearch> {
  if (index.encoding === indexEncoding.f32) {
    const { openIvfSearch } = await import('../search/ivf-f32-search.js');
    return openIvfSearch(f32Paths(path), { probes: index.probes, maxK });
  }
  const [{ openIvfSearch }, { probesOf }] = await Promise.all([
    import('../search/ivf-search.js'),
    import('./index-probes.js'),
  ]);
  return openIvfSearch(ivfPaths(path), { probes: (k) => probesOf(index, k), maxK, inMemory });
}

function f32Paths(path: (name: SnapshotFile) => string) {
  return {
    vectors: path(snapshotFile.itemVectors),
    centroids: path(snapshotFile.indexCentroids),
    lists: path(snapshotFile.indexLists),
    rows: path(snapshotFile.indexRows),
    offsets: path(snapshotFile.indexOffsets),
  };
}

/** The files of an index of encoding int8. */
export function ivfPaths(path: (name: SnapshotFile) => string): IvfPaths {
  return {
    ...f32Paths(path),
    regions: path(snapshotFile.indexRegions),
    scales: path(snapshotFile.indexScales),
    regionOffsets: path(snapshotFile.indexRegionOffsets),
  };
}
