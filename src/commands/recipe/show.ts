import { requiredArg } from '../../cli/flags/args.js';
import { commandOf, examples } from '../../cli/base-command.js';
import { drawRecipe } from '../../cli/views/recipes.js';
import { resolveRecipe as operation } from '../../core/options/operations.js';

export default class RecipeShow extends commandOf([operation], {
  recipe: requiredArg('recipe to show: a name from recipe list, or a file'),
}) {
  static override summary = 'Show a recipe with every default, as YAML that can be saved';
  static override description =
    'Reads and checks the recipe, and answers nothing: no snapshot is needed. To change a built-in recipe, ' +
    'save what is printed in segue-recipes/ beside the root, and edit it there.';
  static override examples = examples({
    'A built-in recipe': 'segue recipe show discover',
    'The same, for a script': 'segue recipe show discover --json',
  });

  run = this.shows(async () => (await import('../../core/tasks/recipe/show.js')).resolveRecipe, drawRecipe);
}
