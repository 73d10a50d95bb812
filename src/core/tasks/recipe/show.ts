/** `segue recipe show`: what a recipe says in full. */
export { resolveRecipe, type ResolvedRecipe } from '../../query/recipes/list-recipes.js';
