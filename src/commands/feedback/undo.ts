import { commandOf, examples } from '../../cli/base-command.js';
import { optionalArg, requiredArg } from '../../cli/flags/args.js';
import { drawUndoneFeedback } from '../../cli/views/feedback.js';
import { undoFeedback as operation } from '../../core/options/operations.js';
import type { UndoFeedbackResult } from '../../core/tasks/feedback/undo.js';

export default class FeedbackUndo extends commandOf([operation], {
  entry: requiredArg('id of an entry; or a user, where an ITEM follows', 'entry', 'user'),
  item: optionalArg('item, by id or name; artist:… and album:… too'),
}) {
  static override summary = 'Take feedback back, by its id, or the latest of a user about an item';
  static override description =
    'As if it had not been said: what was said before it holds again. To say that a ban is over, whatever came ' +
    'before, add an unban.';
  static override examples = examples({
    'The latest about an item': 'segue feedback undo KGLK/2014-06-16 "Hotel California"',
    'An entry, by the id that segue feedback list shows': 'segue feedback undo r1',
  });

  async run(): Promise<UndoFeedbackResult> {
    const { args, asked } = await this.asked(FeedbackUndo);
    const { entry, item } = args;
    const { undoFeedback } = await import('../../core/tasks/feedback/undo.js');
    const options = asked.of(operation, item === undefined ? { entry } : { user: entry, item });
    return this.answer(await this.perform((context) => undoFeedback(options, context)), drawUndoneFeedback);
  }
}
