import type { ComponentChild } from 'preact';
import type { Recommendation } from '../api/answers.js';
import { Name } from '../parts/name.js';
import { count, ordinal, percent, plural } from '../parts/numbers.js';
import { elsewhere, entityView, hrefOf } from '../place/place.js';
import { usePage } from '../place/page-context.js';

/** Why an item is recommended: what of the listener's history brings it here, or which steps of a recipe. */
export function ReasonLine({
  of: { because, rest, knownBy = [], ingredients },
}: {
  readonly of: Recommendation;
}): ComponentChild {
  if (ingredients !== undefined) {
    const steps = ingredients.filter((each) => each.ingredient !== 'place' || each.byScore !== each.chosen);
    return <span>{joined(steps.map((each) => <Step of={each} />))}</span>;
  }
  const parts: ComponentChild[] = (because ?? []).map(({ id, name, share, member }) => (
    <>
      <ItemLink id={id} name={name} />
      {share !== null && ` (${member === undefined ? '' : `${member} `}${percent(share)})`}
    </>
  ));
  const more = rest === undefined || rest.items === 0 ? null : ` and ${plural(rest.items, 'other')}`;
  // A new item is known by its columns: such as by its artist.
  const values = knownBy.map(({ column, value, share }) => (
    <>
      {column} <Name text={value} />
      {share !== null && ` (${percent(share)})`}
    </>
  ));
  if (parts.length === 0 && values.length === 0) return null;
  return (
    <span>
      {parts.length > 0 && <>because of {joined(parts)}</>}
      {more}
      {values.length > 0 && (
        <>
          {parts.length > 0 && '; '}new, known by {joined(values)}
        </>
      )}
    </span>
  );
}

function Step({
  of: step,
}: {
  readonly of: NonNullable<Recommendation['ingredients']>[number];
}): ComponentChild {
  switch (step.ingredient) {
    case 'source':
      return (
        <>
          {ordinal(step.rank)} {sources[step.source] ?? step.source}
          {step.near !== undefined && (
            <>
              , near <ItemLink id={step.near.id} name={step.near.name} />
            </>
          )}
        </>
      );
    case 'factor':
      return `${step.key} × ${step.factor.toFixed(2)}`;
    case 'slot':
      return step.key === 'promote'
        ? 'promoted'
        : `drawn ${ordinal(step.drawn)} of ${count(step.of)} to explore`;
    case 'place':
      return `${ordinal(step.byScore)} by score`;
  }
}

const sources: Readonly<Record<string, string>> = {
  user: 'by their taste',
  seeds: 'near the seeds',
  'similar-to-history': 'near their history',
  popular: 'by popularity',
};

function ItemLink({ id, name }: { readonly id: string; readonly name: string }): ComponentChild {
  const { place } = usePage();
  return (
    <a href={hrefOf(elsewhere(place, entityView('item', id)))}>
      <Name text={name} />
    </a>
  );
}

function joined(parts: readonly ComponentChild[]): ComponentChild[] {
  return parts.flatMap((part, at) => (at === 0 ? [part] : [', ', part]));
}
