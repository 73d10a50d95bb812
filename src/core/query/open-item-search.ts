import type { Count, Share, TaskContext } from '../contracts.js';
import { openExactSearch } from '../search/exact-search.js';
import type { Probes } from '../search/ivf-index.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import type { SearchWays } from '../search/search-thread.js';
import { openVectorFile } from '../compute/vector-file.js';
import { isItemItem, openItemItem } from '../snapshot/item-item.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { IndexSection } from '../snapshot/manifest.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readableIndex } from '../snapshot/readable-index.js';
import { requireNeighbours } from '../snapshot/scorer.js';
import type { ModelSource } from './model-source.js';

/** How neighbours are found, as answers say it. */
export type SearchMethod =
  | { readonly method: 'exact' }
  /** An approximate one: what it was measured to find, and how many lists it reads for it. */
  | {
      readonly method: 'ivf';
      /** Lists that a search for so many reads. */
      readonly probes: Count;
      readonly recallAt10: Share;
      /** Its 95 % interval; absent where the index was built by an older version. */
      readonly recallInterval?: readonly [Share, Share];
      /** Of the hundred nearest, likewise. */
      readonly recallAt100?: Share;
    };

/** Where many queries will come, what is searched as a whole is kept in memory. */
export interface ItemSearchOptions extends SearchWays {
  /** The largest k that will be asked for. */
  readonly maxK: number;
  /** Never use the index. */
  readonly exact: boolean;
  /** Very many will come: the index with its vectors too. */
  readonly indexInMemory?: boolean;
}

/**
 * Bytes of item vectors from which the index is used. A cold search by the index took 9 ms at any size, an exact one 11 ms at
 * 2 MiB, 25 at 29 and 46 at 61 (bench/similar.ts --crossover): below, the exact answer costs less than a tenth of
 * starting the process.
 */
const indexPaysFromBytes = 32 * 2 ** 20;
/** Larger vectors are read anew for each query, however many come. */
const mostBytesInMemory = 2 ** 30;

/**
 * Search among a snapshot's items: by cosine, with its index where there is one and it pays; in an item × item matrix by
 * its rows. Closing it closes its files. AppError 'missing-part' for a model whose items have no neighbours.
 */
export async function openItemSearch(
  snapshot: OpenSnapshot,
  { maxK, exact, inMemory, indexInMemory = false, thread }: ItemSearchOptions,
): Promise<{ readonly search: NeighbourSearch; searched(k: number): SearchMethod }> {
  requireNeighbours(snapshot);
  if (isItemItem(snapshot)) {
    const { searchByRows } = await import('../search/item-item-search.js');
    return { search: searchByRows(openItemItem(snapshot), maxK, thread), searched: exactly };
  }
  const index = exact ? null : payingIndex(snapshot);
  if (index === null) {
    const vectors = openVectorFile(snapshot.file(snapshotFile.itemVectors));
    const keep = inMemory && 4 * vectors.numRows * vectors.dim <= mostBytesInMemory;
    const search = openExactSearch(vectors, { measure: 'cosine', maxK, inMemory: keep, thread });
    return { search, searched: exactly };
  }
  const [{ openIndexSearch }, { probesOf }] = await Promise.all([
    import('../snapshot/open-index.js'),
    import('../snapshot/index-probes.js'),
  ]);
  const keep = indexInMemory && vectorBytesOf(snapshot.manifest) <= mostBytesInMemory;
  const ways = { maxK, inMemory: keep, thread };
  const search = await openIndexSearch((name) => snapshot.file(name), index, ways);
  return { search, searched: (k) => methodOf(index, probesOf(index, k)) };
}

function exactly(): SearchMethod {
  return { method: 'exact' };
}

/** The index of the items, where there is one that can be read and the vectors are so many that it pays. */
export function payingIndex({ manifest }: Pick<ModelSource, 'manifest'>): IndexSection | null {
  return wouldPay(manifest) ? readableIndex(manifest) : null;
}

function wouldPay(manifest: ModelSource['manifest']): boolean {
  return vectorBytesOf(manifest) >= indexPaysFromBytes;
}

function vectorBytesOf({ inputs, model }: ModelSource['manifest']): number {
  return 4 * inputs.interactions.items * model.dim;
}

/** Warns where items are searched as a whole only because their index is one that this version does not read. */
export function warnOfUnreadIndex({ id, manifest }: ModelSource, { onProgress }: TaskContext): void {
  const { index } = manifest;
  if (index === null || !wouldPay(manifest) || readableIndex(manifest) !== null) return;
  const { kind, encoding } = index.item;
  onProgress({
    kind: 'warning',
    message: `the index of snapshot ${id} has a form that this version does not read (${kind}, ${encoding}): every item is compared, which is slow`,
    suggestions: [`segue build-index ${id}`],
  });
}

/** How a search by an index that reads so many lists is said. */
export function methodOf(index: IndexSection, { lists }: Pick<Probes, 'lists'>): SearchMethod {
  const { recallAt10, recallInterval, at100 } = index;
  return {
    method: 'ivf',
    probes: Math.min(index.lists, lists),
    recallAt10,
    ...(recallInterval !== undefined && { recallInterval }),
    ...(at100 !== undefined && { recallAt100: at100.recall }),
  };
}
