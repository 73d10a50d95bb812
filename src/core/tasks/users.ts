/** `segue users`: the users of a snapshot, those with the most events first, without those who were forgotten. */
import { Closers } from '../closers.js';
import type { TaskContext } from '../contracts.js';
import type * as operations from '../options/queries.js';
import type { Asked } from '../options/option.js';
import { openUsers } from '../query/open-users.js';
import { openUserLists, type ListedUser, type ListUsersResult } from '../query/user-lists.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';

export type { ListedUser, ListUsersResult };

export type ListUsersOptions = Asked<typeof operations.listUsers.options>;

/** AppErrors: of opening a snapshot; 'missing-part' where it was made without users. Reads all ids. */
export async function listUsers(options: ListUsersOptions, context: TaskContext): Promise<ListUsersResult> {
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const catalogue = opened.lazy(() => openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const numItems = snapshot.manifest.inputs.interactions.items;
    const users = opened.lazy(() => openUsers(snapshot, numItems, catalogue));
    return await openUserLists(snapshot, () => users().asOfNow({})).list(options);
  } finally {
    opened.close();
  }
}
