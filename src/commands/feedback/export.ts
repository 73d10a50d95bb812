import { commandOf, examples } from '../../cli/base-command.js';
import { drawExportedAnswers, drawExportedFeedback } from '../../cli/views/feedback.js';
import { exportFeedback as operation } from '../../core/options/operations.js';
import type { ExportFeedbackResult } from '../../core/tasks/feedback/export.js';

export default class FeedbackExport extends commandOf([operation]) {
  static override summary = 'Write feedback as events that segue train reads';
  static override description =
    'Plays, likes, dislikes and bans that hold. A model that is trained on the file, beside other events, knows from ' +
    'its column ledger_entry how far it goes: what came later counts beyond the model, and nothing counts twice.';
  static override examples = examples({
    'Train on it beside the log':
      'segue feedback export --out feedback.parquet && segue train examples/classic-rock/plays.csv.gz feedback.parquet',
    'What the answers of each recipe led to': 'segue feedback export --answered --out answered.parquet',
    'To stdout, for a pipe': 'segue feedback export | head -n 3',
  });

  async run(): Promise<ExportFeedbackResult> {
    const { asked } = await this.asked(FeedbackExport);
    const out = this.fileOrStdout(asked.text('out') ?? '-', 'the events', 'feedback.parquet');
    const options = asked.of(operation, { out });
    const { exportFeedback } = await import('../../core/tasks/feedback/export.js');
    const result = await this.perform((context, stdout) =>
      exportFeedback({ ...options, out: out === '-' ? stdout : out }, context),
    );
    const draw = options.answered ? drawExportedAnswers : drawExportedFeedback;
    return out === '-' ? result : this.answer(result, draw);
  }
}
