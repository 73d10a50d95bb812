import { commandOf, examples } from '../cli/base-command.js';
import { drawCollection } from '../cli/views/collection.js';
import { gc as operation } from '../core/options/operations.js';

export default class Gc extends commandOf([operation]) {
  static override summary = 'Delete old snapshots and the leftovers of processes that died';
  static override description =
    'Never deletes the current, previous or latest snapshot, a tagged one, or one that a process is reading. ' +
    'Also empties the trash, and removes unfinished snapshots and old checkpoints of processes that died.';
  static override examples = examples({
    'See what would be deleted, and why the rest is kept': 'segue gc --dry-run',
    'Keep the 10 newest, and everything from the last 30 days': 'segue gc --keep 10 --older-than 30d',
  });

  run = this.shows(async () => (await import('../core/tasks/gc.js')).gc, drawCollection);
}
