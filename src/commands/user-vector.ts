import { optionalArgs } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { modesOf } from '../cli/flags/flags-of.js';
import { drawListener } from '../cli/views/listener.js';
import { drawUserVector, drawUserVectors } from '../cli/views/user-vectors.js';
import * as operations from '../core/options/queries.js';
import type { ListenerFacts } from '../core/tasks/ask.js';
import type { UserVectorResult, UserVectorsResult } from '../core/tasks/user-vector.js';

export default class UserVector extends commandOf([operations.userVector, operations.listeners], {
  user: optionalArgs('users, by id', 'users'),
}) {
  static override summary = "Compute a user's vector from a history";
  static override description =
    'Folds a history into a vector and leaves the item vectors as they are: for users of the snapshot, for a ' +
    'new user (--like, --dislike, or --events with their history), or for all users (--all), which makes a ' +
    'new snapshot. For a stored user, the result is bit for bit the stored vector. --explain says ' +
    'what is known of a user.';
  static override examples = examples({
    'For a user of the snapshot': 'segue user-vector KGLK/2014-06-16',
    'For a new user, with all numbers, for a script':
      'segue user-vector --like "Hotel California" --dislike "Enter Sandman" --json',
    'For all users, with older events counting less': 'segue user-vector --all --half-life 30d',
    'What is known of a user, with five of each': 'segue user-vector KGLK/2014-06-16 --explain',
  });
  static readonly modes = modesOf({ all: operations.userVector, explain: operations.listeners });

  async run(): Promise<UserVectorResult[] | UserVectorsResult | ListenerFacts[]> {
    const { args, asked } = await this.asked(UserVector);
    const named = { users: args.user };
    if (asked.get('explain') === true) {
      const { users, explain: _, ...options } = asked.of(operations.listeners, named);
      const { askEach } = await import('../core/tasks/ask.js');
      const facts = await this.perform((context) =>
        askEach(
          'listener',
          options,
          users.map((user) => ({ ...options, user })),
          context,
        ),
      );
      return this.answerAll(facts, drawListener);
    }
    const options = asked.of(operations.userVector, named);
    const { userVector } = await import('../core/tasks/user-vector.js');
    const result = await this.perform((context) => userVector(options, context));
    if (!Array.isArray(result)) return this.answer(result, drawUserVectors);
    return this.answerAll(result, drawUserVector);
  }
}
