import type { Pairs } from '../contracts.js';
import { AppError } from '../errors.js';
import { openUserDirectory, type UserDirectory } from '../store/user-directory.js';
import { openHistories, type Histories } from '../users/histories.js';
import { historyFile, snapshotFile } from './layout.js';
import type { OpenSnapshot } from './open-snapshot.js';

/** The listeners of a snapshot. */
export interface OpenUsers {
  /** The row of a user's id. AppError 'user-not-found' with the closest ids. */
  rowOf(id: string): number;
  historyOf(row: number): Pairs;
  close(): void;
}

/** AppError 'missing-part' where the snapshot was made without users. */
export function openUsers(snapshot: OpenSnapshot, numItems: number): OpenUsers {
  const opened: { close(): void }[] = [];
  const keep = <T extends { close(): void }>(part: T): T => {
    opened.push(part);
    return part;
  };
  const close = (): void => {
    for (const part of opened) part.close();
  };
  try {
    const directory: UserDirectory = keep(openUserDirectory(snapshot.file(snapshotFile.userStore)));
    const histories: Histories = keep(openHistories((name) => snapshot.file(historyFile(name)), numItems));
    return {
      rowOf(id) {
        const row = directory.rowOf(id);
        if (row !== undefined) return row;
        const closest = directory.closest(id);
        throw new AppError('user-not-found', `no user ${JSON.stringify(id)} in snapshot ${snapshot.id}`, {
          suggestions: [
            ...closest.map((other) => `did you mean ${other}?`),
            'for someone new: --like ITEM, as often as needed',
            'for someone of whom nothing is known: segue recommend --recipe popular',
          ],
          details: { user: id, closest },
        });
      },
      historyOf: (row) => histories.read(row),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
}
