import { AppError } from '../../core/errors.js';
import type { writing } from '../../core/options/operation-parts.js';
import type { Asked } from '../../core/options/option.js';
import { safeJson } from '../terminal/safe-text.js';

type RankingsOutput = Pick<Asked<typeof writing>, 'out' | 'format' | 'force' | 'json'>;

interface OutputFlags extends Omit<RankingsOutput, 'json'> {
  readonly isJson: boolean;
}

/** Where rankings for many go, as the tasks take it. AppError 'bad-usage' for what stdout cannot take. */
export function rankingsOutput({ out, format, force, isJson }: OutputFlags): RankingsOutput {
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
  return { out: toFile ? out : undefined, format, force, json: safeJson };
}
