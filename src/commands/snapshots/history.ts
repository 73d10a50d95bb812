import { BaseCommand } from '../../cli/base-command.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawHistory } from '../../cli/views/history.js';
import { history as operation } from '../../core/options/operations.js';
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
  static readonly operations = [operation];
  static override flags = flagsOf(SnapshotsHistory.operations);

  async run(): Promise<HistoryResult> {
    const { asked } = await this.asked(SnapshotsHistory);
    const { history } = await import('../../core/tasks/snapshots/history.js');
    const options = asked.of(operation);
    return this.answer(await this.perform((context) => history(options, context)), drawHistory);
  }
}
