import { optionalArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { flagsNamed } from '../../cli/flags/flags.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { drawFeedback } from '../../cli/views/feedback.js';
import type { ListFeedbackResult } from '../../core/tasks/feedback/list.js';

export type { ListFeedbackResult };

export default class FeedbackList extends BaseCommand {
  static override summary = 'List the feedback of a user, or the users that gave any';
  static override description =
    'What holds: not what was undone. Of a user the latest first, with the id by which segue feedback undo takes an ' +
    'entry back.';
  static override examples = [
    { description: 'Who gave any', command: 'segue feedback list' },
    { description: 'What a user said', command: 'segue feedback list KGLK/2014-06-16' },
  ];
  static override args = { user: optionalArg('user, by id') };
  static override flags = flagsNamed('k', 'snapshot', 'as');

  async run(): Promise<ListFeedbackResult> {
    const { args, flags } = await this.parse(FeedbackList);
    const { listFeedback } = await import('../../core/tasks/feedback/list.js');
    const options = { ...optionsOf(flags, FeedbackList.flags), user: args.user };
    return this.answer(await this.perform((context) => listFeedback(options, context)), drawFeedback);
  }
}
