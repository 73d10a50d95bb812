import { requiredArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { flagsOf } from '../../cli/flags/flags-of.js';
import { drawItemPage } from '../../cli/views/items.js';
import { showItem as operation } from '../../core/options/queries.js';
import type { ShownItem } from '../../core/tasks/ask.js';

export type { ShownItem };

export default class ItemsShow extends BaseCommand {
  static override summary = 'Show what a snapshot knows about an item';
  static override description =
    'Shows its id, name and metadata, its number of events, and its rank by that number. For its neighbours, ' +
    'see segue similar.';
  static override examples = [
    { description: 'A song', command: 'segue items show "Come As You Are"' },
    { description: 'An artist', command: 'segue items show artist:Nirvana' },
  ];
  static override args = { item: requiredArg('item to show: id or name; artist:… and album:… too') };
  static readonly operations = [operation];
  static override flags = flagsOf(ItemsShow.operations, ['item']);

  async run(): Promise<ShownItem> {
    const { args, asked } = await this.asked(ItemsShow);
    const { askOnce } = await import('../../core/tasks/ask.js');
    const options = asked.of(operation, args);
    return this.answer(await this.perform((context) => askOnce('showItem', options, context)), drawItemPage);
  }
}
