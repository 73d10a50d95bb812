import { BaseCommand } from '../cli/base-command.js';
import { drawCollection } from '../cli/views/collection.js';
import { named } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { retentionFlags } from '../cli/flags/publishing-flags.js';
import type { GcResult } from '../core/tasks/gc.js';

export type { GcResult };

export default class Gc extends BaseCommand {
  static override summary = 'Delete old snapshots and the leftovers of processes that died';
  static override description =
    'Never deletes the current, previous or latest snapshot, a tagged one, or one that a process is reading. ' +
    'Also empties the trash, and removes unfinished snapshots and old checkpoints of processes that died.';
  static override examples = [
    { description: 'See what would be deleted, and why the rest is kept', command: 'segue gc --dry-run' },
    {
      description: 'Keep the 10 newest, and everything from the last 30 days',
      command: 'segue gc --keep 10 --older-than 30d',
    },
  ];
  static override flags = { ...named(retentionFlags, 'keep', 'older-than'), ...flagsNamed('dry-run') };

  async run(): Promise<GcResult> {
    const { flags } = await this.parse(Gc);
    const { gc } = await import('../core/tasks/gc.js');
    const options = optionsOf(flags, Gc.flags);
    return this.answer(await this.perform((context) => gc(options, context)), drawCollection);
  }
}
