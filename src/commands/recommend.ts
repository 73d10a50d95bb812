import { optionalArgs } from '../cli/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { drawRecommendations } from '../cli/draw-recommendations.js';
import { filterFlags, filterOptions } from '../cli/filter-flags.js';
import { flagsNamed } from '../cli/flags.js';
import type { RecommendResult } from '../core/tasks/recommend.js';

export type { RecommendResult };

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
      description: 'For two users, one JSON document a line',
      command: 'segue recommend KGLK/2014-06-16 WXGL/2014-06-16 -k 3 --json',
    },
  ];
  static override args = { user: optionalArgs('users of the snapshot, by id') };
  static override flags = {
    ...flagsNamed('k', 'like', 'dislike', 'include-heard'),
    ...filterFlags,
    ...flagsNamed('explain', 'reasons', 'why-not', 'snapshot'),
  };

  async run(): Promise<RecommendResult[]> {
    const { args, flags } = await this.parse(Recommend);
    const { recommend } = await import('../core/tasks/recommend.js');
    const results = await this.perform((context) =>
      recommend(
        {
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
        },
        context,
      ),
    );
    return this.answerAll(results, drawRecommendations);
  }
}
