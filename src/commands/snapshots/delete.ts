import { BaseCommand } from '../../cli/base-command.js';
import { requiredArgs } from '../../cli/flags/args.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawDeletion } from '../../cli/views/deletion.js';
import { deleteSnapshots as operation } from '../../core/options/operations.js';
import type { DeleteSnapshotsResult } from '../../core/tasks/snapshots/delete.js';

export type { DeleteSnapshotsResult };

export default class SnapshotsDelete extends BaseCommand {
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
  static override args = {
    snapshots: requiredArgs('snapshots to delete: id, unique prefix, previous or latest'),
  };
  static readonly operations = [operation];
  static override flags = flagsOf(SnapshotsDelete.operations, ['snapshots']);

  async run(): Promise<DeleteSnapshotsResult> {
    const { args, asked } = await this.asked(SnapshotsDelete);
    const { deleteSnapshots } = await import('../../core/tasks/snapshots/delete.js');
    const options = asked.of(operation, args);
    return this.answer(await this.perform((context) => deleteSnapshots(options, context)), drawDeletion);
  }
}
