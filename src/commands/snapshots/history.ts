import { BaseCommand } from '../../cli/base-command.js';
import { drawHistory } from '../../cli/views/history.js';
import { named } from '../../cli/flags/flag-kinds.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { retentionFlags } from '../../cli/flags/publishing-flags.js';
import type { HistoryResult } from '../../core/tasks/snapshots/history.js';

export type { HistoryResult };

export default class SnapshotsHistory extends BaseCommand {
  static override summary = 'List what was published and rolled back, when, by whom and why';
  static override description =
    'Prints the publication log, latest change first, in the order of their numbers, since clocks can be set ' +
    'back. abandoned: the change did not happen. unconfirmed: it happened, but its process ended before ' +
    'recording that. unfinished: it is under way, or its process ended before it happened.';
  static override examples = [
    { description: 'The latest ten changes', command: 'segue snapshots history -n 10' },
  ];
  static override flags = named(retentionFlags, 'limit');

  async run(): Promise<HistoryResult> {
    const { flags } = await this.parse(SnapshotsHistory);
    const { history } = await import('../../core/tasks/snapshots/history.js');
    const result = await this.perform((context) =>
      history(optionsOf(flags, SnapshotsHistory.flags), context),
    );
    return this.answer(result, drawHistory);
  }
}
