import { commandOf, examples } from '../cli/base-command.js';
import { optionalArgs } from '../cli/flags/args.js';
import { drawPlan, drawTraining } from '../cli/views/training.js';
import { train as operation } from '../core/options/operations.js';
import type { TrainPlan, TrainResult } from '../core/tasks/train.js';

export default class Train extends commandOf([operation], {
  events: optionalArgs('files of events, folders, archives, globs, or - for stdin'),
}) {
  static override summary = 'Learn embeddings from listening events, in a new snapshot';
  static override description =
    'An event is a row with a user, an item, and optionally a weight, a time and a type (play, like, ' +
    'dislike, ban). Columns are found by their names in the header, or by --columns; without a header they ' +
    'are columns 1, 2 and 3. Reads CSV, TSV, JSON Lines and Parquet, also in .gz, .zst and .zip.\n\nThe same events and ' +
    'options give the same snapshot, byte for byte, on any machine and with any number of threads. If that ' +
    'snapshot exists already, it is not trained again.';
  static override examples = examples({
    'Train on a week of radio, with a table of song names':
      'segue train examples/classic-rock/plays.csv.gz --items examples/classic-rock/items.csv',
    'See what would be read and trained': 'segue train examples/classic-rock/plays.csv.gz --dry-run',
    'Train while it improves; after an interruption, the same command resumes':
      'segue train examples/classic-rock/plays.csv.gz --epochs 50 --early-stop ndcg@100 --checkpoint 5',
    'Smaller vectors, from stdin, with a tag':
      'gzip -dc examples/classic-rock/plays.csv.gz | segue train - --items examples/classic-rock/items.csv --factors 32 --tag small',
  });

  async run(): Promise<TrainResult | TrainPlan> {
    const { train } = await import('../core/tasks/train.js');
    const named = <C extends { readonly train: readonly string[] } | null>(chosen: C): C =>
      chosen === null ? chosen : { ...chosen, train: this.wordsOnSameRoot(chosen.train) };
    return this.show(
      async (options, context) => {
        const made = await train(options, context);
        if (!('dryRun' in made)) return { ...made, chosen: named(made.chosen) };
        const { choice } = made;
        return { ...made, choice: choice && { ...choice, chosen: named(choice.chosen) } };
      },
      (shown, screen, line) =>
        'dryRun' in shown ? drawPlan(shown, screen) : drawTraining(shown, screen, line),
    );
  }
}
