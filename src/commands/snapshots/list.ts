import { BaseCommand } from '../../cli/base-command.js';
import { drawSnapshotList } from '../../cli/views/snapshot-list.js';
import { named } from '../../cli/flags/flag-kinds.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { retentionFlags } from '../../cli/flags/publishing-flags.js';
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
  static override flags = named(retentionFlags, 'limit');

  async run(): Promise<SnapshotList> {
    const { flags } = await this.parse(SnapshotsList);
    const { listSnapshots } = await import('../../core/tasks/snapshots/list.js');
    const result = await this.perform((context) =>
      listSnapshots(optionsOf(flags, SnapshotsList.flags), context),
    );
    return this.answer(result, drawSnapshotList);
  }
}
