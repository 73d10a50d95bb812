/** The library's functions that list, search and show the items and users of a snapshot. */
import type { Given } from '../options/kinds.js';
import type * as items from '../tasks/items.js';
import type * as item from '../tasks/items/show.js';
import type * as users from '../tasks/users.js';
import type * as user from '../tasks/users/show.js';
import { libraryFunction, type LibraryFunction } from './library-function.js';
import * as shapes from './shapes.js';

export type ListItemsOptions = Given<items.ListItemsOptions, typeof shapes.listItems>;

/**
 * The most played items, artists or albums, or those that match words.
 *
 * ```ts
 * import { listItems } from '@segue-music/segue';
 *
 * const { items } = await listItems({ words: ['rolling'], where: 'released < 1970' });
 * console.log(items.map(({ name }) => name));
 * ```
 */
export const listItems: LibraryFunction<ListItemsOptions, items.ListItemsResult> = libraryFunction(
  'listItems',
  shapes.listItems,
  async () => (await import('../tasks/items.js')).listItems,
);

export type ShowItemOptions = Given<item.ShowItemOptions, typeof shapes.showItem>;

/**
 * What is known of an item, an artist or an album.
 *
 * ```ts
 * import { showItem } from '@segue-music/segue';
 *
 * const { item, place, of } = await showItem({ item: 'Plush' });
 * console.log(item.name, place, of);
 * ```
 */
export const showItem: LibraryFunction<ShowItemOptions, item.ShownItem> = libraryFunction(
  'showItem',
  shapes.showItem,
  async () => (await import('../tasks/items/show.js')).showItem,
);

export type ListUsersOptions = Given<users.ListUsersOptions, typeof shapes.listUsers>;

/**
 * The users with most events, or those whose ids begin so.
 *
 * ```ts
 * import { listUsers } from '@segue-music/segue';
 *
 * const { users } = await listUsers({ prefix: 'KGLK/' });
 * console.log(users.map(({ id }) => id));
 * ```
 */
export const listUsers: LibraryFunction<ListUsersOptions, users.ListUsersResult> = libraryFunction(
  'listUsers',
  shapes.listUsers,
  async () => (await import('../tasks/users.js')).listUsers,
);

export type ShowUserOptions = Given<user.ShowUserOptions, typeof shapes.showUser>;

/**
 * A user's history.
 *
 * ```ts
 * import { showUser } from '@segue-music/segue';
 *
 * const { items, events } = await showUser({ user: 'KGLK/2014-06-16' });
 * console.log(events, items[0]?.name);
 * ```
 */
export const showUser: LibraryFunction<ShowUserOptions, user.ShownUser> = libraryFunction(
  'showUser',
  shapes.showUser,
  async () => (await import('../tasks/users/show.js')).showUser,
);
