import { commandOf } from '../../cli/base-command.js';
import { requiredArg } from '../../cli/flags/args.js';
import { drawForgottenUser } from '../../cli/views/feedback.js';
import { forgetUser as operation } from '../../core/options/operations.js';
import type { ForgetUserResult } from '../../core/tasks/feedback/forget.js';

export default class FeedbackForget extends commandOf([operation], { user: requiredArg('user, by id') }) {
  static override summary = 'Forget a user: delete their feedback, and use no history of theirs';
  static override description =
    'For a user who asks for it: there is no undo. From then on every answer treats them as someone new, whichever ' +
    'snapshot is current, and what they did before is not taken any more. Followers of this root forget them by ' +
    'themselves within a second, others with --state. The trash is emptied. Snapshots that were made before still hold ' +
    'their history in files; they are listed, so that they can be replaced and deleted. It may be run again at any time. An id that nothing ' +
    'knows is an error (exit 3).';
  static override examples = [
    { description: 'What that would delete', command: 'segue feedback forget KGLK/2014-06-20 --dry-run' },
    { description: 'Forget the user', command: 'segue feedback forget KGLK/2014-06-20' },
    {
      description: 'Also in what a follower keeps, and in what interrupted trainings left',
      command: 'segue feedback forget KGLK/2014-06-20 --state listeners --unfinished',
    },
  ];

  async run(): Promise<ForgetUserResult> {
    const { forgetUser } = await import('../../core/tasks/feedback/forget.js');
    return this.show(forgetUser, drawForgottenUser);
  }
}
