import { commandOf, examples } from '../cli/base-command.js';
import { optionalArg } from '../cli/flags/args.js';
import { drawRollback } from '../cli/views/rollback.js';
import { rollback as operation } from '../core/options/operations.js';
import type { RollbackResult } from '../core/tasks/rollback.js';

export default class Rollback extends commandOf([operation], {
  snapshot: optionalArg('snapshot to go back to: id, unique prefix, tag, latest or previous (the default)'),
}) {
  static override summary = 'Make an earlier snapshot current again';
  static override description =
    'Takes the same steps as publish: verifies the size and sha256 of every file, opens all of them, and ' +
    'changes what readers see by one rename. Gates do not apply. If anything fails before that, the current ' +
    'snapshot stays. The previous snapshot is the one before the last change in the publication log, so a ' +
    'second rollback undoes the first.';
  static override examples = examples({
    'Verify the previous snapshot, but change nothing': 'segue rollback --dry-run',
    'Go back to it, and record why': "segue rollback --why 'no new items were recommended'",
    'Go back to what was current a second ago': 'segue rollback --to-time 1s',
  });

  async run(): Promise<RollbackResult> {
    const { rollback } = await import('../core/tasks/rollback.js');
    return this.show(async (options, context) => {
      const { undo, ...result } = await rollback(options, context);
      return { ...result, undo: undo === null ? null : this.onSameRoot(undo) };
    }, drawRollback);
  }
}
