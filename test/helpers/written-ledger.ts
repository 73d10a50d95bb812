import { openLedger, type Ledger } from '#dist/core/ledger/open-ledger.js';
import type { NewEntry } from '#dist/core/ledger/entry.js';
import { rootPath } from '#dist/core/snapshot/layout.js';
import { entryOf } from './ledger-entries.js';
import { listening } from './snapshots.js';

/** Adds entries to the ledger of a root, as `segue feedback add` does, and closes it. */
export async function addFeedback(root: string, entries: readonly NewEntry[]): Promise<void> {
  const ledger: Ledger = await openLedger(rootPath.feedback(root), listening());
  try {
    await ledger.add(entries);
  } finally {
    await ledger.close();
  }
}

let made = 0;

/** An entry of its own, at a time after all events of the tests' data. */
export function said(user: string, item: string | undefined, more: Partial<NewEntry> = {}): NewEntry {
  made += 1;
  const atMs = Date.UTC(2030, 0, 1) + made;
  return { ...entryOf(user, item ?? '', { id: `said-${made}`, atMs, ...more }), item };
}
