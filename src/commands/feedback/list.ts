import { BaseCommand } from '../../cli/base-command.js';
import { optionalArg } from '../../cli/flags/args.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawFeedback } from '../../cli/views/feedback.js';
import { listFeedback as operation } from '../../core/options/operations.js';
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
  static readonly operations = [operation];
  static override flags = flagsOf(FeedbackList.operations, ['user']);

  async run(): Promise<ListFeedbackResult> {
    const { args, asked } = await this.asked(FeedbackList);
    const { listFeedback } = await import('../../core/tasks/feedback/list.js');
    const options = asked.of(operation, args);
    return this.answer(await this.perform((context) => listFeedback(options, context)), drawFeedback);
  }
}
