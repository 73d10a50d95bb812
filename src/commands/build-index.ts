import { optionalArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawIndexing } from '../cli/views/indexing.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { indexFlags } from '../cli/flags/training-flags.js';
import type { BuildIndexResult } from '../core/tasks/build-index.js';

export type { BuildIndexResult };

export default class BuildIndex extends BaseCommand {
  static override summary = 'Index the item vectors for fast neighbour search, in a new snapshot';
  static override description =
    'Builds an inverted file (IVF), which sorts the items into lists by direction, and finds the smallest ' +
    'number of lists that a search has to probe for --target-recall, measured on sampled items. The new ' +
    'snapshot records the measured recall, and shares all other files with the one it was made from.';
  static override examples = [
    { description: 'Index the latest snapshot', command: 'segue build-index' },
    {
      description: 'A certain snapshot, for nearly exact search',
      command: 'segue build-index latest --target-recall 0.99',
    },
  ];
  static override args = {
    snapshot: optionalArg(
      'snapshot to index: id, unique prefix, tag, current, previous or latest (the default)',
    ),
  };
  static override flags = { ...indexFlags, ...flagsNamed('as', 'seed', 'threads', 'tag') };

  async run(): Promise<BuildIndexResult> {
    const { args, flags } = await this.parse(BuildIndex);
    const { buildIndex } = await import('../core/tasks/build-index.js');
    const result = await this.perform((context) =>
      buildIndex({ ...optionsOf(flags, BuildIndex.flags), snapshot: args.snapshot }, context),
    );
    return this.answer(result, drawIndexing);
  }
}
