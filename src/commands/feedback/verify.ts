import { commandOf, examples } from '../../cli/base-command.js';
import { drawVerifiedFeedback } from '../../cli/views/feedback.js';
import { verifyFeedback as operation } from '../../core/options/operations.js';

export default class FeedbackVerify extends commandOf([operation]) {
  static override summary = 'Check that the feedback is whole';
  static override description =
    'Reads all of it and holds every entry against its checksum. Damage ends with exit code 4 and the place; ' +
    'docs/reference/feedback.md says what to do then.';
  static override examples = examples({
    'After restoring a backup': 'segue feedback verify',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/feedback/verify.js')).verifyFeedback,
    drawVerifiedFeedback,
  );
}
