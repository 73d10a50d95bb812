import { optionalArg } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { drawUsers } from '../cli/views/users.js';
import { listUsers as operation } from '../core/options/queries.js';

export default class Users extends commandOf([operation], { prefix: optionalArg('prefix of the user ids') }) {
  static override summary = 'List the users of a snapshot, or those with a prefix';
  static override description =
    'Lists the users with the most events first. segue users show prints the history of one user; for ids ' +
    'that begin with "show", write segue users -- show.';
  static override examples = examples({
    'The users with the most events': 'segue users',
    'The users whose ids begin with KGLK': 'segue users KGLK',
  });

  run = this.shows(async () => (await import('../core/tasks/ask.js')).askingOnce('users'), drawUsers);
}
