import type { ComponentChild } from 'preact';
import { question } from '../api/questions.js';
import { useAnswer } from '../api/use-answer.js';
import { Field } from '../parts/field.js';
import { usePage } from '../place/page-context.js';
import type { TrialPlace } from '../place/place.js';

/** By which recipe the list is made; nothing where the service has none. */
export function RecipeField({ place }: { readonly place: TrialPlace }): ComponentChild {
  const { go } = usePage();
  const { trial } = place;
  const { value } = useAnswer(question('recipes', {}), 'recipes');
  const named = value?.recipes ?? [];
  const chosen = named.find(({ name }) => name === trial.recipe);
  if (named.length === 0 && trial.recipe === undefined) return null;
  const names = new Set([
    ...named.map(({ name }) => name),
    ...(trial.recipe === undefined ? [] : [trial.recipe]),
  ]);
  return (
    <>
      <Field
        label="recipe"
        value={trial.recipe ?? ''}
        options={[['', 'none: by score'], ...[...names].map((each) => [each, each] as const)]}
        onPick={(each) => go({ ...place, trial: { ...trial, recipe: each === '' ? undefined : each } })}
      />
      {chosen !== undefined && <p class="quiet about">{chosen.about}</p>}
    </>
  );
}
