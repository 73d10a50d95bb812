import { commandOf, examples, type Render } from '../cli/base-command.js';
import { optionalArg } from '../cli/flags/args.js';
import { bothSnapshots } from '../cli/flags/both-snapshots.js';
import { drawBundleDifference } from '../cli/views/bundle-difference.js';
import { markdownBundleDifference, markdownDifference } from '../cli/views/difference-markdown.js';
import { drawDifference } from '../cli/views/difference.js';
import { printDifference as operation } from '../core/options/operations.js';
import type { BundleDiffResult, DiffResult } from '../core/tasks/diff-snapshots.js';

export default class DiffSnapshots extends commandOf([operation], {
  a: optionalArg(
    'old snapshot: id, unique prefix, tag, current, previous or latest; without A and B: current',
  ),
  b: optionalArg('new snapshot; without A and B: latest'),
}) {
  static override summary = 'Show what changed between two snapshots';
  static override description =
    'Measures how similar two snapshots are (neighbours, vectors, recommendations), and lists the items and ' +
    'users that were added or removed, and the settings, data and metrics that differ. Without A and B, it ' +
    'compares current with latest: what publishing would change. With --fail-on, the exit code is 1 if the ' +
    'snapshots differ too much. Of two bundles, members of the same name are compared, or one of them with --as.';
  static override examples = examples({
    'What would publishing change?': 'segue diff-snapshots current latest',
    'Exit 1 if neighbours changed too much, or items were lost':
      "segue diff-snapshots current small --fail-on 'overlap@10<0.2' --fail-on 'items.removed>0'",
    'A comment for a pull request': 'segue diff-snapshots current latest --format markdown',
    'A page with figures, to keep with the build': 'segue diff-snapshots current latest --report change.html',
  });

  async run(): Promise<DiffResult | BundleDiffResult> {
    const { args, asked } = await this.asked(DiffSnapshots);
    const both = bothSnapshots(args.a, args.b);
    const options = asked.of(operation, both);
    const { diffSnapshots, SnapshotsDiffer } = await import('../core/tasks/diff-snapshots.js');
    const isMarkdown = options.format === 'markdown';
    const draw: Render<DiffResult | BundleDiffResult> = (result, screen, line) => {
      if ('members' in result)
        return isMarkdown
          ? markdownBundleDifference(result, both)
          : drawBundleDifference(result, screen, both, line);
      return isMarkdown ? markdownDifference(result, both) : drawDifference(result, screen, both);
    };
    const result = await this.perform((context) => diffSnapshots(options, context), {
      of: SnapshotsDiffer,
      draw,
    });
    return this.answer(result, draw);
  }
}
