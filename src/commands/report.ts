import { commandOf, examples } from '../cli/base-command.js';
import { optionalArg } from '../cli/flags/args.js';
import { drawReportResult } from '../cli/views/report.js';
import { report as operation } from '../core/options/operations.js';
import type { ReportResult } from '../core/tasks/report.js';

export default class Report extends commandOf([operation], {
  snapshot: optionalArg(
    'snapshot to report: id, unique prefix, tag, current (the default), previous or latest',
  ),
}) {
  static override summary = 'Draw a snapshot on one page, and what changed since another';
  static override description =
    'Writes one HTML file that needs no network and no script: what was trained on what, the loss by epoch, metrics ' +
    'with intervals, how plays are spread over items and users, what the index finds, neighbours of the most played ' +
    'items, and with --against all that diff-snapshots compares, as figures. It is light or dark as the reader’s ' +
    'system, prints well, and each figure has its numbers as a table. The same snapshot gives the same file.\n\n' +
    'docs/report.md shows what is on it.';
  static override examples = examples({
    'What is current, as report.html': 'segue report',
    'What would publishing the latest snapshot change?':
      'segue report latest --against current --out changed.html',
    'With the neighbours of two songs, and every figure as a file':
      'segue report --item Plush --item "Hotel California" --figures figures --out songs.html',
  });

  async run(): Promise<ReportResult> {
    const { args, asked } = await this.asked(Report);
    const options = asked.of(operation, args);
    const out = this.fileOrStdout(options.out, 'the page', 'report.html');
    const { report } = await import('../core/tasks/report.js');
    const result = await this.perform((context, stdout) =>
      report({ ...options, out: out === '-' ? stdout : out }, context),
    );
    return out === '-' ? result : this.answer(result, drawReportResult);
  }
}
