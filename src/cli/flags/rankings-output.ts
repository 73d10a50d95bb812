import { AppError } from '../../core/errors.js';
import { safeJson } from '../terminal/safe-text.js';

type Format = 'ndjson' | 'arrow' | 'parquet' | 'csv';

interface OutputFlags {
  readonly out: string | undefined;
  readonly format: Format | undefined;
  readonly force: boolean;
  readonly json: boolean;
}

/** Where rankings for many go, as the tasks take it. AppError 'bad-usage' for what stdout cannot take. */
export function rankingsOutput({ out, format, force, json }: OutputFlags): {
  readonly out: string | undefined;
  readonly format: Format | undefined;
  readonly force: boolean;
  readonly json: (value: unknown) => string;
} {
  const toFile = out !== undefined && out !== '-';
  const isForPrograms = format !== undefined && format !== 'ndjson';
  if (!toFile && isForPrograms && (json || process.stdout.isTTY)) {
    const why = json ? '--json prints JSON' : 'stdout is a terminal';
    // The texts of a CSV are as they are: with whatever moves the cursor.
    const ofCsv = json ? 'not JSON' : 'for files and pipes';
    const what = format === 'csv' ? ofCsv : 'not readable text';
    throw new AppError('bad-usage', `${why}, and --format ${format} is ${what}`, {
      suggestions: [`--out FILE.${format}`],
    });
  }
  return { out: toFile ? out : undefined, format, force, json: safeJson };
}

interface ManyFlags extends OutputFlags {
  readonly all: boolean;
  readonly 'users-from': string | undefined;
  readonly threads: number;
}

/** The options of recommendations for many, where those are asked for; `-` in place of a user is a list on stdin. */
export function manyOptions(
  flags: ManyFlags,
  users: readonly string[],
): (ReturnType<typeof rankingsOutput> & ManyUsers) | undefined {
  const isStdin = users.length === 1 && users[0] === '-';
  const usersFrom = flags['users-from'] ?? (isStdin ? '-' : undefined);
  const { all, threads, out, format } = flags;
  if (!all && (usersFrom ?? out ?? format) === undefined) return undefined;
  return { ...rankingsOutput(flags), all, usersFrom, users: isStdin ? [] : users, threads };
}

interface ManyUsers {
  readonly all: boolean;
  readonly usersFrom: string | undefined;
  readonly users: readonly string[];
  readonly threads: number;
}
