import { readUserTable, type UserTable } from '../../tables/snapshot-tables.js';
import { joinStrings } from '../../tables/string-column.js';
import { snapshotFile } from '../layout.js';
import type { OpenSnapshot } from '../open-snapshot.js';

/**
 * The ids of all users and their numbers of events, by row. AppErrors as `readUserTable`; 'too-large' for more ids than a column
 * holds; 'missing-part' for a snapshot without users.
 */
export async function readStoredTable({
  userParts: parts,
}: Pick<OpenSnapshot, 'userParts'>): Promise<UserTable> {
  const tables: UserTable[] = [];
  for (const { file } of parts) tables.push(await readUserTable(file(snapshotFile.userTable)));
  if (tables.length === 1) return tables[0]!;
  const ids = joinStrings(tables.map((table) => table.ids));
  const counts = new Uint32Array(ids.length);
  let at = 0;
  for (const table of tables) {
    counts.set(table.counts, at);
    at += table.counts.length;
  }
  return { ids, counts };
}

/** What tells the tables of two snapshots apart. */
export function storedTableDigest({ userParts: parts, manifest }: OpenSnapshot): string {
  return parts.map(({ nameOf }) => manifest.files[nameOf(snapshotFile.userTable)]?.sha256).join(' ');
}
