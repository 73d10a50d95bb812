import { optionalArgs } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawListener } from '../cli/views/listener.js';
import { drawUserVector, drawUserVectors } from '../cli/views/user-vectors.js';
import { named } from '../cli/flags/flag-kinds.js';
import { engineFlags, tableFlag } from '../cli/flags/engine-flags.js';
import { followFlags } from '../cli/flags/follow-flags.js';
import { allFlag, factsFlags, flagsNamed, forceFlag } from '../cli/flags/flags.js';
import { refuseMeaninglessToUserVector } from '../cli/flags/meaningless-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { readingFlags, textFlags } from '../cli/flags/reading-flags.js';
import { safeJson } from '../cli/terminal/safe-text.js';
import type { ListenerFacts } from '../core/tasks/listener.js';
import type { UserVectorResult, UserVectorsResult } from '../core/tasks/user-vector.js';

export type { ListenerFacts, UserVectorResult, UserVectorsResult };

export default class UserVector extends BaseCommand {
  static override summary = "Compute a user's vector from a history";
  static override description =
    'Folds a history into a vector and leaves the item vectors as they are: for users of the snapshot, for a ' +
    'new user (--like, --dislike, or --events with their history), or for all users (--all), which makes a ' +
    'new snapshot. For a stored user, the result is bit for bit the stored vector. --follow reads events as they ' +
    'arrive and prints a line of JSON for each user of them. --explain says what is known of a user.';
  static override examples = [
    { description: 'For a user of the snapshot', command: 'segue user-vector KGLK/2014-06-16' },
    {
      description: 'For a new user, with all numbers, for a script',
      command: 'segue user-vector --like "Hotel California" --dislike "Enter Sandman" --json',
    },
    {
      description: 'For all users, with older events counting less',
      command: 'segue user-vector --all --half-life 30d',
    },
    {
      description: 'As events arrive, a line for each user of whom there are any',
      command: 'segue user-vector --follow examples/classic-rock/feedback.csv --state listeners --once',
    },
    {
      description: 'What is known of a user, with five of each',
      command: 'segue user-vector KGLK/2014-06-16 --explain',
    },
  ];
  static override args = { user: optionalArgs('users, by id') };
  static override flags = {
    ...flagsNamed('like', 'dislike', 'events'),
    ...named(readingFlags, 'skip-bad-rows'),
    ...textFlags,
    ...flagsNamed('as-of', 'half-life'),
    ...factsFlags,
    ...allFlag('compute the vectors of all users, in a new snapshot'),
    ...flagsNamed('no-feedback', 'skip-weight', 'snapshot', 'as', 'tag', 'threads'),
    ...engineFlags,
    ...tableFlag,
    ...followFlags,
    ...flagsNamed('out'),
    ...forceFlag('replace the file of --out'),
  };

  async run(): Promise<UserVectorResult[] | UserVectorsResult | ListenerFacts[] | undefined> {
    const { args, flags, raw } = await this.parse(UserVector);
    const options = { ...optionsOf(flags, UserVector.flags), users: args.user ?? [] };
    refuseMeaninglessToUserVector(raw, flags, options.users.length);
    if (flags.explain) {
      const { listeners } = await import('../core/tasks/listener.js');
      return this.answerAll(await this.perform((context) => listeners(options, context)), drawListener);
    }
    if ((options.follow ?? options.addEvents) !== undefined) {
      const { followEvents } = await import('../core/tasks/follow.js');
      await this.perform((context, stdout) =>
        followEvents({ ...options, ...stdout, json: safeJson }, context),
      );
      return undefined;
    }
    const { userVector } = await import('../core/tasks/user-vector.js');
    const result = await this.perform((context) => userVector(options, context));
    if (!Array.isArray(result)) return this.answer(result, drawUserVectors);
    return this.answerAll(result, drawUserVector);
  }
}
