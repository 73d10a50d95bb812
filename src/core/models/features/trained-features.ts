/** What is known of the items that a model is trained on, where their vectors are drawn to it. */
import { AppError } from '../../errors.js';
import type { GivenOptions } from '../model.js';
import { chosenColumns } from './chosen-columns.js';
import { featureRows, learnFeatures, type FeatureTable } from './item-features.js';
import type { RowsToLearn } from './rows-to-learn.js';

/** The flag, as manifests write it: columns with commas between, or all of them. */
export const itemFeatures = 'item-features';
const everyColumn = 'all';

export interface TrainedFeatures {
  /** Of every item. */
  readonly rows: RowsToLearn;
  readonly numFeatures: number;
  /** Names of the columns that they are of, in the table's order. */
  readonly columns: readonly string[];
  /** What they are, and which columns are left out and why, in words. */
  readonly note: string;
}

/**
 * @param asked names of columns, or `all` @param table of items, of whom the first `numItems` are trained on
 * AppError 'bad-usage' for a column that is not there, and where none says anything.
 */
export function trainedFeatures(
  asked: string,
  table: FeatureTable | undefined,
  numItems: number,
): TrainedFeatures {
  if (table === undefined || table.columns.length === 0) {
    throw new AppError(
      'bad-usage',
      '`itemFeatures` needs columns of the items, and nothing is known of them',
      {
        suggestions: ['give a table of items: `items` FILE', 'or leave `itemFeatures` out'],
      },
    );
  }
  const chosen = asked === everyColumn ? undefined : chosenColumns('itemFeatures', asked, table.columns);
  const trained = Uint32Array.from({ length: numItems }, (_, row) => row);
  const learned = learnFeatures(table, trained, chosen);
  const leftOut = learned.leftOut
    .filter(({ name }) => chosen?.has(name) !== false)
    .map(({ name, why }) => `${name} (${why})`);
  if (learned.used.length === 0) {
    throw new AppError('bad-usage', `no column says anything of the items: ${leftOut.join(', ')}`, {
      suggestions: ['leave `itemFeatures` out', 'or name columns whose values several items share'],
    });
  }
  const used = learned.used.map(({ name, features }) => `${name} (${features})`);
  return {
    rows: { ...featureRows(learned, trained), items: trained },
    numFeatures: learned.features.length,
    columns: learned.used.map(({ name }) => name),
    note:
      `item vectors are drawn to what columns say, and how many values they have: ${used.join(', ')}` +
      (leftOut.length > 0 ? `; left out: ${leftOut.join(', ')}` : ''),
  };
}

/** AppError 'bad-usage' where it is asked for and cannot be done. @param who cannot, and what */
export function refuseFeatures(given: GivenOptions, who: string): void {
  if (given[itemFeatures] === undefined) return;
  throw new AppError('bad-usage', `${who}, not with \`itemFeatures\``, {
    suggestions: ['leave `itemFeatures` out'],
  });
}

/** The columns that a model's items were drawn to, of those that are there; undefined where they were not, or none is. */
export function columnsDrawnTo(
  parameters: Readonly<Record<string, unknown>> | undefined,
  isThere: (name: string) => boolean,
): ReadonlySet<string> | undefined {
  const text = parameters?.[itemFeatures];
  const columns = typeof text === 'string' ? text.split(',').filter(isThere) : [];
  return columns.length === 0 ? undefined : new Set(columns);
}
