import { commandOf } from '../../cli/base-command.js';
import { drawSnapshotList } from '../../cli/views/snapshot-list.js';
import { listSnapshots as operation } from '../../core/options/operations.js';
import type { SnapshotList } from '../../core/tasks/snapshots/list.js';

export default class SnapshotsList extends commandOf([operation]) {
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

  async run(): Promise<SnapshotList> {
    const { listSnapshots } = await import('../../core/tasks/snapshots/list.js');
    return this.show(listSnapshots, drawSnapshotList);
  }
}
