/** How many items of one artist, and of one album, an answer by a recipe may hold. */
import type { Cap } from './diversify.js';
import type { Recipe } from './recipe.js';
import { albumId, plainName } from '../../snapshot/kind-rows.js';
import { textOf } from './factors.js';
import type { RecipeItems } from './items.js';

/** AppError 'missing-part', which names the key, where a column is not there. */
export function capsOf({ diversity }: Pick<Recipe, 'diversity'>, items: RecipeItems | undefined): Cap[] {
  const { maxPerArtist, maxPerAlbum } = diversity;
  const caps: Cap[] = [];
  if (items === undefined) return caps;
  if (maxPerArtist !== undefined) {
    const artist = items.column('artist', 'diversity.max-per-artist');
    caps.push({ key: 'max-per-artist', most: maxPerArtist, of: (row) => textOf(artist(row)) });
  }
  if (maxPerAlbum !== undefined)
    caps.push({ key: 'max-per-album', most: maxPerAlbum, of: albumsOf(items, 'diversity.max-per-album') });
  return caps;
}

/** By row the id of an item's album, which is its title and its artist's: two called Greatest Hits are two. */
function albumsOf(items: RecipeItems, key: string): Cap['of'] {
  const title = items.column('album', key);
  const albumArtist = items.columns.find((name) => plainName(name) === 'albumartist');
  const owners = [albumArtist, 'artist'].flatMap((name) =>
    name === undefined || !items.has(name) ? [] : [items.column(name, key)],
  );
  return (row) => {
    const album = textOf(title(row));
    if (album === undefined) return undefined;
    const owner = owners.map((of) => textOf(of(row))).find((text) => text !== undefined);
    return albumId(album, owner ?? null);
  };
}
