import { readIds } from '../tables/snapshot-tables.js';
import { snapshotFile } from '../snapshot/layout.js';
import { matchIds } from './match-ids.js';
import type { MatchedRows } from './match-ids.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** How many only B has (added), only A (removed), and both. */
export interface MatchCounts {
  readonly added: number;
  readonly removed: number;
  readonly common: number;
}

/** The items of A and B that have vectors; rows are in the order of events, so `unmatchedRows` are the most played first. */
export async function matchItems(a: OpenSnapshot, b: OpenSnapshot): Promise<MatchedRows> {
  const name = snapshotFile.itemTable;
  const [idsA, idsB] = [await readIds(a.file(name)), await readIds(b.file(name))];
  return matchIds(idsA, numItemsOf(a), idsB, numItemsOf(b));
}

/** The users of A and B; undefined where one of them has none. */
export async function matchUsers(a: OpenSnapshot, b: OpenSnapshot): Promise<MatchedRows | undefined> {
  const name = snapshotFile.userTable;
  if (!a.has(name) || !b.has(name)) return undefined;
  const [idsA, idsB] = [await readIds(a.file(name)), await readIds(b.file(name))];
  return matchIds(idsA, idsA.length, idsB, idsB.length);
}

export function countMatches({ rowInA, rowInB, numCommon }: MatchedRows): MatchCounts {
  return { added: rowInA.length - numCommon, removed: rowInB.length - numCommon, common: numCommon };
}

function numItemsOf({ manifest }: OpenSnapshot): number {
  return manifest.inputs.interactions.items;
}
