/** What the API answers, by the names that the page has for it. */
import type { Answer, RecipeAnswer, Recommendations as Scored } from '../../client/client.js';

export type Kind = 'item' | 'artist' | 'album';

/** An item, artist or album; its other columns are the catalogue's. */
export type Entity = Pick<Answer<'item'>['item'], 'id' | 'name'> & Readonly<Record<string, unknown>>;
export type MapItem = Answer<'mapItems'>['items'][number];
export type SnapshotList = Answer<'snapshots'>;
type ByModel = Scored['recommendations'][number];
type ByRecipe = RecipeAnswer['recommendations'][number];

/** By the model or by a recipe. */
export interface Recommendation extends Entity {
  readonly rank: number;
  readonly score: number;
  readonly row?: ByRecipe['row'];
  readonly because?: ByModel['because'];
  readonly rest?: ByModel['rest'];
  readonly knownBy?: ByModel['knownBy'];
  readonly ingredients?: ByRecipe['ingredients'];
}

export interface Recommendations extends Pick<Scored, 'snapshot' | 'user' | 'fallback'> {
  readonly recommendations: readonly Recommendation[];
  readonly rows?: RecipeAnswer['rows'];
}
