/** Tables that keep a log beside their Parquet files: what was deleted or rewritten still stands in the files. */
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AppError, unlessRefused } from '../../errors.js';

export interface TableFolder {
  readonly kind: 'Delta' | 'Iceberg' | 'Hudi';
  readonly folder: string;
}

/** The table that `path`, a folder or a file, is of: in it, beside it or above it. */
export function tableAround(path: string): TableFolder | undefined {
  const look = (folder: string): TableFolder | undefined => {
    if (existsSync(join(folder, '_delta_log'))) return { kind: 'Delta', folder };
    if (existsSync(join(folder, '.hoodie'))) return { kind: 'Hudi', folder };
    const names = unlessRefused(() => readdirSync(join(folder, 'metadata'))) ?? [];
    if (names.some((name) => name.endsWith('.metadata.json'))) return { kind: 'Iceberg', folder };
    return dirname(folder) === folder ? undefined : look(dirname(folder));
  };
  return look(unlessRefused(() => realpathSync(path)) ?? path);
}

const marks: readonly (readonly [RegExp, TableFolder['kind']])[] = [
  [/(?:^|\/)_delta_log\//, 'Delta'],
  [/(?:^|\/)\.hoodie\//, 'Hudi'],
  [/(?:^|\/)metadata\/[^/]*\.metadata\.json$/, 'Iceberg'],
];

/** The table whose log an archive holds, by the paths in it. */
export function tableAmong(paths: readonly string[]): TableFolder['kind'] | undefined {
  return marks.find(([mark]) => paths.some((path) => mark.test(path)))?.[1];
}

export function isParquet(head: Buffer): boolean {
  return head.toString('latin1', 0, 4) === 'PAR1';
}

/** What is said of files that are read by themselves. */
export function filesOfTable(name: string, { kind, folder }: TableFolder): AppError {
  return new AppError(
    'bad-input-file',
    `${name} is of a table of ${kind}, ${folder}: its files still hold rows that were deleted or rewritten`,
    {
      suggestions: [
        'Have train or user-vector read the table, not its files: `engine` spark with `table` NAME, and its packages by `sparkConf`.',
        'Or write the rows that it has now to Parquet files elsewhere, and name these.',
      ],
      details: { file: name, table: kind, folder },
    },
  );
}
