import { BaseCommand } from '../cli/base-command.js';
import { drawExport } from '../cli/views/export.js';
import { inGroup } from '../cli/flags/flag-kinds.js';
import { flagsNamed, forceFlag } from '../cli/flags/flags.js';
import { exportFlags, vectorFormat } from '../cli/flags/vector-flags.js';
import { refuseMeaninglessToExport } from '../cli/flags/meaningless-flags.js';
import { AppError } from '../core/errors.js';
import type { ExportVectorsResult } from '../core/tasks/export.js';

export type { ExportVectorsResult };

export default class Export extends BaseCommand {
  static override summary = 'Write vectors to a file that other programs read';
  static override description =
    'Writes the vectors of items or users with their ids; for items also name, metadata and number of ' +
    'events. NumPy, pandas, Polars, DuckDB, Spark and gensim read the files. Without --out, word2vec text ' +
    '(ids and vectors alone) goes to stdout, or CSV with --format csv.\n\ndocs/interchange.md describes each ' +
    'format, and how segue import reads it back.';
  static override examples = [
    {
      description: 'Items for pandas: id, name, metadata, count and vector',
      command: 'segue export --out items.parquet',
    },
    {
      description: 'Users as a NumPy matrix, with their ids in a file beside it',
      command: 'segue export --what users --out users.npy',
    },
    {
      description: 'Vectors and ids of artists in one NumPy file',
      command: 'segue export --kind artist --out artists.npz',
    },
    { description: 'To stdout, for a pipe', command: 'segue export | head -n 3' },
  ];
  static override flags = {
    ...flagsNamed('out'),
    ...inGroup('OUTPUT', vectorFormat),
    ...exportFlags,
    ...flagsNamed('kind', 'snapshot', 'as'),
    ...forceFlag('overwrite files that exist'),
  };

  async run(): Promise<ExportVectorsResult> {
    const { flags, raw } = await this.parse(Export);
    refuseMeaninglessToExport(raw, flags);
    const { root, snapshot, what, kind, format, force, out = '-', json } = flags;
    if (out === '-' && json) {
      throw new AppError('bad-usage', 'stdout holds either the vectors or the JSON of --json', {
        suggestions: ['name a file: --out items.parquet'],
      });
    }
    const { exportVectors } = await import('../core/tasks/export.js');
    const result = await this.perform((context, stdout) =>
      exportVectors({ root, snapshot, what, kind, out: out === '-' ? stdout : out, format, force }, context),
    );
    return out === '-' ? result : this.answer(result, drawExport);
  }
}
