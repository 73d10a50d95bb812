import { optionalArg } from '../cli/flags/args.js';
import { BaseCommand, type Render } from '../cli/base-command.js';
import { bothSnapshots } from '../cli/flags/both-snapshots.js';
import { drawBundleDifference } from '../cli/views/bundle-difference.js';
import { markdownBundleDifference, markdownDifference } from '../cli/views/difference-markdown.js';
import { drawDifference } from '../cli/views/difference.js';
import { inGroup, reworded } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { reportFile } from '../cli/flags/report-flags.js';
import { comparisonFlags, outputFormat } from '../cli/flags/publishing-flags.js';
import type { BundleDiffResult, DiffResult } from '../core/tasks/diff-snapshots.js';

export type { BundleDiffResult, DiffResult };

const differenceFlags = {
  ...inGroup(
    'COMPARISON',
    reworded(flagsNamed('k'), {
      k: 'number of neighbours and recommendations to compare for each item and user',
    }),
  ),
  ...comparisonFlags,
  ...flagsNamed('threads'),
  ...reportFile,
};

export default class DiffSnapshots extends BaseCommand {
  static override summary = 'Show what changed between two snapshots';
  static override description =
    'Measures how similar two snapshots are (neighbours, vectors, recommendations), and lists the items and ' +
    'users that were added or removed, and the settings, data and metrics that differ. Without A and B, it ' +
    'compares current with latest: what publishing would change. With --fail-on, the exit code is 1 if the ' +
    'snapshots differ too much. Of two bundles, members of the same name are compared, or one of them with --as.';
  static override examples = [
    { description: 'What would publishing change?', command: 'segue diff-snapshots current latest' },
    {
      description: 'Exit 1 if neighbours changed too much, or items were lost',
      command: "segue diff-snapshots current small --fail-on 'overlap@10<0.2' --fail-on 'items.removed>0'",
    },
    {
      description: 'A comment for a pull request',
      command: 'segue diff-snapshots current latest --format markdown',
    },
    {
      description: 'A page with figures, to keep with the build',
      command: 'segue diff-snapshots current latest --report change.html',
    },
  ];
  static override args = {
    a: optionalArg(
      'old snapshot: id, unique prefix, tag, current, previous or latest; without A and B: current',
    ),
    b: optionalArg('new snapshot; without A and B: latest'),
  };
  static override flags = { ...differenceFlags, ...outputFormat };

  async run(): Promise<DiffResult | BundleDiffResult> {
    const { args, flags } = await this.parse(DiffSnapshots);
    const asked = bothSnapshots(args.a, args.b);
    const { diffSnapshots, SnapshotsDiffer } = await import('../core/tasks/diff-snapshots.js');
    const isMarkdown = flags.format === 'markdown';
    const draw: Render<DiffResult | BundleDiffResult> = (result, screen, line) => {
      if ('members' in result)
        return isMarkdown
          ? markdownBundleDifference(result, asked)
          : drawBundleDifference(result, screen, asked, line);
      return isMarkdown ? markdownDifference(result, asked) : drawDifference(result, screen, asked);
    };
    const result = await this.perform(
      (context) => diffSnapshots({ ...optionsOf(flags, differenceFlags), ...asked }, context),
      { of: SnapshotsDiffer, draw },
    );
    return this.answer(result, draw);
  }
}
