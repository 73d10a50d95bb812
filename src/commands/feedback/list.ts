import { commandOf, examples } from '../../cli/base-command.js';
import { optionalArg } from '../../cli/flags/args.js';
import { drawFeedback } from '../../cli/views/feedback.js';
import { listFeedback as operation } from '../../core/options/operations.js';

export default class FeedbackList extends commandOf([operation], { user: optionalArg('user, by id') }) {
  static override summary = 'List the feedback of a user, or the users that gave any';
  static override description =
    'What holds: not what was undone. Of a user the latest first, with the id by which segue feedback undo takes an ' +
    'entry back.';
  static override examples = examples({
    'Who gave any': 'segue feedback list',
    'What a user said': 'segue feedback list KGLK/2014-06-16',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/feedback/list.js')).listFeedback,
    drawFeedback,
  );
}
