import { optionalArgs } from '../cli/flags/args.js';
import { commandOf, examples } from '../cli/base-command.js';
import { modesOf } from '../cli/flags/flags-of.js';
import { rankingsOptions } from '../cli/flags/rankings-output.js';
import { wantsJson } from '../cli/json-mode.js';
import { drawNeighbours } from '../cli/views/neighbours.js';
import { drawRankings } from '../cli/views/rankings.js';
import * as operations from '../core/options/queries.js';
import type { WrittenNeighbours } from '../core/tasks/similar-all.js';
import type { SimilarResult } from '../core/tasks/ask.js';

export default class Similar extends commandOf(
  [operations.similar, operations.similarAll, operations.browse],
  {
    item: optionalArgs(
      'items to find neighbours of, by id or name; also artist:… and album:…',
      'items',
      'item',
    ),
  },
) {
  static override summary = 'Find the nearest neighbours of an item by cosine similarity';
  static override description =
    'Items are close when the same users play them. ITEM is an id, else an exact name, else a name in any ' +
    'case; id:… and name:… force one reading. The vectors of several items are added up, and --minus ' +
    'subtracts one. If the items have artists and albums, these can be given (artist:…, album:…) and ' +
    'searched for (--kind). --all writes the neighbours of every item as NDJSON, Arrow, Parquet or CSV.';
  static override examples = examples({
    'What is similar to a song?': 'segue similar "Smells Like Teen Spirit"',
    'Between two songs, and away from a third':
      'segue similar "Come As You Are" Plush --minus "Hotel California" -k 5',
    'Only songs of the 1980s by other artists':
      'segue similar Plush --where \'released between 1980 and 1989 and artist != "Stone Temple Pilots"\'',
    'Artists similar to an artist': 'segue similar --kind artist "Led Zeppelin"',
    "Items near a user's vector, moved towards a song":
      'segue user-vector KGLK/2014-06-16 --json | segue similar --vector - Plush --weights 0.5',
    'For a script': 'segue similar nirvana-smells-like-teen-spirit -k 3 --json',
    'Browse from a song': 'segue similar Plush --browse',
    'The neighbours of every item, in a file': 'segue similar --all --out near.arrow',
  });
  static readonly modes = modesOf({ all: operations.similarAll, browse: operations.browse });

  async run(): Promise<SimilarResult | WrittenNeighbours | undefined> {
    const { args, asked } = await this.asked(Similar);
    const { item: items = [] } = args;
    if (asked.has('all', 'out', 'format')) {
      const options = rankingsOptions(asked.of(operations.similarAll, { items }), wantsJson(this.argv));
      const { similarAll } = await import('../core/tasks/similar-all.js');
      const written = await this.perform((context, out) => similarAll({ ...options, ...out }, context));
      return written && this.answer(written, drawRankings);
    }
    if (asked.has('browse')) {
      const options = asked.of(operations.browse, {
        item: items[0],
        items: items.slice(1),
        ...(wantsJson(this.argv) ? { json: true } : {}),
      });
      const { browse } = await import('./browse.js');
      await this.perform((context) => browse(options, context));
      return undefined;
    }
    const options = asked.of(operations.similar, { items });
    const { askOnce } = await import('../core/tasks/ask.js');
    return this.answer(await this.perform((context) => askOnce('similar', options, context)), drawNeighbours);
  }
}
