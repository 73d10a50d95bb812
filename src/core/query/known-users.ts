import type { Pairs, StringColumn } from '../contracts.js';
import type { LedgerMark } from '../feedback/known-entries.js';
import type { OverlayOptions, UserEntries } from '../feedback/overlay.js';
import type { SeenItems } from '../histories/histories.js';
import type { IdSource } from '../tables/ranking-encoder.js';

/** What users have seen, a row each, and those of them whose vector is not the one that is stored. */
export interface SeenByUsers {
  readonly seen: SeenItems;
  /** By place: the history to fold in. */
  readonly refolded: ReadonlyMap<number, Pairs>;
}

/** For whoever puts it together with more: see `overlay`. */
export interface SaidByUser {
  readonly said: UserEntries;
  readonly options: OverlayOptions;
}

/** Users as one query sees them: what a ledger says of them is of one moment. */
export interface KnownUsers {
  /** Users that the snapshot holds: the first rows. Others, whom only the ledger knows, have the rows after these. */
  readonly numStored: number;
  /** Up to which entry of which ledger it is obeyed; undefined where there is none, or it is not to be. */
  readonly mark: LedgerMark | undefined;
  /** The row of a user's id. AppError 'user-not-found' with the closest ids. */
  rowOf(id: string): number;
  /** The same, undefined where there is none. */
  findRow(id: string): number | undefined;
  /** Ids that come closest to one that is not known, best first. */
  closest(id: string): string[];
  /** With the user's vector, where that was imported. */
  historyOf(row: number): Pairs;
  /** Whether that user's vector was imported. */
  isImported(row: number): boolean;
  /** Whether the vector that is stored for them was made from what they asked to be forgotten. */
  hasForgottenVector(row: number): boolean;
  /** The pairs of these users, as Pairs with a row each, in this order. */
  readMany(rows: Uint32Array): Pairs;
  /** The same of what filters, and of whether anything is liked. */
  readSeen(rows: Uint32Array): SeenByUsers;
  idsOf(rows: Uint32Array): StringColumn;
  /** Of all users that are stored. */
  ids(): IdSource;
  /** Rows of everyone; undefined where that is all that are stored. */
  everyone(): Uint32Array | undefined;
  /** What the ledger says of a user, whether or not the snapshot knows them; undefined where it is not obeyed. */
  saidBy(id: string): SaidByUser | undefined;
  /** What the ledger makes of a user's history. @param isGiven it is not that of the snapshot, but something else gives it */
  withFeedback(id: string, history: Pairs, isGiven: boolean): Pairs;
}
