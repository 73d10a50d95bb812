import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArg } from '../../cli/flags/args.js';
import { drawTag } from '../../cli/views/tags.js';
import { tag as operation } from '../../core/options/operations.js';

export default class SnapshotsTag extends commandOf([operation], {
  snapshot: requiredArg('snapshot to tag: id, unique prefix, tag, current, previous or latest'),
  name: requiredArg('tag: a lower-case letter, then letters, digits, ".", "_" or "-"', 'tag'),
}) {
  static override summary = 'Tag a snapshot';
  static override description =
    'A tag stands for a snapshot in every command, and keeps gc from deleting it. A snapshot can have ' +
    'several tags. If another snapshot has the tag, it is moved, and the output says from where and how to ' +
    'undo it.';
  static override examples = examples({
    'Tag the current snapshot, to keep it': 'segue snapshots tag current before-summer',
  });

  run = this.shows(async () => (await import('../../core/tasks/snapshots/tag.js')).tag, drawTag);
}
