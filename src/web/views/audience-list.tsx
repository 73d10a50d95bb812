import type { ComponentChild } from 'preact';
import { useState } from 'preact/hooks';
import type { Kind } from '../api/answers.js';
import { query, referenceTo } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { RankedList } from '../lists/ranked-list.js';
import { Loading } from '../parts/loading.js';
import { plural } from '../parts/numbers.js';
import { ProblemNote } from '../parts/problem-note.js';
import { elsewhere, hrefOf, listenerView } from '../place/place.js';
import { useKinds, usePage } from '../place/page-context.js';

/** The listeners whom it suits best and who do not have it yet: asked for when it is opened. */
export function AudienceList({ kind, id }: { readonly kind: Kind; readonly id: string }): ComponentChild {
  const { place } = usePage();
  const kinds = useKinds();
  const [isOpen, setOpen] = useState(false);
  const { value, problem, retry } = useAnswer(
    isOpen
      ? query('audience', { item: referenceTo(kind, id), k: place.k, snapshot: place.snapshot })
      : undefined,
    id,
  );
  if (!kinds.has('listener')) return null;
  const [best, few] = [value?.listeners[0]?.score ?? 1, value?.tooFewEvents];
  const rows = value?.listeners.map((each) => ({
    id: each.id,
    name: each.id,
    rank: each.rank,
    score: each.score,
    share: each.score / best,
    href: hrefOf(elsewhere(place, listenerView(each.id))),
  }));
  return (
    <details class="more" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        <h2>Listeners whom it suits</h2>
      </summary>
      {problem !== undefined && <ProblemNote problem={problem} retry={retry} />}
      {isOpen && problem === undefined && rows === undefined && <Loading rows={5} />}
      {rows !== undefined && (
        <>
          <p class="quiet">
            Without the {plural(value?.leftOut ?? 0, 'listener')} who have it already
            {few && `, and ${few.leftOut} of fewer than ${few.minEvents} plays`}.
          </p>
          <RankedList label="listeners whom it suits" rows={rows} scoreName="score" />
        </>
      )}
    </details>
  );
}
