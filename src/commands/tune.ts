import { requiredArgs } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawTuning } from '../cli/views/tuning.js';
import { evaluationFlags, tuningFlags } from '../cli/flags/evaluation-flags.js';
import { named } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { refuseMeaninglessWithoutMinimums } from '../cli/flags/meaningless-flags.js';
import { modelChoice, modelFlags, modelOptions } from '../cli/flags/model-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { readingFlags } from '../cli/flags/reading-flags.js';
import type { TuneResult } from '../core/tasks/tune.js';

export type { TuneResult };

const searchFlags = { ...modelChoice, ...tuningFlags };
const measuringFlags = {
  ...named(evaluationFlags, 'split', 'valid', 'fold-in', 'test-users', 'test-share', 'recall-over'),
  ...flagsNamed('seed', 'threads'),
  ...readingFlags,
};

export default class Tune extends BaseCommand {
  static override summary = 'Search for the options with which a model predicts held-out items best';
  static override description =
    'Tries settings of a model on the validation part of a split, as evaluate --on valid does; the test part ' +
    'is never used. Many settings are trained for a few epochs and the better ones for more, and the search ' +
    'narrows around the best. Prints the trials, and the train command of the best. Every trial is saved as ' +
    'soon as it is measured: after an interruption, the same command resumes, with the same result.';
  static override examples = [
    {
      description: 'Eight settings of small vectors, measured on a tenth of the users',
      command: 'segue tune examples/classic-rock/plays.csv.gz --factors 16 --trials 8',
    },
    {
      description: 'One option within given bounds, measured on a share of each user’s items',
      command:
        'segue tune examples/classic-rock/plays.csv.gz --model ease --split random --space reg=10..500:log --trials 6 --metric recall@20',
    },
  ];
  static override args = { events: requiredArgs('files of events, globs of files, or - for stdin') };
  static override flags = { ...searchFlags, ...modelFlags, ...measuringFlags };

  async run(): Promise<TuneResult> {
    const { args, flags, raw } = await this.parse(Tune);
    refuseMeaninglessWithoutMinimums(raw, flags);
    const { tune } = await import('../core/tasks/tune.js');
    const result = await this.perform((context) =>
      tune(
        {
          ...optionsOf(flags, { ...searchFlags, ...measuringFlags }),
          events: args.events,
          modelOptions: modelOptions(flags),
          minimumsOnce: flags['min-once'],
        },
        context,
      ),
    );
    return this.answer({ ...result, train: this.wordsOnSameRoot(result.train) }, drawTuning);
  }
}
