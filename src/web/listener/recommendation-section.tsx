import type { ComponentChild } from 'preact';
import { useCallback } from 'preact/hooks';
import { query } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { Field } from '../parts/field.js';
import { usePage } from '../place/page-context.js';
import { elsewhere, entityView, hrefOf, subjectOf, type TrialPlace } from '../place/place.js';
import type { Recommendation, Recommendations } from '../api/answers.js';
import { SideBySide, type RowGroup } from '../compare/side-by-side.js';
import { EntityMeta } from '../lists/entity-meta.js';
import type { ListedRow } from '../lists/ranked-list.js';
import { LengthField } from '../parts/length-field.js';
import { OpinionButtons } from './opinion-buttons.js';
import { ReasonLine } from './reason-line.js';
import { numOpinions, recommendations } from './trial.js';
import { TrialPanel } from './trial-panel.js';

interface RecommendationSectionProps {
  readonly place: TrialPlace;
  /** null: someone new. */
  readonly user: string | null;
}

/** What is recommended, with what someone tries on it. */
export function RecommendationSection({ place, user }: RecommendationSectionProps): ComponentChild {
  const { k, trial } = place;
  const ask = useCallback(
    (snapshot: string | undefined) => recommendations(user, trial, { k, snapshot }),
    [user, trial, k],
  );
  const isTried = user !== null && numOpinions(trial) > 0;
  const askBaseline = useCallback(
    (snapshot: string | undefined) =>
      recommendations(user, { ...trial, like: [], dislike: [], ban: [] }, { k, snapshot }),
    [user, trial, k],
  );
  const groupsOf = useCallback((answer: Recommendations) => groupsIn(answer, place), [place]);
  const isAsked = user !== null || numOpinions(trial) > 0 || trial.recipe !== undefined;
  return (
    <section aria-labelledby="recommendations">
      <div class="bar-of-fields">
        <h2 id="recommendations">Recommendations</h2>
        <RecipeField place={place} />
        <LengthField />
      </div>
      <TrialPanel place={place} user={user} />
      {isAsked ? (
        <SideBySide
          subject={subjectOf(place)}
          label="recommendations"
          scoreName="score"
          kind="item"
          ask={ask}
          groupsOf={groupsOf}
          askBaseline={isTried ? askBaseline : undefined}
          nothing="There is nothing to recommend."
        />
      ) : (
        <p class="quiet">Say what they like, or choose a recipe that needs no one.</p>
      )}
    </section>
  );
}

function groupsIn({ recommendations: all, rows, fallback }: Recommendations, place: TrialPlace): RowGroup[] {
  const listed = all.map((each, at) => rowOf(each, at, place));
  const title = fallback === undefined ? undefined : 'Nothing is known of them: the most played';
  if (rows === undefined) return [{ title, rows: listed }];
  return rows.map((row, at) => ({
    title: row.title,
    rows: listed.filter((_, index) => all[index]?.row === at + 1),
  }));
}

/** Recipes that make several rows rank each on its own: here ranks go on. */
function rowOf(each: Recommendation, at: number, place: TrialPlace): ListedRow {
  return {
    id: each.id,
    name: each.name,
    rank: at + 1,
    score: each.score,
    href: hrefOf(elsewhere(place, entityView('item', each.id))),
    meta: <EntityMeta entity={each} />,
    why: <ReasonLine of={each} />,
    actions: <OpinionButtons place={place} id={each.id} name={each.name} />,
  };
}

/** By which recipe the list is made; nothing where the service has none. */
function RecipeField({ place }: { readonly place: TrialPlace }): ComponentChild {
  const { go } = usePage();
  const { trial } = place;
  const { value } = useAnswer(query('recipes', {}), 'recipes');
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
