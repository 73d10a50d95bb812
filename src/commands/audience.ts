import { requiredArg } from '../cli/flags/args.js';
import { BaseCommand } from '../cli/base-command.js';
import { reworded } from '../cli/flags/flag-kinds.js';
import { flagsNamed } from '../cli/flags/flags.js';
import { optionsOf } from '../cli/flags/options-of.js';
import { drawAudience } from '../cli/views/audience.js';
import type { AudienceResult } from '../core/tasks/audience.js';

export type { AudienceResult };

export default class Audience extends BaseCommand {
  static override summary = 'Find the users whom an item suits best';
  static override description =
    'Ranks all users by the score that the model gives ITEM for each, exactly, and leaves out those who have ' +
    'seen, disliked or banned it. ITEM is an id or a name, also of an artist or album (artist:…, album:…). ' +
    'It takes a model whose users have vectors: als, item2vec, or imported ones.';
  static override examples = [
    { description: 'Who might like a song?', command: 'segue audience Plush' },
    {
      description: 'The best users for an artist, for a script',
      command: 'segue audience artist:Nirvana -k 100 --json',
    },
    { description: 'With the users who play it already', command: 'segue audience Plush --include-heard' },
  ];
  static override args = { item: requiredArg('item, by id or name; also artist:… and album:…') };
  static override flags = reworded(flagsNamed('k', 'min-events', 'include-heard', 'snapshot', 'as'), {
    'include-heard': 'also list users who have seen it (it is in their history)',
  });

  async run(): Promise<AudienceResult> {
    const { args, flags } = await this.parse(Audience);
    const { audience } = await import('../core/tasks/audience.js');
    const options = { ...optionsOf(flags, Audience.flags), item: args.item };
    return this.answer(await this.perform((context) => audience(options, context)), drawAudience);
  }
}
