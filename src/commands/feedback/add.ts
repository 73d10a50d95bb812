import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArg } from '../../cli/flags/args.js';
import { drawAddedFeedback } from '../../cli/views/feedback.js';
import { addFeedback as operation } from '../../core/options/operations.js';

export default class FeedbackAdd extends commandOf([operation], {
  user: requiredArg('user, by id; need not be in a snapshot'),
  item: requiredArg('item, by id or name; artist:… and album:… too; id:… for one that no snapshot knows'),
}) {
  static override summary = 'Keep what a user did or said: a play, a like, a dislike, a skip, a ban';
  static override description =
    'It holds in every answer that is asked for after this command ends, for every model that is published: a ' +
    'banned song is not recommended again, whoever recommends. A ban lasts until segue feedback undo, or --type unban. ' +
    'docs/reference/feedback.md says what counts where.';
  static override examples = examples({
    'Never play a user this song again': 'segue feedback add KGLK/2014-06-16 "Hotel California" --type ban',
    'Nothing of the artist': 'segue feedback add KGLK/2014-06-16 "artist:Lynyrd Skynyrd" --type ban',
    'A like on the radio, with an id of one’s own':
      'segue feedback add KGLK/2014-06-16 "Come As You Are" --type like --source radio --id r1',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/feedback/add.js')).addFeedback,
    drawAddedFeedback,
  );
}
