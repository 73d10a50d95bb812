import { expect, test } from 'vitest';
import { capsOf } from '#dist/core/query/recipes/caps.js';
import type { RecipeItems } from '#dist/core/query/recipes/items.js';

type Cells = readonly (string | undefined)[];

function catalogue(table: Readonly<Record<string, Cells>>): RecipeItems {
  return {
    counts: new Uint32Array(0),
    columns: Object.keys(table),
    has: (name) => name in table,
    column: (name) => (row) => table[name]?.[row],
  };
}

function albums(table: Readonly<Record<string, Cells>>): (string | undefined)[] {
  const diversity = { mmr: undefined, maxPerArtist: undefined, maxPerAlbum: 1 };
  const [cap] = capsOf({ diversity }, catalogue(table));
  expect(cap).toMatchObject({ key: 'max-per-album', most: 1 });
  return table['album']!.map((_, row) => cap!.of(row));
}

test('two albums of one title by two artists are two, as they are to --kind album', () => {
  expect(
    albums({
      album: ['Greatest Hits', 'Greatest Hits', 'Greatest Hits', undefined, 'Greatest Hits'],
      artist: ['Queen', 'Eagles', 'Queen', 'Queen', undefined],
    }),
  ).toEqual([
    'Queen / Greatest Hits',
    'Eagles / Greatest Hits',
    'Queen / Greatest Hits',
    undefined,
    'Greatest Hits',
  ]);
});

test('a compilation is one album where its artist is said, and a title alone is one where no artist is', () => {
  const album = ['Now', 'Now', 'Now'];
  const artist = ['Queen', 'Eagles', 'Kiss'];
  expect(albums({ album, artist, 'Album Artist': ['Various', 'Various', undefined] })).toEqual([
    'Various / Now',
    'Various / Now',
    'Kiss / Now',
  ]);
  expect(albums({ album })).toEqual(album);
});
