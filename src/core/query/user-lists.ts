/** The users of an open snapshot as they are listed, without those who were forgotten. */
import type { Count, Rank, SnapshotId, StringColumn, Text } from '../contracts.js';
import { rankScores } from '../search/score-ranking.js';
import { hasRow, rowSetOf, type RowSet } from '../search/row-set.js';
import type { AsOfMark } from '../feedback/follow-ledger.js';
import type { Asked } from '../options/option.js';
import type { usersQuery } from '../options/queries.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { readStoredTable } from '../snapshot/users/stored-tables.js';
import { part, type ListPart } from './item-lists.js';
import type { KnownUsers } from './known-users.js';

type UsersQuestion = Asked<typeof usersQuery.options>;

export interface ListedUser {
  readonly rank: Rank;
  readonly id: Text;
  readonly events: Count;
}

export interface ListUsersResult {
  readonly snapshot: SnapshotId;
  readonly prefix: string | null;
  /** Users whose ids begin so, those who were forgotten among them. */
  readonly matching: Count;
  /** Users that there are, likewise. */
  readonly of: Count;
  /** By events, then row. */
  readonly users: readonly ListedUser[];
}

export interface UserLists {
  /** AppError 'missing-part' where the snapshot was made without users. */
  list(question: UsersQuestion & ListPart): Promise<ListUsersResult>;
}

/** All ids are read for the first query, and kept. @param users as of now, for each query */
export function openUserLists(
  snapshot: OpenSnapshot,
  users: (asked: AsOfMark) => Promise<KnownUsers>,
): UserLists {
  let table: ReturnType<typeof readUsers> | undefined;
  /** Of each row, as of an entry of the ledger: whether they were forgotten (1), or were not (2). Pages look at many again. */
  let looked = { seq: 0, at: new Uint8Array() };
  return {
    async list({ prefix, k, from = 0, mark }) {
      const { ids, counts, order } = await (table ??= readUsers(snapshot));
      const known = await users({ mark });
      const among = prefix === undefined ? undefined : rowsBeginning(prefix, ids);
      const seq = known.mark?.seq ?? 0;
      if (looked.seq !== seq || looked.at.length !== counts.length)
        looked = { seq, at: new Uint8Array(counts.length) };
      const { at } = looked;
      // The snapshot counts those who were forgotten, and who are not used any more.
      const has = (row: number): boolean =>
        (among === undefined || hasRow(among, row)) &&
        (at[row] ||= known.hasForgottenVector(row) ? 1 : 2) === 2;
      const found = part(order, from, k, has);
      return {
        snapshot: snapshot.id,
        prefix: prefix ?? null,
        matching: among?.count ?? counts.length,
        of: counts.length,
        users: Array.from(found, (row, place) => ({
          rank: from + place + 1,
          id: ids.at(row),
          events: counts[row] ?? 0,
        })),
      };
    },
  };
}

async function readUsers(
  snapshot: OpenSnapshot,
): Promise<Awaited<ReturnType<typeof readStoredTable>> & { readonly order: Uint32Array }> {
  const table = await readStoredTable(snapshot);
  return { ...table, order: Uint32Array.from(rankScores(table.counts), ({ row }) => row) };
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
