import { commandOf, examples } from '../../cli/base-command.js';
import { optionalArg } from '../../cli/flags/args.js';
import { drawSnapshotPage } from '../../cli/views/snapshot.js';
import { showSnapshot as operation } from '../../core/options/operations.js';

export default class SnapshotsShow extends commandOf([operation], {
  snapshot: optionalArg(
    'snapshot to show: id, unique prefix, tag, previous, latest or current (the default)',
  ),
}) {
  static override summary = 'Show everything known about a snapshot';
  static override description =
    'Shows what it was made from and how, its metrics, files and tags, what was made from it, when and by ' +
    'whom it was published, and which processes are reading it. Checks its manifest; segue snapshots verify ' +
    'reads every byte.';
  static override examples = examples({
    'The current snapshot': 'segue snapshots show',
    'The options that a tagged snapshot was trained with': 'segue snapshots show small',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/snapshots/show.js')).showSnapshot,
    drawSnapshotPage,
  );
}
