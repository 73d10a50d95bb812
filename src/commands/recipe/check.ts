import { requiredArg } from '../../cli/flags/args.js';
import { commandOf, examples } from '../../cli/base-command.js';
import { drawCheckedRecipe } from '../../cli/views/recipe-check.js';
import { checkRecipe as operation } from '../../core/options/operations.js';

export default class RecipeCheck extends commandOf([operation], {
  recipe: requiredArg('recipe to check: a name from recipe list, or a file'),
}) {
  static override summary = 'Explain a recipe and check it for mistakes';
  static override description =
    'Explains what each part of the recipe does, and which columns of the items it reads. If the root has a ' +
    'snapshot, also lists the columns that it lacks, and which parts are left out for that reason. A recipe ' +
    'with mistakes is exit code 2, and all of them are listed.';
  static override examples = examples({
    'A built-in recipe': 'segue recipe check discover',
    'The same, for a script': 'segue recipe check discover --json',
  });

  run = this.shows(
    async () => (await import('../../core/tasks/recipe/check.js')).checkRecipe,
    drawCheckedRecipe,
  );
}
