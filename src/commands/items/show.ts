import { requiredArg } from '../../cli/flags/args.js';
import { commandOf, examples } from '../../cli/base-command.js';
import { drawItemPage } from '../../cli/views/items.js';
import { showItem as operation } from '../../core/options/queries.js';

export default class ItemsShow extends commandOf([operation], {
  item: requiredArg('item to show: id or name; artist:… and album:… too'),
}) {
  static override summary = 'Show what a snapshot knows about an item';
  static override description =
    'Shows its id, name and metadata, its number of events, and its rank by that number. For its neighbours, ' +
    'see segue similar.';
  static override examples = examples({
    'A song': 'segue items show "Come As You Are"',
    'An artist': 'segue items show artist:Nirvana',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/ask.js')).askingOnce('showItem'),
    drawItemPage,
  );
}
