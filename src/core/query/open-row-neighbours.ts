import { oneByOne, type RowNeighbours, type RowNeighboursOptions } from '../search/row-neighbours.js';
import { openVectorFile } from '../compute/vector-file.js';
import { snapshotFile } from '../snapshot/layout.js';
import { probesOf } from '../snapshot/index-probes.js';
import { ivfPaths } from '../snapshot/open-index.js';
import { methodOf, openItemSearch, payingIndex, type SearchMethod } from './open-item-search.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { indexEncoding } from '../snapshot/readable-index.js';
import { requireNeighbours, scorerOf } from '../snapshot/scorer.js';

export interface OpenRowNeighboursOptions extends RowNeighboursOptions {
  /** Never use the index. */
  readonly exact: boolean;
}

/**
 * Every item's neighbours, on all threads: the same as `openItemSearch` finds one at a time. AppError 'missing-part' for a
 * model whose items have no neighbours; 'too-large' where vectors and lists pass 4 GiB.
 */
export async function openItemRowNeighbours(
  snapshot: OpenSnapshot,
  options: OpenRowNeighboursOptions,
): Promise<{ readonly neighbours: RowNeighbours; readonly searched: SearchMethod }> {
  requireNeighbours(snapshot);
  const { k, exact } = options;
  const index = exact ? null : payingIndex(snapshot);
  if (scorerOf(snapshot) === 'item-item' || index?.encoding === indexEncoding.f32) {
    const { search, searched } = await openItemSearch(snapshot, { maxK: k, exact, inMemory: false });
    return { neighbours: oneByOne(search, options), searched };
  }
  if (index === null) {
    const { openExactRowNeighbours } = await import('../search/exact-row-neighbours.js');
    const vectors = openVectorFile(snapshot.file(snapshotFile.itemVectors));
    const neighbours = await openExactRowNeighbours(vectors, options);
    return { neighbours, searched: { method: 'exact' } };
  }
  const { openIvfBatch } = await import('../search/ivf-batch.js');
  const neighbours = await openIvfBatch(
    ivfPaths((name) => snapshot.file(name)),
    {
      ...options,
      probes: (count) => probesOf(index, count),
    },
  );
  return { neighbours, searched: await methodOf(index, k) };
}
