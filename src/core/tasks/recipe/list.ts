/** `segue recipe list`: which recipes have a name. */
export { listRecipes, type RecipeList } from '../../query/recipes/list-recipes.js';
