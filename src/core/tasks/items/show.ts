/** `segue items show`: what a snapshot knows of an item, an artist or an album. */
import { Closers } from '../../closers.js';
import type { TaskContext } from '../../contracts.js';
import { openItemLists, type ShownItem } from '../../query/item-lists.js';
import { openForReading } from '../../snapshot/open-snapshot.js';

export type { ShownItem };

export interface ShowItemOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
  /** Id or name; artist:… and album:… too. */
  readonly item: string;
}

/** As `ItemLists.show`, of a snapshot that is opened for it. */
export async function showItem(options: ShowItemOptions, context: TaskContext): Promise<ShownItem> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    return await opened.keep(openItemLists(snapshot)).show(options.item);
  } finally {
    opened.close();
  }
}
