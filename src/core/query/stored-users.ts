import type { Pairs, StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import type { Closers } from '../closers.js';
import { shellWord } from '../shell-word.js';
import type { UserDirectory } from '../store/user-directory.js';
import type { Histories } from '../histories/histories.js';
import { snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openStoredArray } from '../snapshot/users/stored-arrays.js';
import { openStoredDirectory } from '../snapshot/users/stored-directory.js';
import { openStoredHistories } from '../snapshot/users/stored-histories.js';
import { openStoredIds } from '../snapshot/users/stored-ids.js';
import { emptyPairs } from '../numeric/split-pairs.js';
import type { IdFile } from '../tables/id-file.js';
import { packStrings } from '../tables/string-column.js';
import type { KnownUsers, SeenByUsers } from './known-users.js';

/** What a snapshot holds, whatever a ledger says. */
export class StoredUsers implements KnownUsers {
  readonly numItems: number;
  readonly mark = undefined;
  readonly #snapshot: OpenSnapshot;
  readonly #opened: Closers;
  readonly #directory: () => UserDirectory;
  readonly #histories: Histories;
  readonly #imported: ImportedVectors | undefined;
  #ids: IdFile | undefined;

  /** @param opened closes it */
  constructor(snapshot: OpenSnapshot, numItems: number, opened: Closers) {
    this.numItems = numItems;
    this.#snapshot = snapshot;
    this.#opened = opened;
    this.#directory = opened.lazy(() => openStoredDirectory(snapshot));
    this.#histories = snapshot.hasUsers(snapshotFile.userStore)
      ? opened.keep(openStoredHistories(snapshot))
      : noHistories(numItems);
    this.#imported = importedVectors(snapshot, opened);
  }

  get numStored(): number {
    return this.#histories.numUsers;
  }

  /** Itself. AppError 'missing-part' where the snapshot was made without users. */
  alone(): this {
    this.#directory();
    return this;
  }

  rowOf(id: string): number {
    const row = this.findRow(id);
    if (row === undefined) throw this.notFound(id);
    return row;
  }

  findRow(id: string): number | undefined {
    return this.numStored === 0 ? undefined : this.#directory().rowOf(id);
  }

  notFound(id: string): AppError {
    return this.notFoundBut(id, this.closest(id));
  }

  closest(id: string): string[] {
    return this.#directory().closest(id);
  }

  /** @param closest ids that may be named */
  notFoundBut(id: string, closest: readonly string[]): AppError {
    return new AppError('user-not-found', `no user ${JSON.stringify(id)} in snapshot ${this.#snapshot.id}`, {
      suggestions: [
        ...closest.map((other) => `did you mean ${shellWord(other)}?`),
        'for a new user: `like` ITEM, as often as needed',
        'segue recommend --recipe popular, for a user without a history',
      ],
      details: { user: id, closest },
    });
  }

  historyOf(row: number): Pairs {
    const history = this.#histories.read(row);
    const vector = this.#imported?.vectorOf(row);
    return vector === undefined ? history : { ...history, vector };
  }

  isImported(row: number): boolean {
    return this.#imported?.has(row) === true;
  }

  hasForgottenVector(): boolean {
    return false;
  }

  readMany(rows: Uint32Array): Pairs {
    return this.#histories.readMany(rows);
  }

  readSeen(rows: Uint32Array): SeenByUsers {
    return { seen: this.#histories.readSeen(rows), refolded: new Map() };
  }

  idsOf(rows: Uint32Array): StringColumn {
    return rows.length === 0 ? packStrings([]) : this.ids().readRows(rows);
  }

  ids(): IdFile {
    return (this.#ids ??= this.#opened.keep(openStoredIds(this.#snapshot)));
  }

  everyone(): undefined {
    return undefined;
  }

  saidBy(): undefined {
    return undefined;
  }

  withFeedback(_: string, history: Pairs): Pairs {
    return history;
  }
}

/** Of a snapshot without users. */
function noHistories(numItems: number): Histories {
  const none = emptyPairs(Uint32Array.of(0), numItems);
  return {
    numUsers: 0,
    read: () => none,
    readMany: () => none,
    readSeen: () => none,
    close: () => undefined,
  };
}

interface ImportedVectors {
  has(row: number): boolean;
  /** undefined where it was not imported. */
  vectorOf(row: number): Float32Array | undefined;
}

/** undefined where no user's was imported. */
function importedVectors(snapshot: OpenSnapshot, opened: Closers): ImportedVectors | undefined {
  if (!snapshot.hasUsers(snapshotFile.userImported)) return undefined;
  const { dim } = snapshot.manifest.model;
  const flags = opened.keep(openStoredArray(snapshot, snapshotFile.userImported, '|u1', []));
  const vectors = opened.keep(openStoredArray(snapshot, snapshotFile.userVectors, '<f4', [dim]));
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
