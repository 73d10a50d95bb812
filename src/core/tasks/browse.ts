/** What `segue browse` and `similar --browse` look into: one snapshot, held open while its reader walks about. */
import { opening } from '../closers.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { AppError } from '../errors.js';
import { findItemRows } from '../query/find-items.js';
import { trainedKind } from '../snapshot/layout.js';
import type { AskedOf } from '../options/asked-of.js';
import { whyNoNeighbours } from '../snapshot/item-item.js';
import { requireKind } from '../snapshot/kinds.js';
import { openNeighbours, type OpenNeighbours } from '../query/open-neighbours.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type BrowseOptions = AskedOf<'openNeighbourSource'>;

/** An item and the row that stands for it in the snapshot. */
export interface BrowserItem {
  readonly row: number;
  readonly item: ItemRecord;
}

export interface Neighbour extends BrowserItem {
  /** Cosine of the two vectors, −1 … 1. */
  readonly similarity: number;
}

/** Answers at once and from one snapshot. AppErrors where an answer is not possible. */
export interface NeighbourSource {
  /** The id of the snapshot. */
  readonly snapshot: string;
  /** The item with this id, if the snapshot has it. */
  item(id: string): BrowserItem | undefined;
  /** Up to `limit` items whose name, artist or id contains the text. */
  search(text: string, limit: number): readonly BrowserItem[];
  /** The k items nearest to a row's. 'item-without-vector' where it has no direction to be near to. */
  neighbours(row: number, k: number): readonly Neighbour[];
  close(): void;
}

export interface OpenBrowse {
  readonly source: NeighbourSource;
  /** The item that was named. */
  readonly start?: BrowserItem;
}

/** Whoever opens the source closes it. */
export async function openNeighbourSource(options: BrowseOptions, context: TaskContext): Promise<OpenBrowse> {
  return opening(async (opened) => {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const neighbours = opened.keep(openNeighbours(snapshot, { inMemory: true }));
    const { catalogue } = neighbours;
    const { search } = await neighbours.among(trainedKind, false, context);
    const nearest = await neighbours.nearestItems(false, options, context);
    const itemAt = (row: number): BrowserItem => ({ row, item: catalogue.record(trainedKind, row) });
    const notShown = await hiddenRows(neighbours, options, search.numRows);
    const source: NeighbourSource = {
      snapshot: snapshot.id,
      item(id) {
        const row = catalogue.rowOfId(trainedKind, id);
        return row === undefined ? undefined : itemAt(row);
      },
      search(text, limit) {
        const hidden = new Set(notShown());
        const numPlayed = search.numRows;
        const has = (row: number): boolean => !hidden.has(row);
        return catalogue.search(trainedKind, text, { limit, numPlayed, has }).map(itemAt);
      },
      neighbours(row, k) {
        if (row >= search.numRows) throw withoutVector(itemAt(row), 'nobody played it: it has no vector');
        const vector = search.vectorOf(row);
        if (Number.isNaN(vector[0])) throw withoutVector(itemAt(row), whyNoNeighbours(snapshot));
        const near = nearest(row, k, notShown());
        return near.map(({ row: other, score }) => ({ ...itemAt(other), similarity: score }));
      },
      close: () => opened.close(),
    };
    if (options.item === undefined) return { source };
    const [row = 0] = findItemRows(catalogue, [options.item], search.numRows);
    return { source, start: itemAt(row) };
  });
}

/** Rows that are not shown to the user who is named, as of the call. */
async function hiddenRows(
  neighbours: OpenNeighbours,
  { for: user, feedback }: BrowseOptions,
  numRows: number,
): Promise<() => Iterable<number>> {
  if (user === undefined) return () => [];
  const [{ rowsNotShown }, users] = await Promise.all([
    import('../query/exclusions-for-user.js'),
    neighbours.users(),
  ]);
  const usersNow = await users.following();
  const kind = requireKind(neighbours.snapshot, trainedKind);
  const rows = (): Uint32Array => rowsNotShown(usersNow({ feedback }), user, kind, numRows, undefined, true);
  // Whoever is not known is said so before the browser opens.
  rows();
  return rows;
}

function withoutVector({ item }: BrowserItem, why: string): AppError {
  return new AppError('item-without-vector', `"${item.name}" has no neighbours: ${why}`, {
    details: { id: item.id },
  });
}
