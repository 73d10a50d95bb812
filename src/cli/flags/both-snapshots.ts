/** Which two snapshots `diff-snapshots` compares. */
import { AppError } from '../../core/errors.js';
import { catalogue } from '../../core/options/catalogue.js';
import type { AskedFor } from '../views/difference-in-words.js';
import { shellWord } from '../../core/shell-word.js';

/**
 * What was asked for, or what publishing would change where nothing was. One alone could be either side, and in a script
 * is a variable that was empty: throws bad-usage.
 */
export function bothSnapshots(a: string | undefined, b: string | undefined): AskedFor {
  if (a === undefined) return { a: catalogue.a.fallback(), b: catalogue.b.fallback() };
  if (b !== undefined) return { a, b };
  const word = shellWord(a);
  throw new AppError('bad-usage', `missing B (new snapshot): only ${JSON.stringify(a)} was named`, {
    suggestions: [
      ...(a === 'current'
        ? []
        : [`segue diff-snapshots current ${word} shows what publishing ${word} would change`]),
      'segue diff-snapshots without either compares current with latest',
    ],
  });
}
