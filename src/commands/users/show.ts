import { requiredArg } from '../../cli/flags/args.js';
import { commandOf, examples } from '../../cli/base-command.js';
import { withWords } from '../../cli/flags/flags-of.js';
import { drawUserPage } from '../../cli/views/users.js';
import { showUser as operation } from '../../core/options/queries.js';

export default class UsersShow extends commandOf(
  [withWords(operation, { k: 'number of items of the history to show' })],
  { user: requiredArg('user of the snapshot, by id') },
) {
  static override summary = "Show a user's history";
  static override description =
    'Lists the items with the highest weights, with their number of events, when each was last played, and ' +
    'which are disliked or banned. For recommendations, see segue recommend.';
  static override examples = examples({
    'A user of the snapshot': 'segue users show KGLK/2014-06-16',
    'The whole history, for a script': 'segue users show KGLK/2014-06-16 -k 1000000 --json',
  });

  run = this.shows(async () => (await import('../../core/tasks/users/show.js')).showUser, drawUserPage);
}
