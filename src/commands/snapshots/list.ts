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
    'What each is called, how old it is, what is in it, how good it is, and what it takes on the disk: ' +
    'for itself, and in files that it shares with others. Reads manifests and sizes only; segue ' +
    'snapshots verify reads every byte. segue snapshots alone lists too.';
  static override examples = [
    { description: 'What is there, and which is current', command: 'segue snapshots list' },
    {
      description: 'The ids of all, for a script',
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
