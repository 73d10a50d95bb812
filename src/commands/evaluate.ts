import { optionalArgs } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawEvaluation } from '../cli/views/evaluation.js';
import { evaluationFlags, severalSnapshots } from '../cli/flags/evaluation-flags.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { refuseMeaninglessWithoutMinimums } from '../cli/flags/meaningless-flags.js';
import { modelChoices } from '../cli/flags/model-choices.js';
import { modelFlags, modelOptions, severalModels } from '../cli/flags/model-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { readingFlags } from '../cli/flags/reading-flags.js';
import type { EvaluateResult } from '../core/tasks/evaluate.js';

export type { EvaluateResult };

const measuringFlags = { ...evaluationFlags, ...flagsNamed('as', 'seed', 'threads'), ...readingFlags };

export default class Evaluate extends BaseCommand {
  static override summary = 'Measure how well models predict held-out items';
  static override description =
    'Trains models on one part of the events, and ranks all unseen items for the users of the held-out part. ' +
    'With --snapshot, existing snapshots are measured on the users of --test instead. Reports recall, NDCG, ' +
    'MAP, hit rate and MRR with 95 % intervals over users, coverage, mean popularity, and recall by ' +
    'popularity of the targets, always beside a popularity ranking as the baseline.\n\ndocs/evaluation.md ' +
    'defines every split and metric, and shows how to reproduce published numbers.';
  static override examples = [
    {
      description: 'Hold out a tenth of the users, fold in 80 % of their items, and rank the rest',
      command: 'segue evaluate examples/classic-rock/plays.csv.gz --factors 32',
    },
    {
      description: 'Two models side by side, on 30 % of each user’s items',
      command:
        'segue evaluate examples/classic-rock/plays.csv.gz --split random --test-share 0.3 --model als --model ease:reg=100 --at 10,20',
    },
    {
      description: 'Measure on the validation part, for a script',
      command: 'segue evaluate examples/classic-rock/plays.csv.gz --on valid --reg 0.02 --json',
    },
  ];
  static override args = {
    events: optionalArgs('files of events to train on, globs of files, or - for stdin'),
  };
  static override flags = { ...severalModels, ...modelFlags, ...severalSnapshots, ...measuringFlags };

  async run(): Promise<EvaluateResult> {
    const { args, flags, raw } = await this.parse(Evaluate);
    refuseMeaninglessWithoutMinimums(raw, flags);
    const { evaluate } = await import('../core/tasks/evaluate.js');
    const result = await this.perform(async (context) =>
      evaluate(
        {
          ...optionsOf(flags, measuringFlags),
          part: flags.on,
          events: args.events ?? [],
          models: await modelChoices(flags.model ?? []),
          modelOptions: modelOptions(flags),
          snapshots: flags.snapshot ?? [],
          minimumsOnce: flags['min-once'],
        },
        context,
      ),
    );
    return this.answer(result, drawEvaluation);
  }
}
