import { commandOf, examples } from '../../cli/base-command.js';
import { drawSnapshotList } from '../../cli/views/snapshot-list.js';
import { listSnapshots as operation } from '../../core/options/operations.js';

export default class SnapshotsList extends commandOf([operation]) {
  static override summary = 'List the snapshots, newest first';
  static override description =
    'Lists the tags, age, contents and metrics of every snapshot, and its size on disk: its own, and that of ' +
    'files shared with other snapshots. Reads only manifests and sizes; segue snapshots verify reads every ' +
    'byte. segue snapshots alone does the same.';
  static override examples = examples({
    'Which snapshots exist, and which one is current': 'segue snapshots list',
    'All ids, for a script': 'segue snapshots list --json | grep -o \'"snapshot":"[0-9a-f]*\'',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/snapshots/list.js')).listSnapshots,
    drawSnapshotList,
  );
}
