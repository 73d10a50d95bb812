import { AppError } from '../errors.js';
import type { Catalogue } from '../store/catalogue.js';
import { trainedKind } from '../snapshot/layout.js';

/**
 * The rows of the items that `queries` name, each with a vector. Throws what Catalogue.find throws, and AppError
 * 'item-without-vector' for an item that the catalogue lists but nobody played.
 * @param numItems rows with vectors
 */
export function findItemRows(catalogue: Catalogue, queries: readonly string[], numItems: number): number[] {
  return queries.map((query) => {
    const row = catalogue.find(trainedKind, query);
    if (row < numItems) return row;
    const { id, name } = catalogue.record(trainedKind, row);
    throw new AppError(
      'item-without-vector',
      `"${name}" is in the catalogue, but nobody played it: it has no vector`,
      {
        suggestions: ['name another item, or train on events that have it'],
        details: { id },
      },
    );
  });
}
