/** The library's functions that list, search and show the items and users of a snapshot. */
import type { Given } from '../options/option.js';
import { askingFunction, libraryFunction } from './library-function.js';
import * as operations from '../options/operations.js';

export type ListItemsOptions = Given<typeof operations.listItems.options>;

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
export const listItems = askingFunction(operations.listItems, 'items');

export type ShowItemOptions = Given<typeof operations.showItem.options>;

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
export const showItem = askingFunction(operations.showItem, 'showItem');

export type ListUsersOptions = Given<typeof operations.listUsers.options>;

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
export const listUsers = askingFunction(operations.listUsers, 'users');

export type ShowUserOptions = Given<typeof operations.showUser.options>;

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
export const showUser = libraryFunction(
  operations.showUser,
  async () => (await import('../tasks/users/show.js')).showUser,
);
