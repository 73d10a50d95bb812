/** The store that leads from a user's id to its row. */
import type { StringColumn } from '../contracts.js';
import { closestTexts } from './closest-texts.js';
import { countEntry, idEntries } from './id-entries.js';
import { rowOfId } from './id-lookup.js';
import { openLmdb } from './lmdb-reader.js';
import { writeLmdb, type StoreEntry } from './lmdb-writer.js';
import { keyPrefix } from './store-keys.js';

const kind = 'user';

export interface UserDirectory {
  /** The row of a user's id, or undefined. */
  rowOf(id: string): number | undefined;
  /** The first `limit` ids that begin with a text, by their bytes. */
  startingWith(text: string, limit: number): string[];
  /** Up to five ids that come closest to one that was not found, best first. Reads all ids. */
  closest(id: string): string[];
  close(): void;
}

/** Writes the ids, by row, to a new store: the same bytes for the same ids. Errors and sealing as `writeCatalogue`. */
export async function writeUserDirectory(path: string, ids: StringColumn): Promise<void> {
  await writeLmdb(path, entriesOf(ids), 2 ** 20 + 4 * (ids.bytes.length + 64 * ids.length));
}

function* entriesOf(ids: StringColumn): Generator<StoreEntry> {
  yield countEntry(kind, ids.length);
  yield* idEntries(kind, ids);
}

/** Throws AppError 'damaged-snapshot' for a file that is missing or no store. */
export function openUserDirectory(path: string): UserDirectory {
  const store = openLmdb(path);
  const prefix = keyPrefix('i', kind);
  return {
    rowOf: (id) => rowOfId(store, kind, id),
    startingWith(text, limit) {
      const found: string[] = [];
      const from = Buffer.concat([prefix, Buffer.from(text, 'utf8')]);
      store.scanKeys(from, (page, start, end) => {
        if (found.length < limit) found.push(page.toString('utf8', start + prefix.length, end));
        return found.length < limit;
      });
      return found;
    },
    closest(id) {
      const found = closestTexts(id, (visit) => {
        let order = 0;
        store.scanKeys(prefix, (page, start, end) => {
          visit(order++, page, start + prefix.length, end);
        });
      });
      return found.map(({ text }) => text);
    },
    close() {
      store.close();
    },
  };
}
