/** What the API answers: the types of the client, by the names that the page has for them. */
import type {
  Answer,
  MapProgress as Progress,
  ProblemDocument,
  RecipeAnswer,
  Recommendations as Scored,
} from '../../client/client.js';

export type Kind = 'item' | 'artist' | 'album';

export type EntityFacts = Answer<'item'>;
/** An item, artist or album; its other columns are the catalogue's. */
export type Entity = Pick<EntityFacts['item'], 'id' | 'name'> & Readonly<Record<string, unknown>>;
export type ItemList = Answer<'items'>;
export type Neighbours = Answer<'similar'>;
export type MapProgress = Progress;
export type MapItems = Answer<'mapItems'>;
export type MapItem = MapItems['items'][number];
export type Audience = Answer<'audience'>;
type ByModel = Scored['recommendations'][number];
type ByRecipe = RecipeAnswer['recommendations'][number];
export type Reason = NonNullable<ByModel['because']>[number];
/** A step of a recipe that brought an item where it is. */
export type Ingredient = NonNullable<ByRecipe['ingredients']>[number];

/** By the model or by a recipe. */
export interface Recommendation extends Entity {
  readonly rank: number;
  readonly score: number;
  readonly row?: ByRecipe['row'];
  readonly because?: readonly Reason[];
  readonly rest?: ByModel['rest'];
  readonly ingredients?: readonly Ingredient[];
}

export interface Recommendations extends Pick<Scored, 'snapshot' | 'user' | 'fallback'> {
  readonly recommendations: readonly Recommendation[];
  readonly rows?: RecipeAnswer['rows'];
}

export type ListenerFacts = Answer<'listener'>;
export type ListenerList = Answer<'listeners'>;
export type Served = Answer<'served'>;
export type RecipeList = Answer<'recipes'>;
export type SnapshotList = Answer<'snapshots'>;
export type SnapshotRow = SnapshotList['snapshots'][number];
/** RFC 9457, as the API makes it; and what the page says itself where nothing answers. */
export type Problem = ProblemDocument;
