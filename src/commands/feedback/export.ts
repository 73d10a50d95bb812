import { BaseCommand } from '../../cli/base-command.js';
import { answeredFlag, feedbackFormatFlag } from '../../cli/flags/feedback-flags.js';
import { flagsNamed, forceFlag } from '../../cli/flags/flags.js';
import { drawExportedAnswers, drawExportedFeedback } from '../../cli/views/feedback.js';
import { AppError } from '../../core/errors.js';
import type { ExportFeedbackResult } from '../../core/tasks/feedback/export.js';

export type { ExportFeedbackResult };

export default class FeedbackExport extends BaseCommand {
  static override summary = 'Write feedback as events that segue train reads';
  static override description =
    'Plays, likes, dislikes and bans that hold. A model that is trained on the file, beside other events, knows from ' +
    'its column ledger_entry how far it goes: what came later counts beyond the model, and nothing counts twice.';
  static override examples = [
    {
      description: 'Train on it beside the log',
      command:
        'segue feedback export --out feedback.parquet && segue train examples/classic-rock/plays.csv.gz feedback.parquet',
    },
    {
      description: 'What the answers of each recipe led to',
      command: 'segue feedback export --answered --out answered.parquet',
    },
    { description: 'To stdout, for a pipe', command: 'segue feedback export | head -n 3' },
  ];
  static override flags = {
    ...answeredFlag,
    ...flagsNamed('out'),
    ...feedbackFormatFlag,
    ...forceFlag('replace a file that is there'),
  };

  async run(): Promise<ExportFeedbackResult> {
    const { flags } = await this.parse(FeedbackExport);
    const { root, format, force, answered, out = '-', json } = flags;
    if (out === '-' && json) {
      throw new AppError('bad-usage', 'stdout holds either the events or the JSON of --json', {
        suggestions: ['name a file: --out feedback.parquet'],
      });
    }
    const { exportFeedback } = await import('../../core/tasks/feedback/export.js');
    const result = await this.perform((context, stdout) =>
      exportFeedback({ root, out: out === '-' ? stdout : out, format, force, answered }, context),
    );
    return out === '-' ? result : this.answer(result, answered ? drawExportedAnswers : drawExportedFeedback);
  }
}
