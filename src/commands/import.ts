import { requiredArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawImport, drawImportPlan } from '../cli/views/import.js';
import { named } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { refuseMeaninglessWithoutItems } from '../cli/flags/meaningless-flags.js';
import { foldFlags, modelOptions } from '../cli/flags/model-flags.js';
import { refuseMeaninglessToImport } from '../cli/flags/meaningless-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { itemTableFlags, readingFlags, textFlags } from '../cli/flags/reading-flags.js';
import { importFlags, vectorFormat } from '../cli/flags/vector-flags.js';
import type { ImportPlan, ImportVectorsResult } from '../core/tasks/import.js';

export type { ImportPlan, ImportVectorsResult };

const inputFlags = {
  ...importFlags,
  ...vectorFormat,
  ...itemTableFlags,
  ...flagsNamed('events'),
  ...named(readingFlags, 'skip-bad-rows'),
  ...textFlags,
};
const outputFlags = flagsNamed('threads', 'tag', 'dry-run');

export default class Import extends BaseCommand {
  static override summary = 'Make a snapshot of vectors that were trained elsewhere';
  static override description =
    'A NumPy matrix with its ids, a Parquet, Arrow or CSV table with ids and vectors, or word2vec text becomes a snapshot ' +
    'that every other command takes; the vectors stay what they are, to the bit. A user without a vector is folded in ' +
    "by the vectors' own Gramian, without the training's data.\n\n" +
    'docs/interchange.md has the formats, and how to save what implicit, Spark and gensim trained.';
  static override examples = [
    {
      description: 'What segue export wrote comes back, with names and counts',
      command: 'segue export --out all.arrow && segue import all.arrow --tag again',
    },
    {
      description: 'A matrix with its ids, and the events of users, who are folded in',
      command:
        'segue export --out factors.npy && segue import factors.npy --ids factors.jsonl --events examples/classic-rock/plays.csv.gz',
    },
    {
      description: 'See what would be made',
      command: 'segue export --out words.vec && segue import words.vec --measure cosine --dry-run',
    },
  ];
  static override args = { vectors: requiredArg('file of item vectors') };
  static override flags = { ...inputFlags, ...foldFlags, ...outputFlags };

  async run(): Promise<ImportVectorsResult | ImportPlan> {
    const { args, flags, raw } = await this.parse(Import);
    refuseMeaninglessToImport(raw, flags);
    refuseMeaninglessWithoutItems(raw, flags.items);
    const { importVectors } = await import('../core/tasks/import.js');
    const result = await this.perform((context) =>
      importVectors(
        {
          ...optionsOf(flags, { ...inputFlags, ...outputFlags }),
          vectors: args.vectors,
          foldOptions: modelOptions(flags),
        },
        context,
      ),
    );
    return this.answer(result, (shown, screen, line) =>
      'dryRun' in shown ? drawImportPlan(shown, screen) : drawImport(shown, screen, line),
    );
  }
}
