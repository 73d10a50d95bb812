import { AppError } from '../errors.js';

/** AppError 'damaged-ledger' (exit 4) about a file of the ledger. */
export function damagedLedger(file: string, problem: string): AppError {
  return new AppError('damaged-ledger', `${file} of the ledger is damaged: ${problem}`, {
    suggestions: ['restore the folder of the ledger as a whole from a backup; what is there stays as it is'],
    details: { file },
  });
}
