import { optionalArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { drawSnapshotPage } from '../../cli/views/snapshot.js';
import type { ShownSnapshot } from '../../core/tasks/snapshots/show.js';

export type { ShownSnapshot };

export default class SnapshotsShow extends BaseCommand {
  static override summary = 'Show everything that is known of a snapshot';
  static override description =
    'What it was made from and how, its metrics, files and tags, what was made from it, when it was ' +
    'published and by whom, and who reads it right now. Its manifest is checked; segue snapshots verify ' +
    'reads every byte.';
  static override examples = [
    { description: 'What is being read right now?', command: 'segue snapshots show' },
    { description: 'The options that a tagged one was trained with', command: 'segue snapshots show small' },
  ];
  static override args = {
    snapshot: optionalArg(
      'snapshot to show: id, unique prefix, tag, previous, latest or current (the default)',
    ),
  };

  async run(): Promise<ShownSnapshot> {
    const { args, flags } = await this.parse(SnapshotsShow);
    const { showSnapshot } = await import('../../core/tasks/snapshots/show.js');
    const result = await this.perform((context) =>
      showSnapshot({ root: flags.root, snapshot: args.snapshot }, context),
    );
    return this.answer(result, drawSnapshotPage);
  }
}
