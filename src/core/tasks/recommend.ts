/** Recommendations for users: `segue recommend`. */
export { recommend } from '../query/recommend.js';
export type { Recommendation, RecommendOptions, RecommendResult } from '../query/recommend.js';
export type { Explanation, Reason } from '../query/explain-recommendations.js';
export type { WhyNot } from '../query/why-not.js';
export { fromRecipes } from '../query/recipes/recommend-by-recipe.js';
export type { FromRecipes, RecipeItem, RecipeResult } from '../query/recipes/recommend-by-recipe.js';
export type { Ingredient, NamedItem, PassedOverItem } from '../query/recipes/ingredients.js';
export type { RecipeList } from '../query/recipes/list-recipes.js';
