/** `segue items`: the items of a snapshot, the most played first, or those whose name, artist or id holds some words. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openItemLists, type ListItemsResult } from '../query/item-lists.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { ListedItem, ListItemsResult } from '../query/item-lists.js';

export type ListItemsOptions = Asked<typeof operations.listItems.options>;

/** As `ItemLists.list`, of a snapshot that is opened for it. */
export async function listItems(options: ListItemsOptions, context: TaskContext): Promise<ListItemsResult> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    return await opened.keep(openItemLists(snapshot)).list(options);
  } finally {
    opened.close();
  }
}
