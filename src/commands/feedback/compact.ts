import { BaseCommand } from '../../cli/base-command.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { drawCompactedFeedback } from '../../cli/views/feedback.js';
import type { CompactFeedbackResult } from '../../core/tasks/feedback/compact.js';

export type { CompactFeedbackResult };

export default class FeedbackCompact extends BaseCommand {
  static override summary = 'Sort the feedback by user, to open it faster';
  static override description =
    'Nothing is lost and no answer changes. It happens by itself once there is much to sort; others may add and ask ' +
    'meanwhile.';
  static override examples = [{ description: 'After a large import', command: 'segue feedback compact' }];

  async run(): Promise<CompactFeedbackResult> {
    const { flags } = await this.parse(FeedbackCompact);
    const { compactFeedback } = await import('../../core/tasks/feedback/compact.js');
    const options = optionsOf(flags, {});
    return this.answer(
      await this.perform((context) => compactFeedback(options, context)),
      drawCompactedFeedback,
    );
  }
}
