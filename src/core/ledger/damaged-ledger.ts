import { AppError } from '../errors.js';
import { acknowledgedName } from './layout.js';

/** AppError 'damaged-ledger' (exit 4) about a file of the ledger. @param instead what else helps than a backup */
export function damagedLedger(file: string, problem: string, instead: readonly string[] = []): AppError {
  return new AppError('damaged-ledger', `${file} of the ledger is damaged: ${problem}`, {
    suggestions: [
      'restore the folder of the ledger as a whole from a backup; what is there stays as it is',
      ...instead,
    ],
    details: { file },
  });
}

/** AppError 'damaged-ledger' where lines are gone that were acknowledged. */
export function lostEntries(file: string, end: number, acknowledged: number): AppError {
  const problem = `its entries end at ${end}, and ${acknowledged} was acknowledged`;
  return damagedLedger(file, problem, [goOnWithout]);
}

/** For the file `acknowledged` itself, and for what it says is missing. */
export const goOnWithout = `without a backup: remove its file ${acknowledgedName}, and it goes on with what is there`;

/** AppError 'newer-format' (exit 4). */
export function newerFormat(file: string, got: number, wanted: number): AppError {
  return new AppError(
    'newer-format',
    `${file} of the ledger has format version ${got}; this segue reads version ${wanted}`,
    { suggestions: ['update segue'], details: { file, version: got, wanted } },
  );
}
