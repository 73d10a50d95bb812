/** `segue feedback verify`: reads the whole ledger, and holds every entry against its checksum. */
import { closing } from '../../closers.js';
import type { Count, LedgerId, Seconds, TaskContext } from '../../contracts.js';
import { openLedger } from '../../ledger/open-ledger.js';
import { rootPath } from '../../snapshot/layout.js';
import { secondsSince } from '../seconds.js';
import { requireLedger } from './require-ledger.js';
import type { AskedOf } from '../../options/asked-of.js';

export interface VerifyFeedbackResult {
  readonly ledger: LedgerId;
  readonly entries: Count;
  /** Of the last entry. */
  readonly watermark: Count;
  readonly bytes: Count;
  /** Files that an interrupted compaction left: the next one deletes them. */
  readonly leftOver: readonly string[];
  readonly seconds: Seconds;
}

/**
 * AppErrors: 'empty-input' where there is no feedback; 'damaged-ledger' naming the file and the place; 'newer-format'; the
 * machine's.
 */
export async function verifyFeedback(
  { root }: AskedOf<'verifyFeedback'>,
  context: TaskContext,
): Promise<VerifyFeedbackResult> {
  const started = performance.now();
  const directory = rootPath.feedback(root);
  requireLedger(directory);
  return closing(await openLedger(directory, context), async (ledger) => {
    const { entries, watermark, bytes, leftOver } = await ledger.verify(context);
    return {
      ...{ ledger: ledger.reader.ledger, entries: entries.table + entries.journals, watermark },
      ...{ bytes: bytes.table + bytes.journals, leftOver, seconds: secondsSince(started) },
    };
  });
}
