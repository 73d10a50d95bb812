/** `segue users`: the users of a snapshot, those with the most events first, without those who were forgotten. */
import { Closers } from '../closers.js';
import type { StringColumn, TaskContext } from '../contracts.js';
import { openUsers } from '../query/open-users.js';
import { firstBut, rankScores } from '../search/score-ranking.js';
import { rowSetOf, type RowSet } from '../search/row-set.js';
import { snapshotFile } from '../snapshot/layout.js';
import { openForReading } from '../snapshot/open-snapshot.js';
import { openCatalogue } from '../store/catalogue.js';
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
  /** Users whose ids begin so, those who were forgotten among them. */
  readonly matching: number;
  /** Users that there are, likewise. */
  readonly of: number;
  /** By events, then row. */
  readonly users: readonly ListedUser[];
}

/** AppErrors: of opening a snapshot; 'missing-part' where it was made without users. Reads all ids. */
export async function listUsers(options: ListUsersOptions, context: TaskContext): Promise<ListUsersResult> {
  const { prefix, k } = options;
  const opened = new Closers();
  try {
    const snapshot = opened.keep(await openForReading(options.root, options.snapshot, context, options.as));
    const { ids, counts } = await readUserTable(snapshot.file(snapshotFile.userTable));
    const catalogue = opened.lazy(() => openCatalogue(snapshot.file(snapshotFile.itemStore)));
    const numItems = snapshot.manifest.inputs.interactions.items;
    const known = await opened.keep(openUsers(snapshot, numItems, catalogue)).asOfNow({});
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
  } finally {
    opened.close();
  }
}

function rowsBeginning(prefix: string, ids: StringColumn): RowSet {
  const rows: number[] = [];
  for (let row = 0; row < ids.length; row++) if (ids.at(row).startsWith(prefix)) rows.push(row);
  return rowSetOf(ids.length, rows);
}
