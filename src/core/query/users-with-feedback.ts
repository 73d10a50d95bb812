import type { Pairs, StringColumn } from '../contracts.js';
import type { AppError } from '../errors.js';
import {
  FollowedLedger,
  type AsOfMark,
  type FeedbackOptions,
  type PinnedLedger,
} from '../feedback/follow-ledger.js';
import { knownByHistory, knownOfUser, nothingKnown, type LedgerMark } from '../feedback/known-entries.js';
import { isNothing, laterThan, overlay, weighAlike, type OverlayOptions } from '../feedback/overlay.js';
import type { LedgerReader } from '../ledger/entry.js';
import { openLedgerReader } from '../ledger/open-reader.js';
import { emptyHistory } from '../histories/opinions.js';
import { gatherUsers, usersOf } from '../numeric/split-pairs.js';
import { rootPath } from '../snapshot/layout.js';
import type { OpenSnapshot } from '../snapshot/open-snapshot.js';
import type { Catalogue } from '../store/catalogue.js';
import type { IdSource } from '../tables/ranking-encoder.js';
import { StringColumnBuilder } from '../tables/string-column.js';
import type { KnownUsers, SaidByUser, SeenByUsers } from './known-users.js';
import { openRowsOfEntries } from './rows-of-entries.js';
import type { StoredUsers } from './stored-users.js';

/** The users of a snapshot and of the ledger of its root, which may be made, and grow, meanwhile. */
export interface ObeyingUsers {
  asOfNow(asked: FeedbackOptions & AsOfMark): KnownUsers;
  asOf(mark: LedgerMark, asked: FeedbackOptions): KnownUsers | undefined;
  close(): void;
}

export function openObeyingUsers(
  snapshot: OpenSnapshot,
  stored: StoredUsers,
  catalogue: () => Catalogue,
): ObeyingUsers {
  const open = (): LedgerReader | undefined => openLedgerReader(rootPath.feedback(snapshot.root));
  const ledger = new FollowedLedger(snapshot.manifest, open);
  const rowsOf = openRowsOfEntries(snapshot, catalogue, stored.numItems);
  const added = new AddedUsers(stored.numStored);
  const obeying = (pinned: PinnedLedger, { skipWeight = 0 }: FeedbackOptions): KnownUsers =>
    new UsersWithFeedback(stored, added, pinned, { rowsOf, skipWeight });
  return {
    asOfNow(asked) {
      const pinned = asked.feedback === false ? undefined : ledger.now(asked.mark);
      return pinned === undefined ? stored.alone() : obeying(pinned, asked);
    },
    asOf(mark, asked) {
      const pinned = ledger.asOf(mark);
      return pinned && obeying(pinned, asked);
    },
    close: () => ledger.close(),
  };
}

/** Users whom only the ledger knows: the same has the same row in whatever is asked. */
class AddedUsers {
  readonly #first: number;
  readonly #ids: string[] = [];
  readonly #rows = new Map<string, number>();

  /** @param first row of theirs */
  constructor(first: number) {
    this.#first = first;
  }

  rowOf(id: string): number {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#first + this.#ids.push(id) - 1;
    this.#rows.set(id, row);
    return row;
  }

  /** undefined for a user who is stored. */
  idOf(row: number): string | undefined {
    return row < this.#first ? undefined : this.#ids[row - this.#first];
  }
}

/** A history that a ledger changes. */
interface Changed {
  readonly history: Pairs;
  /** Whether another vector is made from it than the one that is stored. */
  readonly isRefolded: boolean;
}

/** Ids that are read at a time where all of them are. */
const idsAtOnce = 65_536;

/** The users of a snapshot with what a ledger says of them, and those whom only the ledger knows. */
class UsersWithFeedback implements KnownUsers {
  readonly mark: LedgerMark;
  readonly #stored: StoredUsers;
  readonly #ledger: PinnedLedger;
  readonly #options: Omit<OverlayOptions, 'known'>;
  /** Ids of stored rows that were asked for by id. */
  readonly #ids = new Map<number, string>();
  readonly #added: AddedUsers;

  constructor(
    stored: StoredUsers,
    added: AddedUsers,
    ledger: PinnedLedger,
    options: Omit<OverlayOptions, 'known'>,
  ) {
    this.#stored = stored;
    this.#added = added;
    this.#ledger = ledger;
    this.#options = options;
    this.mark = ledger.mark;
  }

  get numStored(): number {
    return this.#stored.numStored;
  }

  rowOf(id: string): number {
    const row = this.findRow(id);
    if (row === undefined) throw this.notFound(id);
    return row;
  }

  notFound(id: string): AppError {
    return this.#stored.notFoundBut(id, this.closest(id));
  }

