import { optionalArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawIndexing } from '../cli/views/indexing.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { indexFlags } from '../cli/flags/training-flags.js';
import type { BuildIndexResult } from '../core/tasks/build-index.js';

export type { BuildIndexResult };

export default class BuildIndex extends BaseCommand {
  static override summary = 'Index the item vectors for fast neighbours, into a new snapshot';
  static override description =
    'Makes an inverted file (IVF): the items in lists by direction. Tunes how many lists a search probes ' +
    'until it finds --target-recall of the true 10 nearest neighbours, as measured on sampled items. What was ' +
    'measured stands in the new snapshot, which shares all other files with the one it is made from.';
  static override examples = [
    { description: 'Index what was trained last', command: 'segue build-index' },
    {
      description: 'Nearly exact, of a certain snapshot',
      command: 'segue build-index latest --target-recall 0.99',
    },
  ];
  static override args = {
    snapshot: optionalArg(
      'snapshot to index: id, unique prefix, tag, current, previous or latest (the default)',
    ),
  };
  static override flags = { ...indexFlags, ...flagsNamed('seed', 'threads', 'tag') };

  async run(): Promise<BuildIndexResult> {
    const { args, flags } = await this.parse(BuildIndex);
    const { buildIndex } = await import('../core/tasks/build-index.js');
    const result = await this.perform((context) =>
      buildIndex({ ...optionsOf(flags, BuildIndex.flags), snapshot: args.snapshot }, context),
    );
    return this.answer(result, drawIndexing);
  }
}
