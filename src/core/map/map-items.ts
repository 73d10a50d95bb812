/** Who the points of a map are: items by row, and rows by item. */
import { closing } from '../closers.js';
import { AppError } from '../errors.js';
import { snapshotFile, trainedKind } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';

export interface MapItem {
  readonly row: number;
  readonly id: string;
  readonly name: string;
}

/**
 * Those of the rows, then those that `items` name by id or name, each in the order given; an item that nobody played has no
 * point and is left out. AppErrors 'bad-usage' for a row that there is not, 'item-not-found', 'item-ambiguous'.
 */
export function mapItems(
  snapshot: Pick<OpenSnapshot, 'file' | 'manifest'>,
  rows: readonly number[],
  items: readonly string[],
): MapItem[] {
  const numItems = snapshot.manifest.inputs.interactions.items;
  const missing = rows.find((row) => row >= numItems);
  if (missing !== undefined)
    throw new AppError('bad-usage', `there is no row ${missing} of the map: the last is ${numItems - 1}`);
  return closing(openCatalogue(snapshot.file(snapshotFile.itemStore)), (catalogue) => {
    const found = items.map((item) => catalogue.find(trainedKind, item)).filter((row) => row < numItems);
    return [...rows, ...found].map((row) => {
      const { id, name } = catalogue.record(trainedKind, row);
      return { row, id, name };
    });
  });
}
