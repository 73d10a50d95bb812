import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { drawDeletion } from '../../cli/views/deletion.js';
import { deleteSnapshots as operation } from '../../core/options/operations.js';

export default class SnapshotsDelete extends commandOf([operation], {
  snapshots: requiredArgs('snapshots to delete: id, unique prefix, previous or latest'),
}) {
  static override summary = 'Delete snapshots';
  static override description =
    'Never deletes a snapshot that is current, tagged or being read, and the previous and latest ones only ' +
    'with --force; then the newest that is left becomes the latest. All are checked before the first one is ' +
    'deleted.';
  static override examples = examples({
    'See how much space deleting the latest one would free':
      'segue snapshots delete latest --force --dry-run',
    'Delete the latest one': 'segue snapshots delete latest --force',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/snapshots/delete.js')).deleteSnapshots,
    drawDeletion,
  );
}
