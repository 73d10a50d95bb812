/** An item's record, as the catalogue stores it: JSON text of id, name and metadata, empty cells left out. */
import type { ItemColumn, ItemRecord, StringColumn } from '../contracts.js';
import { quotedName } from '../shell-word.js';

/** Items by row, as model/item.arrow has them. */
export interface CatalogueItems {
  readonly ids: StringColumn;
  /** Metadata by row, ids.length values each. A column `name` names the items; where it is empty, the id does. */
  readonly columns: readonly ItemColumn[];
}

/** Columns that stand first in a record whatever their place in the table. */
const leading: readonly string[] = ['id', 'name'];

/** What items are called, and their records, by row. */
export interface ItemTexts {
  id(row: number): string;
  name(row: number): string;
  artist(row: number): string;
  record(row: number): string;
}

/** Items whose metadata is read cell by cell; null is an empty cell. */
export interface ItemCells {
  readonly ids: StringColumn;
  readonly cells: readonly { readonly name: string; at(row: number): string | number | null }[];
}

/** @throws RangeError for a column of another length */
export function cellsOfItems({ ids, columns }: CatalogueItems): ItemCells {
  const cells = columns.map(({ name, values }) => {
    if (values.length !== ids.length)
      throw new RangeError(`column ${name} has ${values.length} values for ${ids.length} items`);
    return { name, at: (row: number) => values[row] ?? null };
  });
  return { ids, cells };
}

export function itemTexts({ ids, cells }: ItemCells): ItemTexts {
  const textsOf = (name: string): ((row: number) => string) => {
    const column = cells.find((each) => each.name === name);
    return (row) => String(column?.at(row) ?? '');
  };
  const [names, artist] = [textsOf('name'), textsOf('artist')];
  const others = cells
    .filter((column) => !leading.includes(column.name))
    .map(({ name, at }) => ({ label: `,${JSON.stringify(name)}:`, at }));
  const nameOf = (row: number): string => names(row) || ids.at(row);
  return {
    id: (row) => ids.at(row),
    name: nameOf,
    artist,
    record(row) {
      let text = `{"id":${JSON.stringify(ids.at(row))},"name":${JSON.stringify(nameOf(row))}`;
      for (const { label, at } of others) {
        const value = at(row);
        if (value !== null) text += label + JSON.stringify(value);
      }
      return `${text}}`;
    },
  };
}

/**
 * The record of stored text, or undefined for text that is none. `__proto__` is a key as any other; `rank` is none, since
 * an answer's own would be hidden by it.
 */
export function parseRecord(text: string): ItemRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  Reflect.deleteProperty(value, 'rank');
  return value;
}

function isRecord(value: unknown): value is ItemRecord {
  if (typeof value !== 'object' || value === null || !('id' in value) || !('name' in value)) return false;
  return typeof value.id === 'string' && typeof value.name === 'string';
}

/** An item as a sentence names it: "Come As You Are" by Nirvana. */
export function itemLabel(item: ItemRecord): string {
  const artist = item['artist'];
  return artist === undefined ? quotedName(item.name) : `${quotedName(item.name)} by ${artist}`;
}
