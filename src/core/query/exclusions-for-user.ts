/** What a user is not shown where what they ask about is not themselves: beside `similar`, and in the browser. */
import { trainedKind } from '../snapshot/layout.js';
import type { FoundKind } from '../snapshot/kinds.js';
import { exclusionsOf } from './exclusions.js';
import type { ItemsOfGroups } from './item-groups.js';
import type { KnownUsers } from './known-users.js';

/** Rows of a kind that the user `id` is not shown. AppError 'user-not-found'. @param numRows of it that have vectors @param groups needed for artists and albums */
export function rowsNotShown(
  users: KnownUsers,
  id: string,
  { name }: FoundKind,
  numRows: number,
  groups: ItemsOfGroups | undefined,
  includeHeard: boolean,
): Uint32Array {
  const history = users.historyOf(users.rowOf(id));
  const exclusions = exclusionsOf(name === trainedKind ? undefined : groups?.groups(name, numRows));
  return exclusions.of(history, { includeHeard, excluded: new Uint32Array(0) }).own;
}
