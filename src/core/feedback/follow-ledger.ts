/** The ledger of a root, followed by whoever answers. It may be made, or grow, while a reader is open. */
import { AppError } from '../errors.js';
import type { Entry, LedgerReader, LedgerView } from '../ledger/entry.js';
import type { Manifest } from '../snapshot/manifest.js';
import type { obeying } from '../options/operation-parts.js';
import type { Asked } from '../options/option.js';
import { heldTo, knownEntries, type KnownEntries, type LedgerMark } from './known-entries.js';
import type { UserEntries } from './overlay.js';

/** What options say of it; without them it is obeyed, and skips take nothing. */
export type FeedbackOptions = Partial<Asked<typeof obeying>>;

/** Of a list whose pages are asked for one after the other. */
export interface AsOfMark {
  /** The ledger as it was at this entry (0: before the first), but for who was forgotten since; as of now without it. */
  readonly mark?: LedgerMark | undefined;
}

/** A ledger as of one moment, beside a snapshot. */
export interface PinnedLedger {
  readonly mark: LedgerMark;
  readonly known: KnownEntries;
  /** What it says of a user, and what it took back of what the snapshot's histories hold. */
  of(user: string): UserEntries;
  /** Whether anything is said by the user, and not taken back. */
  knows(user: string): boolean;
  isForgotten(user: string): boolean;
  /** Ids of all users of whom something is said, in the order of their bytes. */
  users(): Iterable<string>;
}

export class FollowedLedger {
  readonly #open: () => LedgerReader | undefined;
  readonly #manifest: Pick<Manifest, 'inputs' | 'users'>;
  #reader: LedgerReader | undefined;
  /** What was asked for last: mostly nothing was said since. */
  #last: PinnedLedger | undefined;

  /** @param open gives undefined while there is no ledger */
  constructor(manifest: Pick<Manifest, 'inputs' | 'users'>, open: () => LedgerReader | undefined) {
    this.#manifest = manifest;
    this.#open = open;
  }

  /**
   * With all that was acknowledged before this call, or before an entry; undefined where there is no ledger, or nothing in it.
   * AppError 'conflict' where the entry is of another ledger.
   */
  now(mark?: LedgerMark): PinnedLedger | undefined {
    const reader = mark?.seq === 0 ? undefined : this.#refreshed();
    if (mark !== undefined && mark.seq > 0) {
      if (reader?.ledger === mark.ledger) return this.#pinned(reader, reader.pinnedAt(mark.seq));
      throw new AppError('conflict', 'the ledger of feedback is another one than when the list began');
    }
    if (reader === undefined) return undefined;
    if (this.#last?.mark.seq !== reader.watermark) this.#last = this.#pinned(reader, reader.pin());
    return this.#last;
  }

  /** As it was; undefined where it is another ledger, does not reach so far, or a user was forgotten since. */
  asOf({ ledger, seq }: LedgerMark): PinnedLedger | undefined {
    const reader = this.#refreshed();
    if (reader?.ledger !== ledger || reader.watermark < seq || reader.lastForgetting > seq) return undefined;
    return this.#pinned(reader, reader.pinnedAt(seq));
  }

  close(): void {
    this.#reader?.close();
  }

  #refreshed(): LedgerReader | undefined {
    this.#reader ??= this.#open();
    this.#reader?.refresh();
    return this.#reader;
  }

  #pinned(reader: LedgerReader, view: LedgerView): PinnedLedger | undefined {
    const { ledger, watermark: seq } = view;
    if (seq === 0) return undefined;
    const known = knownEntries(this.#manifest, ledger);
    const held = Math.min(heldTo(known), seq);
    const before = held === 0 ? undefined : reader.pinnedAt(held);
    const knows = (user: string): boolean => view.of(user).length > 0;
    return {
      mark: { ledger, seq },
      known,
      of(user) {
        const entries = view.of(user);
        return {
          entries,
          undone: takenBack(before?.of(user) ?? [], entries),
          forgottenAt: view.forgottenAt(user),
        };
      },
      knows,
      isForgotten: (user) => view.forgottenAt(user) !== undefined,
      *users() {
        for (const user of reader.users()) if (knows(user)) yield user;
      },
    };
  }
}

/** Entries of before that are not there any more. */
function takenBack(before: readonly Entry[], now: readonly Entry[]): readonly Entry[] {
  if (before.length === 0) return before;
  const kept = new Set(now.map(({ seq }) => seq));
  return before.filter(({ seq }) => !kept.has(seq));
}
