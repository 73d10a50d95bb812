import { AppError } from '../errors.js';

/** AppError 'damaged-ledger' (exit 4) about a file of the ledger. */
export function damagedLedger(file: string, problem: string): AppError {
  return new AppError('damaged-ledger', `${file} of the ledger is damaged: ${problem}`, {
    suggestions: ['restore the folder of the ledger as a whole from a backup; what is there stays as it is'],
    details: { file },
  });
}

/** AppError 'newer-format' (exit 4). */
export function newerFormat(file: string, got: number, wanted: number): AppError {
  return new AppError(
    'newer-format',
    `${file} of the ledger has format version ${got}; this segue reads version ${wanted}`,
    { suggestions: ['update segue'], details: { file, version: got, wanted } },
  );
}
