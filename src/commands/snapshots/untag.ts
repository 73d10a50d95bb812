import { commandOf } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { drawUntag } from '../../cli/views/tags.js';
import { untag as operation } from '../../core/options/operations.js';
import type { UntagResult } from '../../core/tasks/snapshots/untag.js';

export default class SnapshotsUntag extends commandOf([operation], {
  names: requiredArgs('tags to remove', 'tags'),
}) {
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

  async run(): Promise<UntagResult> {
    const { untag } = await import('../../core/tasks/snapshots/untag.js');
    return this.show(untag, drawUntag);
  }
}
