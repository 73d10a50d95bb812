import { requiredArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { flagsNamed } from '../../cli/flags/flags.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { drawItemPage } from '../../cli/views/items.js';
import type { ShownItem } from '../../core/tasks/items/show.js';

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
  static override flags = flagsNamed('snapshot', 'as');

  async run(): Promise<ShownItem> {
    const { args, flags } = await this.parse(ItemsShow);
    const { showItem } = await import('../../core/tasks/items/show.js');
    const options = { ...optionsOf(flags, ItemsShow.flags), item: args.item };
    return this.answer(await this.perform((context) => showItem(options, context)), drawItemPage);
  }
}
