import { requiredArg } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { withWords } from '../cli/flags/flags-of.js';
import { drawAudience } from '../cli/views/audience.js';
import { audience as operation } from '../core/options/queries.js';

export default class Audience extends commandOf(
  [withWords(operation, { includeHeard: 'also list users who have seen it (it is in their history)' })],
  { item: requiredArg('item, by id or name; also artist:… and album:…') },
) {
  static override summary = 'Find the users whom an item suits best';
  static override description =
    'Ranks all users by the score that the model gives ITEM for each, exactly, and leaves out those who have ' +
    'seen, disliked or banned it. ITEM is an id or a name, also of an artist or album (artist:…, album:…). ' +
    'It takes a model whose users have vectors: als, item2vec, spectral, or imported ones.';
  static override examples = examples({
    'Who might like a song?': 'segue audience Plush',
    'The best users for an artist, for a script': 'segue audience artist:Nirvana -k 100 --json',
    'With the users who play it already': 'segue audience Plush --include-heard',
  });

  run = this.shows(async () => (await import('../core/tasks/ask.js')).askingOnce('audience'), drawAudience);
}
