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

export function itemTexts({ ids, columns }: CatalogueItems): ItemTexts {
  for (const { name, values } of columns) {
    if (values.length !== ids.length) {
      throw new RangeError(`column ${name} has ${values.length} values for ${ids.length} items`);
    }
  }
  const names = columns.find((column) => column.name === 'name');
  const artists = columns.find((column) => column.name === 'artist');
  const others = columns
    .filter((column) => !leading.includes(column.name))
    .map(({ name, values }) => ({ label: `,${JSON.stringify(name)}:`, values }));

  const nameOf = (row: number): string => {
    const name = String(names?.values[row] ?? '');
    return name === '' ? ids.at(row) : name;
  };
  return {
    id: (row) => ids.at(row),
    name: nameOf,
    artist: (row) => String(artists?.values[row] ?? ''),
    record(row) {
      let text = `{"id":${JSON.stringify(ids.at(row))},"name":${JSON.stringify(nameOf(row))}`;
      for (const { label, values } of others) {
        const value = values[row] ?? null;
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
