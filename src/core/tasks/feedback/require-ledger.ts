import { AppError } from '../../errors.js';
import { openLedgerReader } from '../../ledger/open-reader.js';

/** AppError 'empty-input' where there is no feedback yet; those of opening it. */
export function requireLedger(directory: string): void {
  const reader = openLedgerReader(directory);
  reader?.close();
  if (reader === undefined) throw noFeedback();
}

export function noFeedback(): AppError {
  return new AppError('empty-input', 'there is no feedback yet', {
    suggestions: ['segue feedback add USER ITEM --type like'],
  });
}
