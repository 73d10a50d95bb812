import { optionalArgs } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { modesOf } from '../cli/flags/flags-of.js';
import { rankingsOptions } from '../cli/flags/rankings-output.js';
import { wantsJson } from '../cli/json-mode.js';
import { drawRecipeAnswer } from '../cli/views/recipes.js';
import { drawRankings } from '../cli/views/rankings.js';
import { drawRecommendations } from '../cli/views/recommendations.js';
import * as operations from '../core/options/queries.js';
import type { WrittenRecommendations } from '../core/tasks/recommend-all.js';
import type { RecipeResult, RecommendResult } from '../core/tasks/ask.js';

export default class Recommend extends commandOf(
  [operations.recommend, operations.recommendByRecipe, operations.recommendAll],
  {
    user: optionalArgs(
      'users of the snapshot, by id; - alone reads them from stdin, one id per line',
      'users',
    ),
  },
) {
  static override summary = 'Recommend items to known or new users';
  static override description =
    "Ranks all items for a user by the model's own score, exactly, and leaves out seen items (those in the " +
    "user's history). A new user is described by --like and --dislike. Several users get one answer each; " +
    '--all and --users-from write the answers for many users as NDJSON, Arrow, Parquet or CSV.';
  static override examples = examples({
    'For a user of the snapshot': 'segue recommend KGLK/2014-06-16',
    'For a new user': 'segue recommend --like "Hotel California" --dislike "Enter Sandman"',
    'Only songs from 1975 or later, and none by the Eagles':
      'segue recommend KGLK/2014-06-16 --where \'released >= 1975 and artist != "Eagles"\'',
    'Artists instead of songs': 'segue recommend KGLK/2014-06-16 --kind artist -k 5',
    'For two users, one JSON document per line':
      'segue recommend KGLK/2014-06-16 WXGL/2014-06-16 -k 3 --json',
    'By a recipe: unseen items with popular ones discounted, and why each was chosen':
      'segue recommend KGLK/2014-06-16 --recipe discover --explain',
    'A radio station that starts from a song': 'segue recommend --recipe radio --seed-item "Come As You Are"',
    'For all users, in a file': 'segue recommend --all --out everyone.parquet',
  });
  static readonly modes = modesOf({ all: operations.recommendAll, recipe: operations.recommendByRecipe });

  async run(): Promise<(RecommendResult | RecipeResult)[] | WrittenRecommendations | undefined> {
    const { args, asked } = await this.asked(Recommend);
    const { user: users = [] } = args;
    const isStdin = users.length === 1 && users[0] === '-';
    if (isStdin || asked.has('all', 'usersFrom', 'out', 'format')) {
      const named = isStdin ? { usersFrom: asked.get('usersFrom') ?? '-' } : { users };
      const options = rankingsOptions(asked.of(operations.recommendAll, named), wantsJson(this.argv));
      const { recommendAll } = await import('../core/tasks/recommend-all.js');
      const written = await this.perform((context, out) => recommendAll({ ...options, ...out }, context));
      return written && this.answer(written, drawRankings);
    }
    const { askOnce } = await import('../core/tasks/ask.js');
    if (asked.has('recipe')) {
      const options = asked.of(operations.recommendByRecipe, { users });
      const made = await this.perform((context) => askOnce('recipe', options, context));
      return this.answerAll(made, drawRecipeAnswer);
    }
    const options = asked.of(operations.recommend, { users });
    const made = await this.perform((context) => askOnce('recommend', options, context));
    return this.answerAll(made, drawRecommendations);
  }
}
