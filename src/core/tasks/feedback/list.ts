/** `segue feedback list`: what the ledger holds of a user, or of whom it holds anything. */
import type { Count, LedgerId, Moment, TaskContext, Text } from '../../contracts.js';
import { openLedgerReader } from '../../ledger/open-reader.js';
import type { EntryType } from '../../ledger/entry.js';
import { rootPath } from '../../snapshot/layout.js';
import { openKnownItems } from './known-items.js';
import { shownEntry, type ShownEntry } from './shown-entry.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface ListedListener {
  readonly user: Text;
  /** Entries that hold. */
  readonly entries: Count;
  readonly byType: Readonly<Partial<Record<EntryType, Count>>>;
  /** Of the latest entry, ISO 8601 UTC. */
  readonly lastAt: Moment;
}

export interface ListFeedbackResult {
  /** Id of the ledger: 16 hex digits; null where there is none yet. */
  readonly ledger: LedgerId | null;
  /** Of the last entry; 0 where there is none. */
  readonly watermark: Count;
  readonly user: Text | null;
  /** Entries that hold of the user, or users with such entries, in all. */
  readonly of: Count;
  /** Of the user, the latest first; null without one. */
  readonly entries: readonly ShownEntry[] | null;
  /** By id; null where a user is named. */
  readonly users: readonly ListedListener[] | null;
}

/** AppErrors: 'damaged-ledger', 'newer-format', those of opening a snapshot, the machine's. A user without entries is no error. */
export async function listFeedback(
  options: AskedOf<'listFeedback'>,
  context: TaskContext,
): Promise<ListFeedbackResult> {
  const { root, user, k } = options;
  const reader = openLedgerReader(rootPath.feedback(root));
  if (reader === undefined) {
    const nothing = { ledger: null, watermark: 0, of: 0, user: user ?? null };
    return { ...nothing, entries: user === undefined ? null : [], users: user === undefined ? [] : null };
  }
  try {
    reader.refresh();
    const { ledger, watermark } = reader;
    if (user === undefined) {
      const users: ListedListener[] = [];
      let of = 0;
      for (const each of reader.users()) {
        const entries = reader.of(each);
        const last = entries.at(-1);
        if (last === undefined) continue;
        of += 1;
        if (users.length >= k) continue;
        const byType: Partial<Record<EntryType, number>> = {};
        for (const { type } of entries) byType[type] = (byType[type] ?? 0) + 1;
        const lastAt = new Date(last.atMs).toISOString();
        users.push({ user: each, entries: entries.length, byType, lastAt });
      }
      return { ledger, watermark, user: null, of, entries: null, users };
    }
    const known = await openKnownItems(root, options, context);
    try {
      const entries = reader.of(user);
      const shown = [...entries].reverse().slice(0, k);
      return {
        ...{ ledger, watermark, user, of: entries.length, users: null },
        entries: shown.map((entry) => shownEntry(entry, known.nameOf)),
      };
    } finally {
      known.close();
    }
  } finally {
    reader.close();
  }
}
