import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { drawUntag } from '../../cli/views/tags.js';
import { untag as operation } from '../../core/options/operations.js';

export default class SnapshotsUntag extends commandOf([operation], {
  names: requiredArgs('tags to remove', 'tags'),
}) {
  static override summary = 'Remove tags from snapshots';
  static override description =
    'The snapshots stay, but gc may delete them from then on, unless they are current, previous or latest, ' +
    'or have another tag. If one of the tags does not exist, none is removed.';
  static override examples = examples({
    'Tag a snapshot, and remove the tag again':
      'segue snapshots tag latest summer && segue snapshots untag summer',
  });

  run = this.shows(async () => (await import('../../core/tasks/snapshots/untag.js')).untag, drawUntag);
}
