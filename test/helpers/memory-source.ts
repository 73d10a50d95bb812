import type { BrowserItem, Neighbour, NeighbourSource } from '#dist/core/library.js';

type Item = BrowserItem['item'];

export const songs: readonly Item[] = [
  { id: 'teen-spirit', name: 'Smells Like Teen Spirit', artist: 'Nirvana', released: 1991 },
  { id: 'come-as-you-are', name: 'Come As You Are', artist: 'Nirvana', released: 1991 },
  { id: 'plush', name: 'Plush', artist: 'Stone Temple Pilots', released: 1993 },
  { id: 'interstate', name: 'Interstate Love Song', artist: 'Stone Temple Pilots', released: 1994 },
  { id: 'even-flow', name: 'Even Flow', artist: 'Pearl Jam', released: 1991 },
  { id: 'kryptonite', name: 'Kryptonite', artist: '3 Doors Down', released: 2000 },
];

/** `count` more items, so that lists are longer than any screen. */
export function manySongs(count: number): readonly Item[] {
  return Array.from({ length: count }, (_, index) => ({ id: `song-${index}`, name: `Song ${index}` }));
}

/**
 * A source over `items`: a search finds what contains the text, and an item's neighbours are those after it in the list,
 * round to its start, each a little less similar.
 */
export function memorySource(items: readonly Item[] = songs, snapshot = '0123456789abcdef'): NeighbourSource {
  const all: readonly BrowserItem[] = items.map((item, row) => ({ row, item }));
  return {
    snapshot,
    item: (id) => all.find(({ item }) => item.id === id),
    search(text: string, limit: number): readonly BrowserItem[] {
      const wanted = text.trim().toLowerCase();
      return all.filter(({ item }) => item.name.toLowerCase().includes(wanted)).slice(0, limit);
    },
    neighbours(row: number, k: number): readonly Neighbour[] {
      const others = [...all.slice(row + 1), ...all.slice(0, row)].slice(0, k);
      return others.map((other, index) => ({ ...other, similarity: 0.95 - index * 0.05 }));
    },
    close(): void {},
  };
}
