import type { Pairs, StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import type { Closers } from '../closers.js';
import { shellWord } from '../shell-word.js';
import { openNpy } from '../files/npy.js';
import { openUserDirectory, type UserDirectory } from '../store/user-directory.js';
import { openHistories, type Histories } from '../histories/histories.js';
import { historyFile, snapshotFile } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { emptyPairs } from '../numeric/split-pairs.js';
import { openIdFile, type IdFile } from '../tables/id-file.js';
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
    this.#directory = opened.lazy(() => openUserDirectory(snapshot.file(snapshotFile.userStore)));
    this.#histories = snapshot.has(snapshotFile.userStore)
      ? opened.keep(openHistories((name) => snapshot.file(historyFile(name)), numItems))
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
    const closest = this.#directory().closest(id);
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
    return (this.#ids ??= this.#opened.keep(openIdFile(this.#snapshot.file(snapshotFile.userTable))));
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
