/** What items have in common: the artist, or the genres, that a column of their table says. */
import type { ItemColumn, ItemTable, StringColumn } from '../../contracts.js';
import { AppError } from '../../errors.js';
import { plainName } from '../../events/column-roles.js';
import { itemRows } from '../../tables/item-rows.js';

export interface ItemCategories {
  /** Of the whole table, by item. */
  readonly columns: readonly ItemColumn[];
  readonly count: number;
  /** The numbers of an item's categories, each once. */
  of(item: number): Uint32Array;
}

/**
 * An item's categories are the values of its cell, which may be a list with `|` between; a blank cell has none.
 * AppError 'bad-usage' for a column that is not there.
 * @param by name of the column; undefined: that of artists
 */
export function itemCategories(
  items: StringColumn,
  table: ItemTable | undefined,
  by: string | undefined,
): ItemCategories & { readonly by: string } {
  const { columns } = itemRows(items, new Uint32Array(items.length), table);
  const plain = by === undefined ? ['artist', 'artistid', 'artistname'] : [plainName(by)];
  const column =
    columns.find(({ name }) => name === by) ??
    plain.flatMap((wanted) => columns.filter(({ name }) => plainName(name) === wanted))[0];
  if (column === undefined) {
    const names = columns.map(({ name }) => name).join(', ');
    const wanted = `a column of the items named ${by ?? 'artist'}, by which new ones are scored`;
    throw new AppError('bad-usage', `\`split\` cold-items needs ${wanted}`, {
      suggestions: [
        names === '' ? 'give a table of items: `items` FILE' : `name one of theirs: \`by\` ${names}`,
      ],
    });
  }
  const numbers = new Map<string, number>();
  const indptr = new Uint32Array(items.length + 1);
  const category: number[] = [];
  for (let row = 0; row < items.length; row++) {
    const texts = String(column.values[row] ?? '').split('|');
    for (const text of new Set(texts.map((each) => each.trim()).filter((each) => each !== ''))) {
      const number = numbers.get(text) ?? numbers.size;
      numbers.set(text, number);
      category.push(number);
    }
    indptr[row + 1] = category.length;
  }
  const all = Uint32Array.from(category);
  return {
    by: column.name,
    columns,
    count: numbers.size,
    of: (item) => all.subarray(indptr[item], indptr[item + 1]),
  };
}
