import { optionalArgs } from '../cli/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawFromRecipes } from '../cli/draw-recipes.js';
import { drawRecommendations } from '../cli/draw-recommendations.js';
import { filterFlags, filterOptions } from '../cli/filter-flags.js';
import { flagsNamed } from '../cli/flags.js';
import { recipeFlags, recipeOptions } from '../cli/recipe-flags.js';
import type { FromRecipes } from '../core/tasks/recommend-by-recipe.js';
import type { RecommendResult } from '../core/tasks/recommend.js';

export type { FromRecipes, RecommendResult };

export default class Recommend extends BaseCommand {
  static override summary = 'Recommend items to users, or to someone new';
  static override description =
    "The best items for a user by the model's own score, exactly, without those the user has listened " +
    'to. Someone new is described by --like and --dislike. Several users give one answer each.';
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
      description: 'As a recipe says: unheard, off the beaten track; and why each is there',
      command: 'segue recommend KGLK/2014-06-16 --recipe discover --explain',
    },
    {
      description: 'A radio that goes on from a song',
      command: 'segue recommend --recipe radio --seed-item "Come As You Are"',
    },
  ];
  static override args = { user: optionalArgs('users of the snapshot, by id') };
  static override flags = {
    ...flagsNamed('k', 'like', 'dislike', 'include-heard', 'kind', 'vector', 'max-per-artist'),
    ...filterFlags,
    ...flagsNamed('explain', 'reasons', 'why-not', 'snapshot'),
    ...recipeFlags,
  };

  async run(): Promise<(RecommendResult | FromRecipes)[]> {
    const { args, flags, metadata } = await this.parse(Recommend);
    const options = {
      root: flags.root,
      snapshot: flags.snapshot,
      users: args.user ?? [],
      like: flags.like ?? [],
      dislike: flags.dislike ?? [],
      includeHeard: flags['include-heard'],
      k: flags.k,
      explain: flags.explain,
      reasons: flags.reasons,
      whyNot: flags['why-not'] ?? [],
      ...filterOptions(flags),
      kind: flags.kind,
      vector: flags.vector,
      maxPerArtist: flags['max-per-artist'],
    };
    const byRecipe = recipeOptions(flags, metadata);
    if (byRecipe !== undefined) {
      const { fromRecipes } = await import('../core/tasks/recommend-by-recipe.js');
      const made = await this.perform((context) => fromRecipes({ ...options, ...byRecipe }, context));
      return this.answerAll(made, drawFromRecipes);
    }
    const { recommend } = await import('../core/tasks/recommend.js');
    return this.answerAll(await this.perform((context) => recommend(options, context)), drawRecommendations);
  }
}
