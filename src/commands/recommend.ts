import { optionalArgs } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawFromRecipes } from '../cli/views/recipes.js';
import { drawRecommendations } from '../cli/views/recommendations.js';
import { drawRankings } from '../cli/views/rankings.js';
import { manyOptions } from '../cli/flags/rankings-output.js';
import { refuseMeaninglessToRecommend } from '../cli/flags/meaningless-flags.js';
import { recipeOptions } from '../cli/flags/recipe-flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { recommendationFlags, recommendFlags } from '../cli/flags/recommend-flags.js';
import type { WrittenRecommendations } from '../core/tasks/recommend-all.js';
import type { FromRecipes } from '../core/tasks/recommend-by-recipe.js';
import type { RecommendResult } from '../core/tasks/recommend.js';

export type { FromRecipes, RecommendResult, WrittenRecommendations };

export default class Recommend extends BaseCommand {
  static override summary = 'Recommend items to known or new users';
  static override description =
    "Ranks all items for a user by the model's own score, exactly, and leaves out seen items (those in the " +
    "user's history). A new user is described by --like and --dislike. Several users get one answer each; " +
    '--all and --users-from write the answers for many users as NDJSON, Arrow, Parquet or CSV.';
  static override examples = [
    { description: 'For a user of the snapshot', command: 'segue recommend KGLK/2014-06-16' },
    {
      description: 'For a new user',
      command: 'segue recommend --like "Hotel California" --dislike "Enter Sandman"',
    },
    {
      description: 'Only songs from 1975 or later, and none by the Eagles',
      command: 'segue recommend KGLK/2014-06-16 --where \'released >= 1975 and artist != "Eagles"\'',
    },
    {
      description: 'Artists instead of songs',
      command: 'segue recommend KGLK/2014-06-16 --kind artist -k 5',
    },
    {
      description: 'For two users, one JSON document per line',
      command: 'segue recommend KGLK/2014-06-16 WXGL/2014-06-16 -k 3 --json',
    },
    {
      description: 'By a recipe: unseen items with popular ones discounted, and why each was chosen',
      command: 'segue recommend KGLK/2014-06-16 --recipe discover --explain',
    },
    {
      description: 'A radio station that starts from a song',
      command: 'segue recommend --recipe radio --seed-item "Come As You Are"',
    },
    {
      description: 'For all users, in a file for pandas',
      command: 'segue recommend --all --out everyone.parquet',
    },
  ];
  static override args = {
    user: optionalArgs('users of the snapshot, by id; - alone reads them from stdin, one id per line'),
  };
  static override flags = recommendFlags;

  async run(): Promise<(RecommendResult | FromRecipes)[] | WrittenRecommendations | undefined> {
    const { args, flags, metadata, raw } = await this.parse(Recommend);
    const options = { ...optionsOf(flags, recommendationFlags), users: args.user ?? [] };
    const byRecipe = recipeOptions(flags, metadata);
    const many = manyOptions(flags, options.users);
    const asksOfRecipes = byRecipe?.list === true || byRecipe?.dryRun === true;
    refuseMeaninglessToRecommend(raw, flags, many);
    if (many !== undefined && !asksOfRecipes) {
      const { recommendAll } = await import('../core/tasks/recommend-all.js');
      const asked = { ...options, ...many, ...byRecipe };
      const written = await this.perform((context, stdout) => recommendAll({ ...asked, ...stdout }, context));
      return written && this.answer(written, drawRankings);
    }
    if (byRecipe !== undefined) {
      const { fromRecipes } = await import('../core/tasks/recommend-by-recipe.js');
      const made = await this.perform((context) => fromRecipes({ ...options, ...byRecipe }, context));
      return this.answerAll(made, drawFromRecipes);
    }
    const { recommend } = await import('../core/tasks/recommend.js');
    return this.answerAll(await this.perform((context) => recommend(options, context)), drawRecommendations);
  }
}
