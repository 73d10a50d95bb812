import { commandOf, examples } from '../../cli/base-command.js';
import { drawHistory } from '../../cli/views/history.js';
import { history as operation } from '../../core/options/operations.js';

export default class SnapshotsHistory extends commandOf([operation]) {
  static override summary = 'List what was published and rolled back, when, by whom and why';
  static override description =
    'Prints the publication log, latest change first, in the order of their numbers, since clocks can be set ' +
    'back. abandoned: the change did not happen. unconfirmed: it happened, but its process ended before ' +
    'recording that. unfinished: it is under way, or its process ended before it happened.';
  static override examples = examples({
    'The latest ten changes': 'segue snapshots history -n 10',
  });

  run = this.shows(async () => (await import('../../core/tasks/snapshots/history.js')).history, drawHistory);
}
