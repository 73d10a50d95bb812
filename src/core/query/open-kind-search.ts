import { openExactSearch } from '../search/exact-search.js';
import type { NeighbourSearch } from '../search/neighbour-search.js';
import { openVectorFile } from '../compute/vector-file.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { trainedKind } from '../snapshot/layout.js';
import { openItemSearch, type ItemSearchOptions, type SearchMethod } from './open-item-search.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** Search among the entities of a kind that have vectors, by cosine: items as `openItemSearch`, others exactly. */
export async function openKindSearch(
  snapshot: OpenSnapshot,
  kind: FoundKind,
  options: ItemSearchOptions,
): Promise<{ readonly search: NeighbourSearch; searched(k: number): SearchMethod }> {
  if (kind.name === trainedKind) return openItemSearch(snapshot, options);
  const vectors = openVectorFile(snapshot.file(kind.vectors));
  const search = openExactSearch(vectors, { ...options, measure: 'cosine' });
  return { search, searched: () => ({ method: 'exact' }) };
}
