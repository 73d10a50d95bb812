import { commandOf, examples } from '../cli/base-command.js';
import { optionalArg } from '../cli/flags/args.js';
import { drawIndexing } from '../cli/views/indexing.js';
import { buildIndex as operation } from '../core/options/operations.js';

export default class BuildIndex extends commandOf([operation], {
  snapshot: optionalArg(
    'snapshot to index: id, unique prefix, tag, current, previous or latest (the default)',
  ),
}) {
  static override summary = 'Index the item vectors for fast neighbour search, in a new snapshot';
  static override description =
    'Builds an inverted file (IVF), which sorts the items into lists by direction, and finds the smallest ' +
    'number of lists that a search has to probe for --target-recall, measured on sampled items. The new ' +
    'snapshot records the measured recall, and shares all other files with the one it was made from.';
  static override examples = examples({
    'Index the latest snapshot': 'segue build-index',
    'A certain snapshot, for nearly exact search': 'segue build-index latest --target-recall 0.99',
  });

  run = this.shows(async () => (await import('../core/tasks/build-index.js')).buildIndex, drawIndexing);
}
