import type { Pairs } from '../contracts.js';
import { AppError } from '../errors.js';
import { Closers } from '../closers.js';
import { shellWord } from '../shell-word.js';
import { openNpy } from '../files/npy.js';
import { openUserDirectory, type UserDirectory } from '../store/user-directory.js';
import { openHistories, type Histories } from '../histories/histories.js';
import { historyFile, snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';

/** The listeners of a snapshot. */
export interface OpenUsers {
  /** The row of a user's id. AppError 'user-not-found' with the closest ids. */
  rowOf(id: string): number;
  /** The same, undefined where there is none. */
  findRow(id: string): number | undefined;
  /** With the user's vector, where that was imported. */
  historyOf(row: number): Pairs;
  /** Whether that user's vector was imported. */
  isImported(row: number): boolean;
  readonly histories: Histories;
  close(): void;
}

/** AppError 'missing-part' where the snapshot was made without users. */
export function openUsers(snapshot: OpenSnapshot, numItems: number): OpenUsers {
  const opened = new Closers();
  try {
    const directory: UserDirectory = opened.keep(openUserDirectory(snapshot.file(snapshotFile.userStore)));
    const histories: Histories = opened.keep(
      openHistories((name) => snapshot.file(historyFile(name)), numItems),
    );
    const imported = importedVectors(snapshot, opened);
    return {
      rowOf(id) {
        const row = directory.rowOf(id);
        if (row !== undefined) return row;
        const closest = directory.closest(id);
        throw new AppError('user-not-found', `no user ${JSON.stringify(id)} in snapshot ${snapshot.id}`, {
          suggestions: [
            ...closest.map((other) => `did you mean ${shellWord(other)}?`),
            'for a new user: `like` ITEM, as often as needed',
            'segue recommend --recipe popular, for a user without a history',
          ],
          details: { user: id, closest },
        });
      },
      historyOf(row) {
        const history = histories.read(row);
        const vector = imported?.vectorOf(row);
        return vector === undefined ? history : { ...history, vector };
      },
      isImported: (row) => imported?.has(row) === true,
      findRow: (id) => directory.rowOf(id),
      histories,
      close() {
        opened.close();
      },
    };
  } catch (error) {
    opened.close();
    throw error;
  }
}

interface ImportedVectors {
  has(row: number): boolean;
  /** undefined where it was not imported. */
  vectorOf(row: number): Float32Array | undefined;
}

/** undefined where no user's was imported. */
function importedVectors(snapshot: OpenSnapshot, opened: Closers): ImportedVectors | undefined {
  if (!snapshot.has(snapshotFile.userImported)) return undefined;
  const numUsers = snapshot.manifest.users?.rows ?? 0;
  const { dim } = snapshot.manifest.model;
  const flags = opened.keep(
    openNpy(snapshot.file(snapshotFile.userImported), { dtype: '|u1', shape: [numUsers] }),
  );
  const vectors = opened.keep(
    openNpy(snapshot.file(snapshotFile.userVectors), { dtype: '<f4', shape: [numUsers, dim] }),
  );
  const flag = new Uint8Array(1);
  const has = (row: number): boolean => {
    flags.readInto(flag, row);
    return flag[0] === 1;
  };
  return {
    has,
    vectorOf(row) {
      if (!has(row)) return undefined;
      const vector = new Float32Array(dim);
      vectors.readInto(new Uint8Array(vector.buffer), 4 * dim * row);
      return vector;
    },
  };
}
