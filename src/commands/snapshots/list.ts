import { BaseCommand } from '../../cli/base-command.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawSnapshotList } from '../../cli/views/snapshot-list.js';
import { listSnapshots as operation } from '../../core/options/operations.js';
import type { SnapshotList } from '../../core/tasks/snapshots/list.js';

export type { SnapshotList };

export default class SnapshotsList extends BaseCommand {
  static override summary = 'List the snapshots, newest first';
  static override description =
    'Lists the tags, age, contents and metrics of every snapshot, and its size on disk: its own, and that of ' +
    'files shared with other snapshots. Reads only manifests and sizes; segue snapshots verify reads every ' +
    'byte. segue snapshots alone does the same.';
  static override examples = [
    { description: 'Which snapshots exist, and which one is current', command: 'segue snapshots list' },
    {
      description: 'All ids, for a script',
      command: 'segue snapshots list --json | grep -o \'"snapshot":"[0-9a-f]*\'',
    },
  ];
  static readonly operations = [operation];
  static override flags = flagsOf(SnapshotsList.operations);

  async run(): Promise<SnapshotList> {
    const { asked } = await this.asked(SnapshotsList);
    const { listSnapshots } = await import('../../core/tasks/snapshots/list.js');
    const options = asked.of(operation);
    return this.answer(await this.perform((context) => listSnapshots(options, context)), drawSnapshotList);
  }
}
