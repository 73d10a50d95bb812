import { commandOf } from '../../cli/base-command.js';
import { drawRecipeList } from '../../cli/views/recipes.js';
import { listRecipes as operation } from '../../core/options/operations.js';
import type { RecipeList } from '../../core/tasks/recipe/list.js';

export default class ListRecipes extends commandOf([operation]) {
  static override summary = 'List the recipes that have a name: built-in ones and your own';
  static override description =
    'A recipe is named by its file in segue-recipes/ beside the root, else it is a built-in one. One that ' +
    'cannot be read is listed with what is wrong. No snapshot is needed.';
  static override examples = [
    { description: 'What there is', command: 'segue recipe list' },
    { description: 'The same, for a script', command: 'segue recipe list --json' },
  ];

  async run(): Promise<RecipeList> {
    const { listRecipes } = await import('../../core/tasks/recipe/list.js');
    return this.show(listRecipes, drawRecipeList);
  }
}
