import { openExactSearch } from '../search/exact-search.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { openOrderedSearch } from '../search/product-order.js';
import type { VectorFile } from '../compute/vector-file.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { hasProductOrder, productOrderPaths } from '../snapshot/product-order.js';

/** Bytes of item vectors from which their order is read instead, where one person is asked about. */
const orderPaysFromBytes = 2 ** 23;
/** A filter that leaves less than this share is faster without the order: only what it leaves is read. */
const leastShare = 1 / 4;

type ProductSearch = Pick<NeighbourSearch, 'numRows' | 'best' | 'close'>;

/**
 * Search among a snapshot's items by inner product, exact, with the same bits either way: by the order of their norms where
 * build-index has made one and few are asked about, else by a scan of all. Takes over `vectors` and closes them.
 */
export function openItemsByProduct(
  snapshot: OpenSnapshot,
  vectors: VectorFile,
  { maxK, inMemory }: { readonly maxK: number; readonly inMemory: boolean },
): ProductSearch {
  const measure = 'inner-product';
  const bytes = 4 * vectors.numRows * vectors.dim;
  if (inMemory || bytes < orderPaysFromBytes || !hasProductOrder(snapshot.manifest)) {
    return openExactSearch(vectors, { measure, maxK, inMemory });
  }
  let scan: NeighbourSearch | undefined;
  const ordered = openOrdered(snapshot, vectors, maxK);
  return {
    numRows: vectors.numRows,
    best(query, k, leaveOut, among) {
      const isFew = among !== undefined && among.count < leastShare * vectors.numRows;
      const found = isFew ? undefined : ordered.best(query, k, leaveOut, among);
      if (found !== undefined) return found;
      scan ??= openExactSearch(vectors, { measure, maxK, inMemory: false });
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
  maxK: number,
): ReturnType<typeof openOrderedSearch> {
  try {
    return openOrderedSearch(
      vectors,
      productOrderPaths((name) => snapshot.file(name)),
      maxK,
    );
  } catch (error) {
    vectors.close();
    throw error;
  }
}
