import { BaseCommand } from '../../cli/base-command.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawCompactedFeedback } from '../../cli/views/feedback.js';
import { compactFeedback as operation } from '../../core/options/operations.js';
import type { CompactFeedbackResult } from '../../core/tasks/feedback/compact.js';

export type { CompactFeedbackResult };

export default class FeedbackCompact extends BaseCommand {
  static override summary = 'Sort the feedback by user, to open it faster';
  static override description =
    'Nothing is lost and no answer changes. It happens by itself once there is much to sort; others may add and ask ' +
    'meanwhile.';
  static override examples = [{ description: 'After a large import', command: 'segue feedback compact' }];
  static readonly operations = [operation];
  static override flags = flagsOf(FeedbackCompact.operations);

  async run(): Promise<CompactFeedbackResult> {
    const { asked } = await this.asked(FeedbackCompact);
    const { compactFeedback } = await import('../../core/tasks/feedback/compact.js');
    const options = asked.of(operation);
    return this.answer(
      await this.perform((context) => compactFeedback(options, context)),
      drawCompactedFeedback,
    );
  }
}
