import { commandOf, examples } from '../cli/base-command.js';
import { drawExport } from '../cli/views/export.js';
import { exportVectors as operation } from '../core/options/operations.js';
import type { ExportVectorsResult } from '../core/tasks/export.js';

export default class Export extends commandOf([operation]) {
  static override summary = 'Write vectors to a file that other programs read';
  static override description =
    'Writes the vectors of items or users with their ids; for items also name, metadata and number of ' +
    'events. Or the item × item matrix of ease, slim and blends. NumPy, pandas, Polars, DuckDB, Spark and gensim read the files. Without --out, word2vec text ' +
    '(ids and vectors alone) goes to stdout, or CSV with --format csv.\n\ndocs/reference/interchange.md describes each ' +
    'format, and how segue import reads it back.';
  static override examples = examples({
    'Items for pandas: id, name, metadata, count and vector': 'segue export --out items.parquet',
    'Users as a NumPy matrix, with their ids in a file beside it':
      'segue export --what users --out users.npy',
    'Vectors and ids of artists in one NumPy file': 'segue export --kind artist --out artists.npz',
    'What items give to each other, for SciPy': 'segue export --what matrix --out matrix.npz',
    'To stdout, for a pipe': 'segue export | head -n 3',
  });

  async run(): Promise<ExportVectorsResult> {
    const { asked } = await this.asked(Export);
    const out = this.fileOrStdout(asked.text('out') ?? '-', 'the vectors', 'items.parquet');
    const options = asked.of(operation, { out });
    const { exportVectors } = await import('../core/tasks/export.js');
    const result = await this.perform((context, stdout) =>
      exportVectors({ ...options, out: out === '-' ? stdout : out }, context),
    );
    return out === '-' ? result : this.answer(result, drawExport);
  }
}
