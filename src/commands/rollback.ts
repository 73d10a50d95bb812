import { optionalArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawRollback } from '../cli/views/rollback.js';
import { named } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { publishingFlags } from '../cli/flags/publishing-flags.js';
import type { RollbackResult } from '../core/tasks/rollback.js';

export type { RollbackResult };

export default class Rollback extends BaseCommand {
  static override summary = 'Make current again what was current before';
  static override description =
    'Goes by the same steps as publish: size and sha256 of every file are verified again, all of them are ' +
    'opened, and one rename changes what readers see. Gates do not apply. Whatever fails before leaves the ' +
    'current snapshot as it was. What was current before is the last change in the history: a second ' +
    'rollback goes back to where the first one came from.';
  static override examples = [
    { description: 'Verify what was current before, change nothing', command: 'segue rollback --dry-run' },
    {
      description: 'Go back to it, and say why',
      command: "segue rollback --why 'no new items were recommended'",
    },
    { description: 'Go back to what was current a second ago', command: 'segue rollback --to-time 1s' },
  ];
  static override args = {
    snapshot: optionalArg('snapshot to go back to: id, unique prefix, tag, latest or previous (the default)'),
  };
  static override flags = {
    ...named(publishingFlags, 'to-time', 'expect', 'why'),
    ...flagsNamed('dry-run'),
  };

  async run(): Promise<RollbackResult> {
    const { args, flags } = await this.parse(Rollback);
    const { rollback } = await import('../core/tasks/rollback.js');
    const result = await this.perform((context) =>
      rollback({ ...optionsOf(flags, Rollback.flags), snapshot: args.snapshot }, context),
    );
    const { undo } = result;
    return this.answer({ ...result, undo: undo === null ? null : this.onSameRoot(undo) }, drawRollback);
  }
}
