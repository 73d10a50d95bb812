import { commandOf, examples } from '../cli/base-command.js';
import { requiredArgs } from '../cli/flags/args.js';
import { drawTuning } from '../cli/views/tuning.js';
import { tune as operation } from '../core/options/operations.js';
import type { TuneResult } from '../core/tasks/tune.js';

export default class Tune extends commandOf([operation], {
  events: requiredArgs('files of events, folders, archives, globs, or - for stdin'),
}) {
  static override summary = 'Search for the options with which a model predicts held-out items best';
  static override description =
    'Tries settings of a model, or of all, on the validation part of a split, as evaluate --on valid does; nothing ' +
    'is chosen by the test part. Many settings are trained for a few epochs and the better ones for more, and the ' +
    'search narrows around the best. Prints the trials, whether the best is better than the defaults, and the train ' +
    'command of the one or the other. Every trial is saved as soon as it is measured: after an interruption, the ' +
    'same command resumes, with the same result.';
  static override examples = examples({
    'Eight settings of small vectors, measured on a tenth of the users':
      'segue tune examples/classic-rock/plays.csv.gz --factors 16 --trials 8',
    'All models, until ten seconds have passed':
      'segue tune examples/classic-rock/plays.csv.gz --model all --split random --trials 3 --time-budget 10s',
    'One option within given bounds, measured on a share of each user’s items':
      'segue tune examples/classic-rock/plays.csv.gz --model ease --split random --space reg=10..500:log --trials 6 --metric recall@20',
  });

  async run(): Promise<TuneResult> {
    const { tune } = await import('../core/tasks/tune.js');
    return this.show(async (options, context) => {
      const result = await tune(options, context);
      return { ...result, train: this.wordsOnSameRoot(result.train) };
    }, drawTuning);
  }
}
