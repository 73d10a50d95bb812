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
  static override summary = 'Recommend items to users, or to someone new';
  static override description =
    "The best items for a user by the model's own score, exactly, without seen items (those in the user's " +
    'history). Someone new is described by --like and --dislike. Several users give one answer each; --all, or ' +
    '--users-from, gives everyone theirs as NDJSON, Arrow or Parquet.';
  static override examples = [
    { description: 'For a user of the snapshot', command: 'segue recommend KGLK/2014-06-16' },
    {
      description: 'For someone new',
      command: 'segue recommend --like "Hotel California" --dislike "Enter Sandman"',
    },
    {
      description: 'Only songs from 1975 on, and none by the Eagles',
      command: 'segue recommend KGLK/2014-06-16 --where \'released >= 1975 and artist != "Eagles"\'',
    },
    {
      description: 'Artists, most of whose songs fit',
      command: 'segue recommend KGLK/2014-06-16 --kind artist -k 5',
    },
    {
      description: 'For two users, one JSON document a line',
      command: 'segue recommend KGLK/2014-06-16 WXGL/2014-06-16 -k 3 --json',
    },
    {
      description: 'As a recipe says: unseen items, popular ones discounted, and why each is there',
      command: 'segue recommend KGLK/2014-06-16 --recipe discover --explain',
    },
    {
      description: 'A radio that goes on from a song',
      command: 'segue recommend --recipe radio --seed-item "Come As You Are"',
    },
    {
      description: 'For everyone, in a file for pandas',
      command: 'segue recommend --all --out everyone.parquet',
    },
  ];
  static override args = {
    user: optionalArgs('users of the snapshot, by id; - alone reads them from stdin, an id a line'),
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
