import { optionalArgs } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { drawItems } from '../cli/views/items.js';
import { listItems as operation } from '../core/options/queries.js';

export default class Items extends commandOf([operation], {
  words: optionalArgs('words to search for in names, artists and ids'),
}) {
  static override summary = 'List the items of a snapshot, or search them by name';
  static override description =
    'Lists the most played items first. With WORDS, lists the items whose name, artist or id contains them, ' +
    'best match first. Items without plays are listed too; they have no vector. segue items show describes ' +
    'one item; to search for the word "show", write segue items -- show.';
  static override examples = examples({
    'The most played': 'segue items',
    'Search by name or artist': 'segue items pearl jam -k 5',
    'The most played of the 1980s': "segue items --where 'released between 1980 and 1989'",
    'Artists, for a script': 'segue items --kind artist --json',
  });

  run = this.shows(async () => (await import('../core/tasks/ask.js')).askingOnce('items'), drawItems);
}
