import { AppError } from '../../errors.js';

/** The columns that a text names, with commas between. AppError 'bad-usage' for one that is not there. */
export function chosenColumns(
  option: 'fromColumns' | 'itemFeatures',
  text: string,
  known: readonly string[],
): ReadonlySet<string> {
  const chosen = text.split(',').map((name) => name.trim());
  const wrong = chosen.find((name) => !known.includes(name));
  if (wrong === undefined) return new Set(chosen);
  throw new AppError(
    'bad-usage',
    `\`${option}\` names ${JSON.stringify(wrong)}, which is no column of the items`,
    {
      suggestions: [`columns are ${known.join(', ')}`],
      details: { column: wrong, columns: known },
    },
  );
}
