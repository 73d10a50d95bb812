/** `segue items show`: what a snapshot knows of an item, an artist or an album. */
import { Closers } from '../../closers.js';
import type { TaskContext } from '../../contracts.js';
import type * as operations from '../../options/queries.js';
import type { Asked } from '../../options/option.js';
import { openItemLists, type ShownItem } from '../../query/item-lists.js';
import { openForReading } from '../../snapshot/open-snapshot.js';

export type { ShownItem };

export type ShowItemOptions = Asked<typeof operations.showItem.options>;

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