  findRow(id: string): number | undefined {
    const row = this.#stored.findRow(id);
    if (row === undefined) return this.#ledger.knows(id) ? this.#added.rowOf(id) : undefined;
    if (this.#isGone(id, row)) return undefined;
    this.#ids.set(row, id);
    return row;
  }

  closest(id: string): string[] {
    return this.#stored.closest(id).filter((other) => this.findRow(other) !== undefined);
  }

  historyOf(row: number): Pairs {
    const id = this.#idOf(row);
    return this.#isAdded(row) ? this.#ofAdded(id) : this.withFeedback(id, this.#stored.historyOf(row), false);
  }

  isImported(row: number): boolean {
    return !this.#isAdded(row) && this.#stored.isImported(row) && !this.#ledger.isForgotten(this.#idOf(row));
  }

  hasForgottenVector(row: number): boolean {
    if (this.#isAdded(row)) return false;
    const { forgottenAt } = this.#ledger.of(this.#idOf(row));
    if (forgottenAt === undefined) return false;
    const history = this.#stored.historyOf(row);
    return history.vector !== undefined || laterThan(history, forgottenAt).item.length < history.item.length;
  }

  readMany(rows: Uint32Array): Pairs {
    return this.#read(rows).pairs;
  }

  readSeen(rows: Uint32Array): SeenByUsers {
    const { pairs, changed } = this.#read(rows);
    const refolded = [...changed].flatMap(([at, { history, isRefolded }]) =>
      isRefolded ? [[at, history] as const] : [],
    );
    return { seen: pairs, refolded: new Map(refolded) };
  }

  idsOf(rows: Uint32Array): StringColumn {
    if (!rows.some((row) => this.#isAdded(row))) return this.#stored.idsOf(rows);
    const ids = new StringColumnBuilder('ids', rows.length);
    for (const row of rows)
      ids.push(this.#isAdded(row) ? this.#idOf(row) : this.#stored.idsOf(Uint32Array.of(row)).at(0));
    return ids.finish();
  }

  ids(): IdSource {
    return this.#stored.ids();
  }

  /** Those of the snapshot who were not forgotten, then those whom only the ledger knows. */
  everyone(): Uint32Array | undefined {
    const rows: number[] = [];
    for (let from = 0; from < this.numStored; from += idsAtOnce) {
      const ids = this.#stored.ids().read(from, Math.min(this.numStored, from + idsAtOnce));
      for (let at = 0; at < ids.length; at++) if (!this.#isGone(ids.at(at), from + at)) rows.push(from + at);
    }
    const isWhole = rows.length === this.numStored;
    for (const id of this.#ledger.users())
      if (this.#stored.findRow(id) === undefined) rows.push(this.#added.rowOf(id));
    return isWhole && rows.length === this.numStored ? undefined : Uint32Array.from(rows);
  }

  saidBy(id: string): SaidByUser {
    const row = this.#stored.findRow(id);
    let { known } = this.#ledger;
    if (row === undefined) known = nothingKnown;
    else if (known.isReplaced) known = knownOfUser(known, this.#stored.historyOf(row));
    return { said: this.#ledger.of(id), options: { ...this.#options, known } };
  }

  withFeedback(id: string, history: Pairs, isGiven: boolean): Pairs {
    const said = this.#ledger.of(id);
    if (isNothing(said)) return history;
    const known = knownOfUser(isGiven ? knownByHistory : this.#ledger.known, history);
    return overlay(history, said, { ...this.#options, known });
  }

  /** The pairs of users in this order, and the histories that the ledger changes, by place. */
  #read(rows: Uint32Array): { readonly pairs: Pairs; readonly changed: ReadonlyMap<number, Changed> } {
    const stored = rows.filter((row) => !this.#isAdded(row));
    const pairs = this.#stored.readMany(stored);
    const ids = this.#stored.idsOf(stored);
    const changed = new Map<number, Changed>();
    /** By place: that of the stored ones among themselves. */
    const place = new Uint32Array(rows.length);
    let next = 0;
    rows.forEach((row, at) => {
      if (this.#isAdded(row)) {
        changed.set(at, { history: this.#ofAdded(this.#idOf(row)), isRefolded: true });
        return;
      }
      place[at] = next;
      const change = this.#changeOf(ids.at(next), row, pairs, next);
      if (change !== undefined) changed.set(at, change);
      next++;
    });
    if (changed.size === 0) return { pairs, changed };
    const from = (at: number): Pairs => changed.get(at)?.history ?? pairs;
    const users = place.map((row, at) => (changed.has(at) ? 0 : row));
    return { pairs: gatherUsers(users, from, this.#stored.numItems), changed };
  }

  #changeOf(id: string, row: number, pairs: Pairs, at: number): Changed | undefined {
    const said = this.#ledger.of(id);
    if (isNothing(said)) return undefined;
    const before = usersOf(pairs, at, at + 1);
    const known = knownOfUser(this.#ledger.known, before);
    const history = overlay(before, said, { ...this.#options, known });
    // Whoever has an imported vector keeps it, until they are forgotten.
    const isImported = this.#stored.isImported(row);
    const isRefolded = isImported ? said.forgottenAt !== undefined : !weighAlike(before, history);
    return { history, isRefolded };
  }

  #ofAdded(id: string): Pairs {
    const options = { ...this.#options, known: nothingKnown };
    return overlay(emptyHistory(this.#stored.numItems), this.#ledger.of(id), options);
  }

  #isAdded(row: number): boolean {
    return row >= this.numStored;
  }

  #idOf(row: number): string {
    return this.#added.idOf(row) ?? this.#ids.get(row) ?? this.#stored.idsOf(Uint32Array.of(row)).at(0);
  }

  /** Whether they were forgotten, and nothing was said or played since. */
  #isGone(id: string, row: number): boolean {
    if (!this.#ledger.isForgotten(id) || this.#ledger.knows(id)) return false;
    return this.withFeedback(id, this.#stored.historyOf(row), false).item.length === 0;
  }
}
