import { BaseCommand } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawUntag } from '../../cli/views/tags.js';
import { untag as operation } from '../../core/options/operations.js';
import type { UntagResult } from '../../core/tasks/snapshots/untag.js';

export type { UntagResult };

export default class SnapshotsUntag extends BaseCommand {
  static override summary = 'Remove tags from snapshots';
  static override description =
    'The snapshots stay, but gc may delete them from then on, unless they are current, previous or latest, ' +
    'or have another tag. If one of the tags does not exist, none is removed.';
  static override examples = [
    {
      description: 'Tag a snapshot, and remove the tag again',
      command: 'segue snapshots tag latest summer && segue snapshots untag summer',
    },
  ];
  static override args = { names: requiredArgs('tags to remove') };
  static readonly operations = [operation];
  static override flags = flagsOf(SnapshotsUntag.operations, ['tags']);

  async run(): Promise<UntagResult> {
    const { args, asked } = await this.asked(SnapshotsUntag);
    const { untag } = await import('../../core/tasks/snapshots/untag.js');
    const options = asked.of(operation, { tags: args.names });
    return this.answer(await this.perform((context) => untag(options, context)), drawUntag);
  }
}
