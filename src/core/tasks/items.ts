/** `segue items`: the items of a snapshot, the most played first, or those whose name, artist or id holds some words. */
import { Closers } from '../closers.js';
import type { ItemRecord, TaskContext } from '../contracts.js';
import { KeptRows } from '../query/filters/selection.js';
import { hasRow } from '../search/row-set.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { requireKind } from '../snapshot/kinds.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
import { readArrowFile } from '../tables/arrow-reader.js';

export interface ListItemsOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  /** item, artist or album. */
  readonly kind: string;
  /** Searched for, together; none: the most played are listed. */
  readonly words: readonly string[];
  /** Only items that this holds for: docs/filters.md has the grammar. */
  readonly where?: string | undefined;
  /** How many at most. */
  readonly k: number;
}

export type ListedItem = ItemRecord & { readonly rank: number; readonly events: number };

export interface ListItemsResult {
  readonly snapshot: string;
  readonly kind: string;
  /** What was searched for; null: the most played are listed. */
  readonly words: string | null;
  /** The predicate as it was understood; null without one. */
  readonly where: string | null;
  /** Items that there are of the kind, those that nobody played among them. */
  readonly of: number;
  /** By events, then row; of a search the best match first. */
  readonly items: readonly ListedItem[];
}

/** AppErrors: of opening a snapshot, 'missing-part' for a kind that it does not have, those of a predicate. */
export async function listItems(options: ListItemsOptions, context: TaskContext): Promise<ListItemsResult> {
  const { k, where } = options;
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const { name: kind, table } = requireKind(snapshot, options.kind);
    const catalogue = opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const path = snapshot.file(table);
    const events = (await readArrowFile(path)).counts('count');
    const filtered =
      where === undefined
        ? undefined
        : await new KeptRows(snapshot).rowsWhere(path, where, events.length, '`where`');
    const words = options.words.length === 0 ? null : options.words.join(' ');
    const found =
      words === null
        ? firstBut(rankScores(events), [], k, filtered?.rows).map(({ row }) => row)
        : catalogue
            .search(kind, words, filtered === undefined ? k : events.length)
            .flatMap(({ row }) => (filtered === undefined || hasRow(filtered.rows, row) ? [row] : []))
            .slice(0, k);
    const items = found.map((row, at) => ({
      ...catalogue.record(kind, row),
      rank: at + 1,
      events: events[row] ?? 0,
    }));
    const { id } = snapshot;
    return { snapshot: id, kind, words, where: filtered?.predicate ?? null, of: events.length, items };
  } finally {
    opened.close();
  }
}
