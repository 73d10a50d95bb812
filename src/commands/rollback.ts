import { BaseCommand } from '../cli/base-command.js';
import { optionalArg } from '../cli/flags/args.js';
import { flagsOf } from '../cli/flags/flags-of.js';
import { drawRollback } from '../cli/views/rollback.js';
import { rollback as operation } from '../core/options/operations.js';
import type { RollbackResult } from '../core/tasks/rollback.js';

export type { RollbackResult };

export default class Rollback extends BaseCommand {
  static override summary = 'Make an earlier snapshot current again';
  static override description =
    'Takes the same steps as publish: verifies the size and sha256 of every file, opens all of them, and ' +
    'changes what readers see by one rename. Gates do not apply. If anything fails before that, the current ' +
    'snapshot stays. The previous snapshot is the one before the last change in the publication log, so a ' +
    'second rollback undoes the first.';
  static override examples = [
    { description: 'Verify the previous snapshot, but change nothing', command: 'segue rollback --dry-run' },
    {
      description: 'Go back to it, and record why',
      command: "segue rollback --why 'no new items were recommended'",
    },
    { description: 'Go back to what was current a second ago', command: 'segue rollback --to-time 1s' },
  ];
  static override args = {
    snapshot: optionalArg('snapshot to go back to: id, unique prefix, tag, latest or previous (the default)'),
  };
  static readonly operations = [operation];
  static override flags = flagsOf(Rollback.operations, ['snapshot']);

  async run(): Promise<RollbackResult> {
    const { args, asked } = await this.asked(Rollback);
    const { rollback } = await import('../core/tasks/rollback.js');
    const options = asked.of(operation, args);
    const result = await this.perform((context) => rollback(options, context));
    const { undo } = result;
    return this.answer({ ...result, undo: undo === null ? null : this.onSameRoot(undo) }, drawRollback);
  }
}
