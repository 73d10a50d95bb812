import { AppError } from '../errors.js';

/** Columns that say something of items: each is looked for by its name in every table and record, so that far more cost hours. */
const mostMetadataColumns = 4096;

/** AppError 'too-large' for a table of items that has more. */
export function requireMetadataColumns(file: string, numColumns: number): void {
  if (numColumns <= mostMetadataColumns) return;
  throw new AppError(
    'too-large',
    `${file} has ${numColumns} columns; a table of items may have ${mostMetadataColumns}`,
    {
      suggestions: ['leave out columns that results and filters do not need'],
      details: { file, columns: numColumns },
    },
  );
}
