/** `segue items`: the items of a snapshot, the most played first, or those whose name, artist or id holds some words. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import { openItemLists, type ItemsQuestion, type ListItemsResult } from '../query/item-lists.js';
import { openForReading } from '../snapshot/open-snapshot.js';

export type { ListedItem, ListItemsResult } from '../query/item-lists.js';

export interface ListItemsOptions extends ItemsQuestion {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
}

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
