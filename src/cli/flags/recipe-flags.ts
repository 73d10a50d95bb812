/** The flags of answers that recipes make, and the options of the task. */
import { AppError } from '../../core/errors.js';
import { optionValues } from '../../core/options/values.js';
import { inGroup, text, texts, wholeNumber, withEnvironment } from './flag-kinds.js';
import { flagsNamed } from './flags.js';

const ownFlags = withEnvironment({
  recipe: text({
    description: 'recommend by a recipe: a name from recipe list, or a file (docs/recipes.md)',
    helpValue: 'NAME|FILE',
    helpGroup: 'RECIPE',
  }),
  'seed-item': texts({
    description: 'item that a recipe such as radio starts from (repeatable)',
    helpValue: 'ITEM',
    helpGroup: 'RECIPE',
    dependsOn: ['recipe'],
  }),
  page: wholeNumber({
    description: 'which page of -k items: none has an item of another',
    helpGroup: 'RECIPE',
    dependsOn: ['recipe'],
    ...optionValues.page,
  }),
  shown: texts({
    description: 'item that was shown before, and counts what the recipe says (repeatable)',
    helpValue: 'ITEM',
    helpGroup: 'RECIPE',
    dependsOn: ['recipe'],
  }),
});

/** @param more of where it has a default */
export function fallbackFlag(more: { readonly default?: string } = {}): {
  fallback: ReturnType<typeof text>;
} {
  return inGroup(
    'RECIPE',
    withEnvironment({
      fallback: text({
        description: 'recipe that answers for a user whom nobody knows, or who was forgotten',
        helpValue: 'NAME|FILE',
        ...more,
      }),
    }),
  );
}

/** Answers that are made as a recipe says (docs/recipes.md). */
export const recipeFlags = { ...ownFlags, ...inGroup('RECIPE', flagsNamed('as-of')) };

/** The same as the options of the task, `k` being the recipe's where --k is not given; undefined where no recipe is meant. */
export function recipeOptions(
  flags: Readonly<{
    recipe: string | undefined;
    'seed-item': string[] | undefined;
    page: number | undefined;
    shown: string[] | undefined;
    'as-of': string | undefined;
    k: number;
    kind: string;
    vector: string | undefined;
    'max-per-artist': number | undefined;
  }>,
  metadata: {
    readonly flags: Readonly<Record<string, { readonly setFromDefault?: boolean | undefined } | undefined>>;
  },
):
  | {
      readonly recipe: string | undefined;
      readonly seedItems: readonly string[];
      readonly page: number | undefined;
      readonly shown: readonly string[];
      readonly asOf: string | undefined;
      readonly k: number | undefined;
    }
  | undefined {
  const { recipe, 'as-of': asOf } = flags;
  if (recipe === undefined && asOf === undefined) return undefined;
  const other =
    flags.kind === 'item'
      ? (['vector', 'max-per-artist'] as const).find((name) => flags[name] !== undefined)
      : 'kind';
  if (other !== undefined) {
    throw new AppError('bad-usage', `--${other} cannot be given with a recipe, which sets it itself`, {
      suggestions: [`leave out --${other}, or the recipe`],
    });
  }
  const k = metadata.flags['k']?.setFromDefault === true ? undefined : flags.k;
  const { page, shown = [] } = flags;
  return { recipe, k, seedItems: flags['seed-item'] ?? [], page, shown, asOf };
}
