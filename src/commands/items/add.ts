import { commandOf, examples } from '../../cli/base-command.js';
import { requiredArg } from '../../cli/flags/args.js';
import { drawAddedItems } from '../../cli/views/added-items.js';
import { addItems as operation } from '../../core/options/operations.js';

export default class ItemsAdd extends commandOf([operation], {
  file: requiredArg('table of the new items: id, name, artist, album, released …', 'items'),
}) {
  static override summary = 'Add new items to a snapshot, with vectors made from their columns';
  static override description =
    'Learns from the trained items what their artist, genre, year and other columns say of their vectors, and ' +
    'gives each new item the vector that its own columns say, in a new snapshot: it can be recommended, and has ' +
    'neighbours, before anybody has played it. Vectors of trained items and of users keep their bits.';
  static override examples = examples({
    'This week’s releases': 'segue items add new.csv --to current --tag fresh',
    'By artist and year only, to the snapshot that is published':
      'segue items add new.csv --to current --from-columns artist,released',
  });

  run = this.shows(async () => (await import('../../core/tasks/items/add.js')).addItems, drawAddedItems);
}
