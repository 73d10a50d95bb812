/** What suits users: `segue recommend`. */
export { recommend } from '../query/recommend.js';
export type { Recommendation, RecommendOptions, RecommendResult } from '../query/recommend.js';
export { fromRecipes } from '../query/recipes/recommend-by-recipe.js';
export type { FromRecipes } from '../query/recipes/recommend-by-recipe.js';
