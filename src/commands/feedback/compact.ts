import { commandOf, examples } from '../../cli/base-command.js';
import { drawCompactedFeedback } from '../../cli/views/feedback.js';
import { compactFeedback as operation } from '../../core/options/operations.js';

export default class FeedbackCompact extends commandOf([operation]) {
  static override summary = 'Sort the feedback by user, to open it faster';
  static override description =
    'Nothing is lost and no answer changes. It happens by itself once there is much to sort; others may add and ask ' +
    'meanwhile.';
  static override examples = examples({
    'After a large import': 'segue feedback compact',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/feedback/compact.js')).compactFeedback,
    drawCompactedFeedback,
  );
}
