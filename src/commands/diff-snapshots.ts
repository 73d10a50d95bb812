import { requiredArg } from '../cli/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawDifference } from '../cli/draw-difference.js';
import type { DrawnDifference } from '../cli/draw-difference.js';
import { flagsNamed } from '../cli/flags.js';
import type { DiffResult } from '../core/tasks/diff-snapshots.js';

export type { DiffResult };

export default class DiffSnapshots extends BaseCommand {
  static override summary = 'Show what changed between two snapshots';
  static override description =
    'Which items and users came and went, how far the 10 nearest neighbours of the items in both are ' +
    'the same, and the settings and numbers side by side. With --fail-on, CI learns by the exit code ' +
    'that a new snapshot differs too much.';
  static override examples = [
    { description: 'What would publishing change?', command: 'segue diff-snapshots current latest' },
    {
      description: 'Exit 1 if neighbours changed too much, or items were lost',
      command: "segue diff-snapshots current small --fail-on 'overlap@10<0.2' --fail-on 'items.removed>0'",
    },
  ];
  static override args = {
    a: requiredArg('snapshot before: id, unique prefix, tag, current, previous or latest'),
    b: requiredArg('snapshot after'),
  };
  static override flags = flagsNamed('fail-on', 'k', 'sample');

  async run(): Promise<DiffResult> {
    const { args, flags } = await this.parse(DiffSnapshots);
    const { diffSnapshots } = await import('../core/tasks/diff-snapshots.js');
    const result = await this.perform(
      (context) =>
        diffSnapshots(
          {
            root: flags.root,
            a: args.a,
            b: args.b,
            k: flags.k,
            failOn: flags['fail-on'] ?? [],
            sample: flags.sample,
          },
          context,
        ),
      (details, screen) => drawDifference(details as unknown as DrawnDifference, screen),
    );
    return this.answer(result, drawDifference);
  }
}
