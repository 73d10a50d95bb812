import { requiredArg } from '../../cli/flags/args.js';
import { commandOf } from '../../cli/base-command.js';
import { drawRecipe } from '../../cli/views/recipes.js';
import { resolveRecipe as operation } from '../../core/options/operations.js';
import type { ResolvedRecipe } from '../../core/tasks/recipe/show.js';

export default class RecipeShow extends commandOf([operation], {
  recipe: requiredArg('recipe to show: a name from recipe list, or a file'),
}) {
  static override summary = 'Show a recipe with every default, as YAML that can be saved';
  static override description =
    'Reads and checks the recipe, and answers nothing: no snapshot is needed. To change a built-in recipe, ' +
    'save what is printed in segue-recipes/ beside the root, and edit it there.';
  static override examples = [
    { description: 'A built-in recipe', command: 'segue recipe show discover' },
    { description: 'The same, for a script', command: 'segue recipe show discover --json' },
  ];

  async run(): Promise<ResolvedRecipe> {
    const { resolveRecipe } = await import('../../core/tasks/recipe/show.js');
    return this.show(resolveRecipe, drawRecipe);
  }
}
