import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArg } from '../../cli/flags/args.js';
import { drawForgottenUser } from '../../cli/views/feedback.js';
import { forgetUser as operation } from '../../core/options/operations.js';

export default class FeedbackForget extends commandOf([operation], { user: requiredArg('user, by id') }) {
  static override summary = 'Forget a user: delete their feedback, and use no history of theirs';
  static override description =
    'For a user who asks for it: there is no undo. From then on every answer treats them as someone new, whichever ' +
    'snapshot is current, and what they did before is not taken any more. Followers of this root forget them by ' +
    'themselves within a second, others with --state. The trash is emptied. Snapshots that were made before still hold ' +
    'their history in files; they are listed, so that they can be replaced and deleted. It may be run again at any time. An id that nothing ' +
    'knows is an error (exit 3).';
  static override examples = examples({
    'What that would delete': 'segue feedback forget KGLK/2014-06-20 --dry-run',
    'Forget the user': 'segue feedback forget KGLK/2014-06-20',
    'Also in what a follower keeps, and in what interrupted trainings left':
      'segue feedback forget KGLK/2014-06-20 --state listeners --unfinished',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/feedback/forget.js')).forgetUser,
    drawForgottenUser,
  );
}
