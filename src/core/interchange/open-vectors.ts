import type { StringColumn } from '../contracts.js';
import { AppError } from '../errors.js';
import type { ReadingContext } from '../events/files/input-file.js';
import { packStrings } from '../tables/string-column.js';
import type { VectorColumnChoice } from '../tables/vector-columns.js';
import { columnOfCells } from './cell-columns.js';
import { countsOf } from './foreign-ids.js';
import { openForeignMatrix } from './foreign-npy.js';
import { openWord2vecText } from './foreign-word2vec.js';
import { badFile, formatOfName, requireSizes, type VectorFormat, type VectorRows } from './vector-rows.js';

/** AppError 'bad-usage' where neither says which format it is. */
function requireFormat(path: string, format: VectorFormat | undefined): VectorFormat {
  // Tables are unpacked (table-vectors.ts).
  const unpacked = path.replace(/(?<=\.(?:csv|parquet|pq))\.(?:gz|zst|zstd|zip)$/i, '');
  const found = format ?? formatOfName(unpacked);
  if (found !== undefined) return found;
  throw new AppError('bad-usage', `the name ${JSON.stringify(path)} does not say which format it has`, {
    suggestions: ['end it in .npy, .npz, .parquet, .arrow, .csv or .vec', 'add `format`'],
  });
}

/**
 * Opens vectors that another program made; the caller closes them. AppErrors: 'bad-input-file' for what cannot be read as the format, has
 * no or too many dimensions, or columns that cannot be told apart; 'bad-usage' for a format that is not known.
 */
export async function openForeignVectors(
  path: string,
  format: VectorFormat | undefined,
  choice: VectorColumnChoice,
  context: ReadingContext,
): Promise<VectorRows> {
  const known = requireFormat(path, format);
  if (known === 'npy') return openForeignMatrix(path, context.signal);
  if (known === 'npz') {
    const { openForeignArchive } = await import('./foreign-npz.js');
    return openForeignArchive(path, choice, context.signal);
  }
  if (known === 'word2vec') return openWord2vecText(path, context.signal);
  return openTable(path, known, choice, context);
}

/** Arrow, Parquet and CSV: a row has its id, its vector and what else is known of it. */
async function openTable(
  path: string,
  format: 'arrow' | 'csv' | 'parquet',
  choice: VectorColumnChoice,
  context: ReadingContext,
): Promise<VectorRows> {
  let table;
  if (format === 'arrow') {
    const { openArrowVectors } = await import('../tables/arrow-vectors.js');
    table = await openArrowVectors(path, choice, context.signal);
  } else {
    const { openTableVectors } = await import('../events/table-vectors.js');
    table = await openTableVectors(path, format, choice, context);
  }
  const { numRows, dim, isDouble } = table;
  requireSizes(path, numRows, dim);
  const ids = table.ids === undefined ? undefined : textColumn(path, table.ids);
  return {
    ...{ path, numRows, dim, isDouble },
    async read(each) {
      await table.read(each);
      return {
        columns: table.others.map(({ name, values }) => columnOfCells(name, values)),
        ...(ids === undefined ? {} : { ids }),
        ...(table.counts === undefined ? {} : { counts: countsOf(path, table.counts) }),
      };
    },
    close: () => undefined,
  };
}

function textColumn(path: string, cells: readonly (string | number | null)[]): StringColumn {
  const texts = cells.map((cell, row) => {
    if (cell !== null) return String(cell);
    throw badFile(path, `row ${String(row + 1)} has no id`);
  });
  return packStrings(texts, 'ids');
}
