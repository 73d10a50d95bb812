/** `segue items show`: what a snapshot knows of an item, an artist or an album. */
import { Closers } from '../../closers.js';
import type { ItemRecord, TaskContext } from '../../contracts.js';
import { findEntity } from '../../query/find-entities.js';
import { numRanked, requireKind } from '../../snapshot/kinds.js';
import { snapshotFile } from '../../snapshot/layout.js';
import { openForReading } from '../../snapshot/open-snapshot.js';
import { openCatalogue } from '../../store/catalogue.js';
import { readArrowFile } from '../../tables/arrow-reader.js';

export interface ShowItemOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  /** Id or name; artist:… and album:… too. */
  readonly item: string;
}

export interface ShownItem {
  readonly snapshot: string;
  readonly kind: string;
  readonly item: ItemRecord;
  readonly events: number;
  /** Its place by events, from 1; of several with as many events the first. */
  readonly place: number;
  /** Items that there are of the kind. */
  readonly of: number;
  /** Whether it can be searched for and recommended: an item that nobody played cannot. */
  readonly ranked: boolean;
}

/** AppErrors: of opening a snapshot; 'item-not-found' and 'item-ambiguous'. */
export async function showItem(options: ShowItemOptions, context: TaskContext): Promise<ShownItem> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const catalogue = opened.keep(openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const { kind, row } = findEntity(snapshot, catalogue, options.item, 'item');
    const counts = (await readArrowFile(snapshot.file(requireKind(snapshot, kind).table))).counts('count');
    const events = counts[row] ?? 0;
    return {
      snapshot: snapshot.id,
      kind,
      item: catalogue.record(kind, row),
      events,
      place: 1 + counts.reduce((more, count) => more + (count > events ? 1 : 0), 0),
      of: counts.length,
      ranked: row < numRanked(snapshot, kind),
    };
  } finally {
    opened.close();
  }
}
