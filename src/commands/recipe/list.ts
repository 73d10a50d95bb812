import { commandOf, examples } from '../../cli/base-command.js';
import { drawRecipeList } from '../../cli/views/recipes.js';
import { listRecipes as operation } from '../../core/options/operations.js';

export default class ListRecipes extends commandOf([operation]) {
  static override summary = 'List the recipes that have a name: built-in ones and your own';
  static override description =
    'A recipe is named by its file in segue-recipes/ beside the root, else it is a built-in one. One that ' +
    'cannot be read is listed with what is wrong. No snapshot is needed.';
  static override examples = examples({
    'What there is': 'segue recipe list',
    'The same, for a script': 'segue recipe list --json',
  });

  run = this.shows(async () => (await import('../../core/tasks/recipe/list.js')).listRecipes, drawRecipeList);
}
