/** The users of an open snapshot as they are listed, without those who were forgotten. */
import type { StringColumn } from '../contracts.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { rowSetOf, type RowSet } from '../search/row-set.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import type { KnownUsers } from './known-users.js';

export interface UsersQuestion {
  /** What their ids begin with. */
  readonly prefix?: string | undefined;
  /** How many at most. */
  readonly k: number;
}

export interface ListedUser {
  readonly rank: number;
  readonly id: string;
  readonly events: number;
}

export interface ListUsersResult {
  readonly snapshot: string;
  readonly prefix: string | null;
  /** Users whose ids begin so, those who were forgotten among them. */
  readonly matching: number;
  /** Users that there are, likewise. */
  readonly of: number;
  /** By events, then row. */
  readonly users: readonly ListedUser[];
}

export interface UserLists {
  /** AppError 'missing-part' where the snapshot was made without users. */
  list(question: UsersQuestion): Promise<ListUsersResult>;
}

/** All ids are read for the first question, and kept. @param users as of now, for each question */
export function openUserLists(snapshot: OpenSnapshot, users: () => Promise<KnownUsers>): UserLists {
  let table: ReturnType<typeof readStoredTable> | undefined;
  return {
    async list({ prefix, k }) {
      table ??= readStoredTable(snapshot);
      const { ids, counts } = await table;
      const known = await users();
      const among = prefix === undefined ? undefined : rowsBeginning(prefix, ids);
      const ranking = rankScores(counts);
      // As many more as were forgotten, of whom the snapshot counts what is not used any more.
      const first = (count: number): readonly { readonly row: number }[] => {
        const best = firstBut(ranking, [], count, among);
        const kept = best.filter(({ row }) => !known.hasForgottenVector(row));
        return kept.length < k && best.length === count ? first(2 * count) : kept.slice(0, k);
      };
      const found = first(k);
      return {
        snapshot: snapshot.id,
        prefix: prefix ?? null,
        matching: among?.count ?? counts.length,
        of: counts.length,
        users: found.map(({ row }, at) => ({ rank: at + 1, id: ids.at(row), events: counts[row] ?? 0 })),
      };
    },
  };
}

/** By bytes: a text of each id would take longer by far. */
function rowsBeginning(prefix: string, { length, bytes, offsets }: StringColumn): RowSet {
  const wanted = Buffer.from(prefix);
  const rows: number[] = [];
  for (let row = 0; row < length; row++) {
    const start = offsets[row]!;
    if (offsets[row + 1]! - start < wanted.length) continue;
    let at = 0;
    while (at < wanted.length && bytes[start + at] === wanted[at]) at++;
    if (at === wanted.length) rows.push(row);
  }
  return rowSetOf(length, rows);
}
