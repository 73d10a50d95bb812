/** Ranked items as a table: rank, name, what is known of them, and how similar or well suited they are. */
import type { ItemRecord } from '../../core/contracts.js';
import { count, score } from './numbers.js';
import { safeText } from './safe-text.js';
import type { Screen } from './screen.js';
import { drawTable, type Column } from './table.js';

/** Characters, of an id that stays beside a name on a narrow terminal. */
const longestKeptId = 12;

export type RankedItem = ItemRecord & { readonly rank: number };

/** What is shown before other metadata, in this order. */
const wellKnown = ['artist', 'album', 'released'];
/** What an item has beside its metadata. */
const ours = new Set([
  'id',
  'name',
  'rank',
  'similarity',
  'score',
  'weight',
  'because',
  'rest',
  'knownBy',
  ...wellKnown,
]);

/** `kind` is what the items are, if not items. `number` is the column of `items` that ranks them; its bars are relative to the best of them, or to 1 if that is more. `below` is what follows an item, drawn. */
export async function drawRanking<I extends RankedItem>(
  items: readonly I[],
  number: 'similarity' | 'score' | 'events' | 'weight',
  screen: Screen,
  kind = 'item',
  below?: (item: I) => string | undefined,
): Promise<string> {
  const valueOf = (item: RankedItem): number => Number(item[number]);
  // A model of popularity counts, where others measure.
  const areCounts = number !== 'similarity' && items.every((item) => Number.isInteger(valueOf(item)));
  const most = Math.max(number === 'similarity' ? 1 : 0, ...items.map(valueOf));
  const others = [...new Set(items.flatMap((item) => Object.keys(item)))].filter(
    (key) => !ours.has(key) && key !== number,
  );
  const columns: Column<RankedItem>[] = [
    { head: '#', cell: (item) => String(item.rank), align: 'right' },
    { head: kind === 'item' ? 'name' : kind, cell: (item) => item.name, atLeast: 12 },
    ...[...wellKnown, ...others]
      .filter((key) => items.some((item) => textOf(item, key) !== ''))
      // Links are for programs, which have --json: beside names they only push other columns off the screen.
      .filter((key) => !items.some((item) => /^https?:\/\//.test(textOf(item, key))))
      .map((key): Column<RankedItem> => ({
        head: safeText(key),
        cell: (item) => textOf(item, key),
        ...(key === 'released' ? {} : key === 'tracks' ? { align: 'right' } : { atLeast: 10 }),
        optional: key !== 'artist',
        expendable: key === 'artist',
      })),
    {
      head: number,
      cell: (item) => (areCounts ? count : score)(valueOf(item)),
      align: 'right',
      bar: (item) => (most > 0 ? valueOf(item) / most : 0),
    },
    // An artist is its own id.
    ...(kind !== 'item' && items.every(({ id, name }) => id === name)
      ? []
      : // A list of items is where ids are looked up: those that take little room stay.
        [
          {
            head: 'id',
            cell: (item: RankedItem) => item.id,
            optional: number !== 'events' || items.some(({ id }) => id.length > longestKeptId),
          },
        ]),
  ];
  return drawTable(items, columns, screen, below);
}

/** `name – artist`, for a headline. Not safe to show yet. */
export function itemTitle(item: ItemRecord): string {
  const artist = textOf(item, 'artist');
  return artist === '' ? item.name : `${item.name} – ${artist}`;
}

function textOf(item: ItemRecord, key: string): string {
  const value = Object.hasOwn(item, key) ? item[key] : undefined;
  return value === undefined ? '' : String(value);
}
