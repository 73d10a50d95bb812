import { optionalArgs } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawPlan, drawTraining } from '../cli/views/training.js';
import { engineFlags, tableFlag } from '../cli/flags/engine-flags.js';
import { named } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { refuseMeaninglessToTrain } from '../cli/flags/meaningless-flags.js';
import { modelChoice, modelFlags, modelOptions } from '../cli/flags/model-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { itemTableFlags, readingFlags } from '../cli/flags/reading-flags.js';
import { trainingFlags } from '../cli/flags/training-flags.js';
import type { TrainPlan, TrainResult } from '../core/tasks/train.js';

export type { TrainPlan, TrainResult };

const inputFlags = { ...readingFlags, ...itemTableFlags, ...engineFlags, ...tableFlag, ...modelChoice };
const runFlags = {
  ...flagsNamed('seed', 'threads'),
  ...named(trainingFlags, 'holdout', 'early-stop', 'time-budget', 'checkpoint'),
  ...flagsNamed('tag'),
  ...named(trainingFlags, 'without-users'),
  ...flagsNamed('dry-run'),
};

export default class Train extends BaseCommand {
  static override summary = 'Learn embeddings from listening events, in a new snapshot';
  static override description =
    'An event is a row with a user, an item, and optionally a weight, a time and a type (play, like, ' +
    'dislike, ban). Columns are found by their names in the header, or by --columns; without a header they ' +
    'are columns 1, 2 and 3. Reads CSV, TSV, JSON Lines and Parquet, also gzipped.\n\nThe same events and ' +
    'options give the same snapshot, byte for byte, on any machine and with any number of threads. If that ' +
    'snapshot exists already, it is not trained again.';
  static override examples = [
    {
      description: 'Train on a week of radio, with a table of song names',
      command: 'segue train examples/classic-rock/plays.csv.gz --items examples/classic-rock/items.csv',
    },
    {
      description: 'See what would be read and trained',
      command: 'segue train examples/classic-rock/plays.csv.gz --dry-run',
    },
    {
      description: 'Train while it improves; after an interruption, the same command resumes',
      command:
        'segue train examples/classic-rock/plays.csv.gz --epochs 50 --early-stop ndcg@100 --checkpoint 5',
    },
    {
      description: 'Smaller vectors, from stdin, with a tag',
      command:
        'gzip -dc examples/classic-rock/plays.csv.gz | segue train - --items examples/classic-rock/items.csv --factors 32 --tag small',
    },
  ];
  static override args = { events: optionalArgs('files of events, globs of files, or - for stdin') };
  static override flags = { ...inputFlags, ...modelFlags, ...runFlags };

  async run(): Promise<TrainResult | TrainPlan> {
    const { args, flags, raw } = await this.parse(Train);
    refuseMeaninglessToTrain(raw, flags);
    const { train } = await import('../core/tasks/train.js');
    const result = await this.perform((context) =>
      train(
        {
          ...optionsOf(flags, { ...inputFlags, ...runFlags }),
          events: args.events ?? [],
          modelOptions: modelOptions(flags),
          minimumsOnce: flags['min-once'],
        },
        context,
      ),
    );
    return this.answer(result, (shown, screen, line) =>
      'dryRun' in shown ? drawPlan(shown, screen) : drawTraining(shown, screen, line),
    );
  }
}
