/** `segue feedback compact`: sorts the journal by user, and deletes what it took the place of. */
import { closing } from '../../closers.js';
import type { Count, LedgerId, Seconds, TaskContext } from '../../contracts.js';
import { openLedger } from '../../ledger/open-ledger.js';
import { rootPath } from '../../snapshot/layout.js';
import { secondsSince } from '../seconds.js';
import { requireLedger } from './require-ledger.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface CompactFeedbackResult {
  readonly ledger: LedgerId;
  /** In the ledger: those that were undone too. */
  readonly entries: Count;
  readonly users: Count;
  /** Of the ledger's files. */
  readonly bytes: Count;
  readonly seconds: Seconds;
}

/**
 * Others may add and read meanwhile. AppErrors: 'empty-input' where there is no feedback; 'busy' where another compacts;
 * 'damaged-ledger'; the machine's.
 */
export async function compactFeedback(
  { root }: AskedOf<'compactFeedback'>,
  context: TaskContext,
): Promise<CompactFeedbackResult> {
  const started = performance.now();
  const directory = rootPath.feedback(root);
  requireLedger(directory);
  return closing(await openLedger(directory, context), async (ledger) => {
    await ledger.compact(context);
    const { entries, usersInTable: users, bytes } = await ledger.verify(context);
    return {
      ...{ ledger: ledger.reader.ledger, entries: entries.table + entries.journals, users },
      ...{ bytes: bytes.table + bytes.journals, seconds: secondsSince(started) },
    };
  });
}
