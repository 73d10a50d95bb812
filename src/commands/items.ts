import { optionalArgs } from '../cli/flags/args.js';
import { commandOf } from '../cli/base-command.js';
import { drawItems } from '../cli/views/items.js';
import { listItems as operation } from '../core/options/queries.js';
import type { ListItemsResult } from '../core/tasks/ask.js';

export default class Items extends commandOf([operation], {
  words: optionalArgs('words to search for in names, artists and ids'),
}) {
  static override summary = 'List the items of a snapshot, or search them by name';
  static override description =
    'Lists the most played items first. With WORDS, lists the items whose name, artist or id contains them, ' +
    'best match first. Items without plays are listed too; they have no vector. segue items show describes ' +
    'one item; to search for the word "show", write segue items -- show.';
  static override examples = [
    { description: 'The most played', command: 'segue items' },
    { description: 'Search by name or artist', command: 'segue items pearl jam -k 5' },
    {
      description: 'The most played of the 1980s',
      command: "segue items --where 'released between 1980 and 1989'",
    },
    { description: 'Artists, for a script', command: 'segue items --kind artist --json' },
  ];

  async run(): Promise<ListItemsResult> {
    const { askOnce } = await import('../core/tasks/ask.js');
    return this.show((options, context) => askOnce('items', options, context), drawItems);
  }
}
