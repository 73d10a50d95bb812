import { handingOn } from '../closers.js';
import { openExactSearch } from '../search/exact-search.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { openOrderedSearch, type OrderedSearchOptions } from '../search/norm-order.js';
import type { VectorFile } from '../compute/vector-file.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasNormOrder, normOrderPaths } from '../snapshot/norm-order.js';

/**
 * Bytes of item vectors from which their order is read instead: where one user is asked about, and where many are. In memory, a
 * scan of 8 MiB of vectors took .18 ms and the order .28; of 16 MiB .56 and .30, of 50 MiB 9 and .35.
 */
const orderPaysFromBytes = { one: 2 ** 23, many: 2 ** 24 };
/** Larger vectors are read anew where the order does not answer, however many queries come. */
export const mostBytesInMemory = 2 ** 30;
/** A filter that leaves less than this share is faster without the order: only what it leaves is read. */
const leastShare = 1 / 4;

type ProductSearch = Pick<NeighbourSearch, 'numRows' | 'best' | 'close'>;

/**
 * Search among a snapshot's items by inner product, exact, with the same bits either way: by the order of their norms where
 * build-index has made one and they are many, else by a scan of all. Takes over `vectors` and closes them.
 * @param ways.inMemory many queries will come: what is searched is read once, and kept
 */
export function openItemsByProduct(
  snapshot: OpenSnapshot,
  vectors: VectorFile,
  ways: OrderedSearchOptions,
): ProductSearch {
  const { inMemory } = ways;
  const measure = 'inner-product';
  const bytes = 4 * vectors.numRows * vectors.dim;
  if (bytes < orderPaysFromBytes[inMemory ? 'many' : 'one'] || !hasNormOrder(snapshot.manifest)) {
    return openExactSearch(vectors, { ...ways, measure });
  }
  let scan: NeighbourSearch | undefined;
  const ordered = openOrdered(snapshot, vectors, ways);
  return {
    numRows: vectors.numRows,
    best(query, k, leaveOut, among) {
      const isFew = among !== undefined && among.count < leastShare * vectors.numRows;
      const found = isFew ? undefined : ordered.best(query, k, leaveOut, among);
      if (found !== undefined) return found;
      const isKept = inMemory && bytes <= mostBytesInMemory;
      scan ??= openExactSearch(vectors, { ...ways, measure, inMemory: isKept });
      return scan.best(query, k, leaveOut, among);
    },
    close() {
      ordered.close();
      vectors.close();
    },
  };
}

function openOrdered(
  snapshot: OpenSnapshot,
  vectors: VectorFile,
  ways: OrderedSearchOptions,
): ReturnType<typeof openOrderedSearch> {
  return handingOn(vectors, () =>
    openOrderedSearch(
      vectors,
      normOrderPaths((name) => snapshot.file(name)),
      ways,
    ),
  );
}
