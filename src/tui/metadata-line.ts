import type { ItemRecord } from '../core/contracts.js';
import { metadataOf } from './item-columns.js';

/**
 * What the catalogue says about an item beside its name: `Nirvana · 1991 · id come-as-you-are · album Nevermind`.
 * Artist and date speak for themselves. Not yet safe to show.
 */
export function metadataLine(item: ItemRecord): string {
  const plain = ['artist', 'released'].map((column) => metadataOf(item, column));
  const named = Object.keys(item)
    .filter((column) => !['id', 'name', 'artist', 'released'].includes(column))
    .map((column) => [column, metadataOf(item, column)] as const)
    .filter(([, value]) => value !== '')
    .map(([column, value]) => `${column} ${value}`);
  const id = item.id === item.name ? '' : `id ${item.id}`;
  return [...plain, id, ...named].filter((part) => part !== '').join(' · ');
}
