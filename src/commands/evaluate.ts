import { commandOf, examples } from '../cli/base-command.js';
import { optionalArgs } from '../cli/flags/args.js';
import { drawEvaluation } from '../cli/views/evaluation.js';
import { evaluate as operation } from '../core/options/operations.js';

export default class Evaluate extends commandOf([operation], {
  events: optionalArgs('files of events to train on, folders, archives, globs, or - for stdin'),
}) {
  static override summary = 'Measure how well models predict held-out items';
  static override description =
    'Trains models on one part of the events, and ranks all unseen items for the users of the held-out part. ' +
    'With --snapshot, existing snapshots are measured on the users of --test instead. Reports recall, NDCG, ' +
    'MAP, hit rate and MRR with 95 % intervals over users, coverage, mean popularity, and recall by ' +
    'popularity of the targets, always beside a popularity ranking as the baseline.\n\ndocs/evaluation.md ' +
    'defines every split and metric, and shows how to reproduce published numbers.';
  static override examples = examples({
    'Hold out a tenth of the users, fold in 80 % of their items, and rank the rest':
      'segue evaluate examples/classic-rock/plays.csv.gz --factors 32',
    'Two models side by side, on 30 % of each user’s items':
      'segue evaluate examples/classic-rock/plays.csv.gz --split random --test-share 0.3 --model als --model ease:reg=100 --at 10,20',
    'Items held out whole, ranked by their artist: how well new items are recommended':
      'segue evaluate examples/classic-rock/plays.csv.gz --items examples/classic-rock/items.csv --split cold-items --at 20',
    'Measure on the validation part, for a script':
      'segue evaluate examples/classic-rock/plays.csv.gz --on valid --reg 0.02 --json',
  });

  run = this.shows(async () => (await import('../core/tasks/evaluate.js')).evaluate, drawEvaluation);
}
