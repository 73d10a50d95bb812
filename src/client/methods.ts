/* Made by scripts/make-openapi.mjs from the routes of the service. */
import type { Answer, Asked, ByModel, ByRecipe, RecipeAnswer, Recommendations } from './asking.js';
import type { CallOptions } from './sending.js';

export interface Methods {
  /** The listeners whom an item, artist or album suits best. */
  audience(asked: Asked<'audience'>, call?: CallOptions): Promise<Answer<'audience'>>;
  /** The listeners whom an item, artist or album suits best: many questions of one snapshot. */
  audienceMany(asked: Asked<'audienceMany'>, call?: CallOptions): Promise<Answer<'audienceMany'>>;
  /** Keep events as they arrive, by ids of items: what is no event is answered with the reason. Durable, and in force, when it resolves. Entries without an id get one before the first try: one that is sent twice counts once. */
  events(asked: Asked<'events'>, call?: CallOptions): Promise<Answer<'events'>>;
  /** Keep what listeners did or said of items by id or name: all of it, or nothing. Durable, and in force, when it resolves. Entries without an id get one before the first try: one that is sent twice counts once. */
  feedback(asked: Asked<'feedback'>, call?: CallOptions): Promise<Answer<'feedback'>>;
  /** Forget a user: nothing they did counts, and its entries are deleted. */
  forgetUser(asked: Asked<'forgetUser'>, call?: CallOptions): Promise<Answer<'forgetUser'>>;
  /** Whether the process answers. */
  health(call?: CallOptions): Promise<Answer<'health'>>;
  /** Hide an item from every list, whoever asks. */
  hideItem(asked: Asked<'hideItem'>, call?: CallOptions): Promise<Answer<'hideItem'>>;
  /** What is known of an item, artist or album, by id or name. */
  item(asked: Asked<'item'>, call?: CallOptions): Promise<Answer<'item'>>;
  /** What is known of an item, artist or album, by id or name: many questions of one snapshot. */
  itemMany(asked: Asked<'itemMany'>, call?: CallOptions): Promise<Answer<'itemMany'>>;
  /** The most played items, or those that match words as they are typed. */
  items(asked?: Asked<'items'>, call?: CallOptions): Promise<Answer<'items'>>;
  /** What is known of a listener. */
  listener(asked: Asked<'listener'>, call?: CallOptions): Promise<Answer<'listener'>>;
  /** What is known of a listener: many questions of one snapshot. */
  listenerMany(asked: Asked<'listenerMany'>, call?: CallOptions): Promise<Answer<'listenerMany'>>;
  /** The vector of a listener. */
  listenerVector(asked: Asked<'listenerVector'>, call?: CallOptions): Promise<Answer<'listenerVector'>>;
  /** The listeners with the most events, or those whose ids begin with a prefix. */
  listeners(asked?: Asked<'listeners'>, call?: CallOptions): Promise<Answer<'listeners'>>;
  /** The map of the items: docs/reference/map.md has its bytes. Where that is still being made, how far it is: ask again then. */
  map(asked?: Asked<'map'>, call?: CallOptions): Promise<Answer<'map'>>;
  /** The items at rows of the map, and the rows of items. */
  mapItems(asked?: Asked<'mapItems'>, call?: CallOptions): Promise<Answer<'mapItems'>>;
  /** Whether questions are answered. */
  ready(call?: CallOptions): Promise<Answer<'ready'>>;
  /** The recipes that can be asked for by name. */
  recipes(call?: CallOptions): Promise<Answer<'recipes'>>;
  /** What someone new might like, by what they like and dislike, or what a recipe gives everyone. */
  recommend(asked: ByModel<'recommend'>, call?: CallOptions): Promise<Recommendations>;
  /** What someone new might like, by what they like and dislike, or what a recipe gives everyone. */
  recommend(asked: ByRecipe<'recommend'>, call?: CallOptions): Promise<RecipeAnswer>;
  /** What someone new might like, by what they like and dislike, or what a recipe gives everyone. */
  recommend(asked?: Asked<'recommend'>, call?: CallOptions): Promise<Answer<'recommend'>>;
  /** What someone new might like, by what they like and dislike, or what a recipe gives everyone: many questions of one snapshot. */
  recommendMany(asked: Asked<'recommendMany'>, call?: CallOptions): Promise<Answer<'recommendMany'>>;
  /** What a user might like next, by the model or by a recipe. */
  recommendToUser(asked: ByModel<'recommendToUser'>, call?: CallOptions): Promise<Recommendations>;
  /** What a user might like next, by the model or by a recipe. */
  recommendToUser(asked: ByRecipe<'recommendToUser'>, call?: CallOptions): Promise<RecipeAnswer>;
  /** What a user might like next, by the model or by a recipe. */
  recommendToUser(asked: Asked<'recommendToUser'>, call?: CallOptions): Promise<Answer<'recommendToUser'>>;
  /** What is served: the version, and each root. */
  served(call?: CallOptions): Promise<Answer<'served'>>;
  /** The items nearest to an item, artist or album, or to several together. */
  similar(asked?: Asked<'similar'>, call?: CallOptions): Promise<Answer<'similar'>>;
  /** The items nearest to an item, artist or album, or to several together: many questions of one snapshot. */
  similarMany(asked: Asked<'similarMany'>, call?: CallOptions): Promise<Answer<'similarMany'>>;
  /** The snapshots that there are. */
  snapshots(call?: CallOptions): Promise<Answer<'snapshots'>>;
  /** Take an entry back, by its id. */
  undoFeedback(asked: Asked<'undoFeedback'>, call?: CallOptions): Promise<Answer<'undoFeedback'>>;
  /** Show a hidden item again. */
  unhideItem(asked: Asked<'unhideItem'>, call?: CallOptions): Promise<Answer<'unhideItem'>>;
}
