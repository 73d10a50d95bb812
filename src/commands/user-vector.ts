import { optionalArgs } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawUserVector, drawUserVectors } from '../cli/views/user-vectors.js';
import { named } from '../cli/flags/flag-kinds.js';
import { allFlag, flagsNamed } from '../cli/flags/flags.js';
import { refuseMeaninglessToUserVector } from '../cli/flags/meaningless-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { readingFlags, textFlags } from '../cli/flags/reading-flags.js';
import type { UserVectorResult, UserVectorsResult } from '../core/tasks/user-vector.js';

export type { UserVectorResult, UserVectorsResult };

export default class UserVector extends BaseCommand {
  static override summary = "Compute a user's vector from a history";
  static override description =
    'Folds a history into a vector and leaves the item vectors as they are: for users of the snapshot, for a ' +
    'new user (--like, --dislike, or --events with their history), or for all users (--all), which makes a ' +
    'new snapshot. For a stored user, the result is bit for bit the stored vector.';
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
  ];
  static override args = { user: optionalArgs('users, by id') };
  static override flags = {
    ...flagsNamed('like', 'dislike', 'events'),
    ...named(readingFlags, 'skip-bad-rows'),
    ...textFlags,
    ...flagsNamed('as-of', 'half-life'),
    ...allFlag('compute the vectors of all users, in a new snapshot'),
    ...flagsNamed('no-feedback', 'skip-weight', 'snapshot', 'tag', 'threads'),
  };

  async run(): Promise<UserVectorResult[] | UserVectorsResult> {
    const { args, flags, raw } = await this.parse(UserVector);
    refuseMeaninglessToUserVector(raw, flags);
    const { userVector } = await import('../core/tasks/user-vector.js');
    const result = await this.perform((context) =>
      userVector({ ...optionsOf(flags, UserVector.flags), users: args.user ?? [] }, context),
    );
    if (!Array.isArray(result)) return this.answer(result, drawUserVectors);
    return this.answerAll(result, drawUserVector);
  }
}
