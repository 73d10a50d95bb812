import { commandOf } from '../../cli/base-command.js';
import { drawVerifiedFeedback } from '../../cli/views/feedback.js';
import { verifyFeedback as operation } from '../../core/options/operations.js';
import type { VerifyFeedbackResult } from '../../core/tasks/feedback/verify.js';

export default class FeedbackVerify extends commandOf([operation]) {
  static override summary = 'Check that the feedback is whole';
  static override description =
    'Reads all of it and holds every entry against its checksum. Damage ends with exit code 4 and the place; ' +
    'docs/feedback.md says what to do then.';
  static override examples = [{ description: 'After restoring a backup', command: 'segue feedback verify' }];

  async run(): Promise<VerifyFeedbackResult> {
    const { verifyFeedback } = await import('../../core/tasks/feedback/verify.js');
    return this.show(verifyFeedback, drawVerifiedFeedback);
  }
}
