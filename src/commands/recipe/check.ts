import { requiredArg } from '../../cli/flags/args.js';
import { BaseCommand } from '../../cli/base-command.js';
import { flagsNamed } from '../../cli/flags/flags.js';
import { optionsOf } from '../../cli/flags/options-of.js';
import { drawCheckedRecipe } from '../../cli/views/recipe-check.js';
import type { CheckRecipeResult } from '../../core/tasks/recipe/check.js';

export type { CheckRecipeResult };

export default class RecipeCheck extends BaseCommand {
  static override summary = 'Explain a recipe, and check it';
  static override description =
    'What each part of it does, and which columns of the items it reads. Where the root has a snapshot, also ' +
    'which of them it lacks, and what an answer does without. A recipe that is wrong ends with exit code 2, ' +
    'and every mistake.';
  static override examples = [
    { description: 'One that comes with segue', command: 'segue recipe check discover' },
    { description: 'The same for scripts', command: 'segue recipe check discover --json' },
  ];
  static override args = {
    recipe: requiredArg('recipe to check: a name of recommend --list-recipes, or a file'),
  };
  static override flags = flagsNamed('snapshot');

  async run(): Promise<CheckRecipeResult> {
    const { args, flags } = await this.parse(RecipeCheck);
    const { checkRecipe } = await import('../../core/tasks/recipe/check.js');
    const options = { ...optionsOf(flags, RecipeCheck.flags), recipe: args.recipe };
    return this.answer(await this.perform((context) => checkRecipe(options, context)), drawCheckedRecipe);
  }
}
