import { commandOf, examples } from '../cli/base-command.js';
import { requiredArg } from '../cli/flags/args.js';
import { drawImport, drawImportPlan } from '../cli/views/import.js';
import { importVectors as operation } from '../core/options/operations.js';

export default class Import extends commandOf([operation], { vectors: requiredArg('file of item vectors') }) {
  static override summary = 'Make a snapshot from vectors trained elsewhere';
  static override description =
    'Turns a NumPy matrix with its ids, a Parquet, Arrow or CSV table of ids and vectors, or word2vec text ' +
    'into a snapshot for every other command. The vectors are kept bit for bit. Users without a vector are ' +
    'folded in from the Gramian of the item vectors, which needs no training data.\n\ndocs/reference/interchange.md ' +
    'describes the formats, and how to save models of implicit, Spark and gensim.';
  static override examples = examples({
    'Import what segue export wrote, with names and counts':
      'segue export --out all.arrow && segue import all.arrow --tag again',
    'A matrix with its ids, and events whose users are folded in':
      'segue export --out factors.npy && segue import factors.npy --ids factors.jsonl --events examples/classic-rock/plays.csv.gz',
    'See what would be imported':
      'segue export --out words.vec && segue import words.vec --measure cosine --dry-run',
  });

  run = this.shows(
    async () => (await import('../core/tasks/import.js')).importVectors,
    (shown, screen, line) =>
      'dryRun' in shown ? drawImportPlan(shown, screen) : drawImport(shown, screen, line),
  );
}
