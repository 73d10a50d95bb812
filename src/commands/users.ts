import { optionalArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { flagsOf } from '../cli/flags/flags-of.js';
import { drawUsers } from '../cli/views/users.js';
import { listUsers as operation } from '../core/options/queries.js';
import type { ListUsersResult } from '../core/tasks/ask.js';

export type { ListUsersResult };

export default class Users extends BaseCommand {
  static override summary = 'List the users of a snapshot, or those with a prefix';
  static override description =
    'Lists the users with the most events first. segue users show prints the history of one user; for ids ' +
    'that begin with "show", write segue users -- show.';
  static override examples = [
    { description: 'The users with the most events', command: 'segue users' },
    { description: 'The users whose ids begin with KGLK', command: 'segue users KGLK' },
  ];
  static override args = { prefix: optionalArg('prefix of the user ids') };
  static readonly operations = [operation];
  static override flags = flagsOf(Users.operations, ['prefix']);

  async run(): Promise<ListUsersResult> {
    const { args, asked } = await this.asked(Users);
    const { askOnce } = await import('../core/tasks/ask.js');
    const options = asked.of(operation, args);
    return this.answer(await this.perform((context) => askOnce('users', options, context)), drawUsers);
  }
}
