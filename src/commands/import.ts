import { commandOf } from '../cli/base-command.js';
import { requiredArg } from '../cli/flags/args.js';
import { drawImport, drawImportPlan } from '../cli/views/import.js';
import { importVectors as operation } from '../core/options/operations.js';
import type { ImportPlan, ImportVectorsResult } from '../core/tasks/import.js';

export default class Import extends commandOf([operation], { vectors: requiredArg('file of item vectors') }) {
  static override summary = 'Make a snapshot from vectors trained elsewhere';
  static override description =
    'Turns a NumPy matrix with its ids, a Parquet, Arrow or CSV table of ids and vectors, or word2vec text ' +
    'into a snapshot for every other command. The vectors are kept bit for bit. Users without a vector are ' +
    'folded in from the Gramian of the item vectors, which needs no training data.\n\ndocs/interchange.md ' +
    'describes the formats, and how to save models of implicit, Spark and gensim.';
  static override examples = [
    {
      description: 'Import what segue export wrote, with names and counts',
      command: 'segue export --out all.arrow && segue import all.arrow --tag again',
    },
    {
      description: 'A matrix with its ids, and events whose users are folded in',
      command:
        'segue export --out factors.npy && segue import factors.npy --ids factors.jsonl --events examples/classic-rock/plays.csv.gz',
    },
    {
      description: 'See what would be imported',
      command: 'segue export --out words.vec && segue import words.vec --measure cosine --dry-run',
    },
  ];

  async run(): Promise<ImportVectorsResult | ImportPlan> {
    const { importVectors } = await import('../core/tasks/import.js');
    return this.show(importVectors, (shown, screen, line) =>
      'dryRun' in shown ? drawImportPlan(shown, screen) : drawImport(shown, screen, line),
    );
  }
}
