import type { Count, StringColumn } from '../contracts.js';
import { readIds } from '../tables/snapshot-tables.js';
import { snapshotFile } from '../snapshot/layout.js';
import { matchIds, type MatchedRows } from './match-ids.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readStoredTable, storedTableDigest } from '../snapshot/users/stored-tables.js';

/** How many only B has (added), only A (removed), and both. */
export interface MatchCounts {
  readonly added: Count;
  readonly removed: Count;
  readonly common: Count;
}

/** The items of A and B that have vectors; rows are in the order of events, so `unmatchedRows` are the most played first. */
export async function matchItems(a: OpenSnapshot, b: OpenSnapshot): Promise<MatchedRows> {
  const name = snapshotFile.itemTable;
  const [idsA, idsB] = [await readIds(a.file(name)), await readIds(b.file(name))];
  return matchIds(idsA, numItemsOf(a), idsB, numItemsOf(b));
}

/** The users of A and B; undefined where one of them has none. */
export async function matchUsers(a: OpenSnapshot, b: OpenSnapshot): Promise<MatchedRows | undefined> {
  if (!a.hasUsers() || !b.hasUsers()) return undefined;
  const [{ ids: idsA }, { ids: idsB }] = [await readStoredTable(a), await readStoredTable(b)];
  return matchIds(idsA, idsA.length, idsB, idsB.length);
}

/**
 * How many users, or items with vectors, every one of these snapshots has, and how many each has. A table that several share
 * is read once. Memory: the ids of all tables.
 */
export async function countShared(
  snapshots: readonly OpenSnapshot[],
  what: 'users' | 'items',
): Promise<{ readonly common: number; readonly lengths: readonly number[] }> {
  const read = new Map<string, Promise<StringColumn>>();
  const { digest, idsOf } = what === 'users' ? tableOfUsers : tableOfItems;
  const tables = await Promise.all(
    snapshots.map(async (snapshot) => {
      const column = read.get(digest(snapshot)) ?? idsOf(snapshot);
      read.set(digest(snapshot), column);
      const ids = await column;
      return { ids, length: what === 'users' ? ids.length : numItemsOf(snapshot) };
    }),
  );
  const [first, ...others] = tables;
  const inAll = new Uint8Array(first?.length ?? 0).fill(1);
  for (const { ids, length } of others) {
    if (first === undefined || (ids === first.ids && length === first.length)) continue;
    const { rowInB } = matchIds(first.ids, first.length, ids, length);
    for (const [row, other] of rowInB.entries()) if (other === -1) inAll[row] = 0;
  }
  return { common: inAll.reduce((sum, one) => sum + one, 0), lengths: tables.map(({ length }) => length) };
}

interface IdTable {
  digest(snapshot: OpenSnapshot): string;
  idsOf(snapshot: OpenSnapshot): Promise<StringColumn>;
}

const tableOfItems: IdTable = {
  digest: ({ manifest }) => manifest.files[snapshotFile.itemTable]?.sha256 ?? '',
  idsOf: (snapshot) => readIds(snapshot.file(snapshotFile.itemTable)),
};

const tableOfUsers: IdTable = {
  digest: storedTableDigest,
  idsOf: async (snapshot) => (await readStoredTable(snapshot)).ids,
};

export function countMatches({ rowInA, rowInB, numCommon }: MatchedRows): MatchCounts {
  return { added: rowInA.length - numCommon, removed: rowInB.length - numCommon, common: numCommon };
}

function numItemsOf({ manifest }: OpenSnapshot): number {
  return manifest.inputs.interactions.items;
}
