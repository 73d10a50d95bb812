import { AppError } from '../../core/errors.js';
import type { writing } from '../../core/options/operation-parts.js';
import type { Asked } from '../../core/options/option.js';
import { safeJson } from '../terminal/safe-text.js';

type RankingsOutput = Pick<Asked<typeof writing>, 'out' | 'format' | 'json'>;

/** The same options with where rankings for many go. AppError 'bad-usage' for what stdout cannot take. */
export function rankingsOptions<O extends RankingsOutput>(options: O, isJson: boolean): O {
  const { out, format } = options;
  const toFile = out !== undefined && out !== '-';
  const isForPrograms = format !== undefined && format !== 'ndjson';
  if (!toFile && isForPrograms && (isJson || process.stdout.isTTY)) {
    const why = isJson ? '`json` prints JSON' : 'stdout is a terminal';
    // The texts of a CSV are as they are: with whatever moves the cursor.
    const ofCsv = isJson ? 'not JSON' : 'for files and pipes';
    const what = format === 'csv' ? ofCsv : 'not readable text';
    throw new AppError('bad-usage', `${why}, and \`format\` ${format} is ${what}`, {
      suggestions: [`--out FILE.${format}`],
    });
  }
  return { ...options, out: toFile ? out : undefined, json: safeJson };
}
