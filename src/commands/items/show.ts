import { requiredArg } from '../../cli/flags/args.js';
import { commandOf } from '../../cli/base-command.js';
import { drawItemPage } from '../../cli/views/items.js';
import { showItem as operation } from '../../core/options/queries.js';
import type { ShownItem } from '../../core/tasks/ask.js';

export default class ItemsShow extends commandOf([operation], {
  item: requiredArg('item to show: id or name; artist:… and album:… too'),
}) {
  static override summary = 'Show what a snapshot knows about an item';
  static override description =
    'Shows its id, name and metadata, its number of events, and its rank by that number. For its neighbours, ' +
    'see segue similar.';
  static override examples = [
    { description: 'A song', command: 'segue items show "Come As You Are"' },
    { description: 'An artist', command: 'segue items show artist:Nirvana' },
  ];

  async run(): Promise<ShownItem> {
    const { askOnce } = await import('../../core/tasks/ask.js');
    return this.show((options, context) => askOnce('showItem', options, context), drawItemPage);
  }
}
