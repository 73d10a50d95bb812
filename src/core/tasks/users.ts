/** `segue users`: the users of a snapshot, those with the most events first. */
import type { StringColumn, TaskContext } from '../contracts.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { rowSetOf, type RowSet } from '../search/row-set.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import { readUserTable } from '../tables/snapshot-tables.js';

export interface ListUsersOptions {
  readonly root: string;
  readonly snapshot?: string | undefined;
  /** Of a bundle which member; its first by default. */
  readonly as?: string | undefined;
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
  /** Users whose ids begin so. */
  readonly matching: number;
  /** Users that there are. */
  readonly of: number;
  /** By events, then row. */
  readonly users: readonly ListedUser[];
}

/** AppErrors: of opening a snapshot; 'missing-part' where it was made without users. Reads all ids. */
export async function listUsers(options: ListUsersOptions, context: TaskContext): Promise<ListUsersResult> {
  const { prefix } = options;
  const snapshot = await openForReading(options.root, options.snapshot, context, options.as);
  try {
    const { ids, counts } = await readUserTable(snapshot.file(snapshotFile.userTable));
    const among = prefix === undefined ? undefined : rowsBeginning(prefix, ids);
    const found = firstBut(rankScores(counts), [], options.k, among);
    return {
      snapshot: snapshot.id,
      prefix: prefix ?? null,
      matching: among?.count ?? counts.length,
      of: counts.length,
      users: found.map(({ row }, at) => ({ rank: at + 1, id: ids.at(row), events: counts[row] ?? 0 })),
    };
  } finally {
    snapshot.close();
  }
}

function rowsBeginning(prefix: string, ids: StringColumn): RowSet {
  const rows: number[] = [];
  for (let row = 0; row < ids.length; row++) if (ids.at(row).startsWith(prefix)) rows.push(row);
  return rowSetOf(ids.length, rows);
}
