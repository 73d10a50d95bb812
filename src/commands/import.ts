import { requiredArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawImport, drawImportPlan } from '../cli/views/import.js';
import { flagsNamed, foldFlags, modelOptions, textFlags } from '../cli/flags/flags.js';
import { textOptions } from '../cli/flags/text-flags.js';
import { importFlags, vectorFormat } from '../cli/flags/vector-flags.js';
import type { ImportPlan, ImportVectorsResult } from '../core/tasks/import.js';

export type { ImportPlan, ImportVectorsResult };

export default class Import extends BaseCommand {
  static override summary = 'Make a snapshot of vectors that were trained elsewhere';
  static override description =
    'A NumPy matrix with its ids, a Parquet or Arrow table with ids and vectors, or word2vec text becomes a snapshot ' +
    'that every other command takes; the vectors stay what they are, to the bit. Whoever has no vector is folded in ' +
    "by the vectors' own Gramian, without the training's data.\n\n" +
    'docs/interchange.md has the formats, and how to save what implicit, Spark and gensim trained.';
  static override examples = [
    {
      description: 'What segue export wrote comes back, with names and counts',
      command: 'segue export --out all.arrow && segue import all.arrow --tag again',
    },
    {
      description: 'A matrix with its ids, and what people have heard',
      command:
        'segue export --out factors.npy && segue import factors.npy --ids factors.jsonl --events examples/classic-rock/plays.csv.gz',
    },
    {
      description: 'See what would be made',
      command: 'segue export --out words.vec && segue import words.vec --measure cosine --dry-run',
    },
  ];
  static override args = { vectors: requiredArg('file of item vectors') };
  static override flags = {
    ...importFlags,
    ...vectorFormat,
    ...flagsNamed('items', 'events', 'skip-bad-rows'),
    ...textFlags,
    ...foldFlags,
    ...flagsNamed('threads', 'tag', 'dry-run'),
  };

  async run(): Promise<ImportVectorsResult | ImportPlan> {
    const { args, flags } = await this.parse(Import);
    const { importVectors } = await import('../core/tasks/import.js');
    const { root, ids, items, events, format, measure, threads, tag } = flags;
    const result = await this.perform((context) =>
      importVectors(
        {
          ...{ root, vectors: args.vectors, format, ids, items, events, measure, threads, tag },
          ...textOptions(flags),
          idColumn: flags['id-column'],
          vectorColumn: flags['vector-column'],
          countColumn: flags['count-column'],
          userVectors: flags['user-vectors'],
          userIds: flags['user-ids'],
          skipBadRows: flags['skip-bad-rows'],
          foldOptions: modelOptions(flags),
          dryRun: flags['dry-run'],
        },
        context,
      ),
    );
    return this.answer(result, (shown, screen, line) =>
      'dryRun' in shown ? drawImportPlan(shown, screen) : drawImport(shown, screen, line),
    );
  }
}
