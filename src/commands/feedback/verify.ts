import { BaseCommand } from '../../cli/base-command.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawVerifiedFeedback } from '../../cli/views/feedback.js';
import { verifyFeedback as operation } from '../../core/options/operations.js';
import type { VerifyFeedbackResult } from '../../core/tasks/feedback/verify.js';

export type { VerifyFeedbackResult };

export default class FeedbackVerify extends BaseCommand {
  static override summary = 'Check that the feedback is whole';
  static override description =
    'Reads all of it and holds every entry against its checksum. Damage ends with exit code 4 and the place; ' +
    'docs/feedback.md says what to do then.';
  static override examples = [{ description: 'After restoring a backup', command: 'segue feedback verify' }];
  static readonly operations = [operation];
  static override flags = flagsOf(FeedbackVerify.operations);

  async run(): Promise<VerifyFeedbackResult> {
    const { asked } = await this.asked(FeedbackVerify);
    const { verifyFeedback } = await import('../../core/tasks/feedback/verify.js');
    const options = asked.of(operation);
    return this.answer(
      await this.perform((context) => verifyFeedback(options, context)),
      drawVerifiedFeedback,
    );
  }
}
