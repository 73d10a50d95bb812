import { commandOf } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { drawDeletion } from '../../cli/views/deletion.js';
import { deleteSnapshots as operation } from '../../core/options/operations.js';
import type { DeleteSnapshotsResult } from '../../core/tasks/snapshots/delete.js';

export default class SnapshotsDelete extends commandOf([operation], {
  snapshots: requiredArgs('snapshots to delete: id, unique prefix, previous or latest'),
}) {
  static override summary = 'Delete snapshots';
  static override description =
    'Never deletes a snapshot that is current, tagged or being read, and the previous and latest ones only ' +
    'with --force; then the newest that is left becomes the latest. All are checked before the first one is ' +
    'deleted.';
  static override examples = [
    {
      description: 'See how much space deleting the latest one would free',
      command: 'segue snapshots delete latest --force --dry-run',
    },
    { description: 'Delete the latest one', command: 'segue snapshots delete latest --force' },
  ];

  async run(): Promise<DeleteSnapshotsResult> {
    const { deleteSnapshots } = await import('../../core/tasks/snapshots/delete.js');
    return this.show(deleteSnapshots, drawDeletion);
  }
}
