import type { Pairs, StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import type { UserDirectory } from '../store/user-directory.js';
import type { Histories } from '../histories/histories.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import { openImportedVectors, type ImportedVectors } from '../snapshot/users/stored-arrays.js';
import { openStoredDirectory } from '../snapshot/users/stored-directory.js';
import { openStoredHistories } from '../snapshot/users/stored-histories.js';
import { openStoredIds } from '../snapshot/users/stored-ids.js';
import { emptyPairs } from '../numeric/split-pairs.js';
import type { IdFile } from '../tables/id-file.js';
import { packStrings } from '../tables/string-column.js';
import type { KnownUsers, SeenByUsers } from './known-users.js';

/** What a snapshot holds, whatever a ledger says. Each file is opened when it is first asked for. */
export class StoredUsers implements KnownUsers {
  readonly numItems: number;
  readonly numStored: number;
  readonly mark = undefined;
  readonly #snapshot: OpenSnapshot;
  #directory: UserDirectory | undefined;
  #histories: Histories | undefined;
  #imported: ImportedVectors | undefined;
  #ids: IdFile | undefined;

  constructor(snapshot: OpenSnapshot, numItems: number) {
    this.numItems = numItems;
    this.numStored = snapshot.manifest.users?.rows ?? 0;
    this.#snapshot = snapshot;
  }

  /** Itself. AppError 'missing-part' where the snapshot was made without users. */
  alone(): this {
    this.#rows();
    return this;
  }

  rowOf(id: string): number {
    const row = this.findRow(id);
    if (row === undefined) throw this.notFound(id);
    return row;
  }

  findRow(id: string): number | undefined {
    return this.numStored === 0 ? undefined : this.#rows().rowOf(id);
  }

  notFound(id: string): AppError {
    return this.notFoundBut(id, this.closest(id));
  }

  closest(id: string): string[] {
    return this.#rows().closest(id);
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
    const history = this.#stored().read(row);
    const vector = this.#vectors()?.vectorOf(row);
    return vector === undefined ? history : { ...history, vector };
  }

  isImported(row: number): boolean {
    return this.#vectors()?.has(row) === true;
  }

  hasForgottenVector(): boolean {
    return false;
  }

  readMany(rows: Uint32Array): Pairs {
    return rows.length === 0 ? emptyPairs(Uint32Array.of(0), this.numItems) : this.#stored().readMany(rows);
  }

  readSeen(rows: Uint32Array): SeenByUsers {
    const seen = rows.length === 0 ? this.readMany(rows) : this.#stored().readSeen(rows);
    return { seen, refolded: new Map() };
  }

  idsOf(rows: Uint32Array): StringColumn {
    return rows.length === 0 ? packStrings([]) : this.ids().readRows(rows);
  }

  ids(): IdFile {
    return (this.#ids ??= openStoredIds(this.#snapshot));
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

  close(): void {
    for (const part of [this.#ids, this.#imported, this.#histories, this.#directory]) part?.close();
  }

  #rows(): UserDirectory {
    return (this.#directory ??= openStoredDirectory(this.#snapshot));
  }

  #stored(): Histories {
    return (this.#histories ??= openStoredHistories(this.#snapshot));
  }

  /** undefined where no user's was imported. */
  #vectors(): ImportedVectors | undefined {
    return (this.#imported ??= openImportedVectors(this.#snapshot));
  }
}
