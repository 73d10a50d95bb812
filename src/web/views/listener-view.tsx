import type { ComponentChild } from 'preact';
import { query } from '../api/queries.js';
import { useAnswer } from '../api/use-answer.js';
import { ListenerFactsList } from '../listener/listener-facts.js';
import { RecommendationSection } from '../listener/recommendation-section.js';
import { Loading } from '../parts/loading.js';
import { Name } from '../parts/name.js';
import { ProblemNote } from '../parts/problem-note.js';
import { subjectOf, type Place } from '../place/place.js';
import { usePlaceName } from '../place/page-context.js';

/** A listener: what is recommended and why, what may be tried on that, and what is known. */
export function ListenerView({
  place,
}: {
  readonly place: Extract<Place, { readonly view: 'listener' }>;
}): ComponentChild {
  const { user, snapshot } = place;
  const facts = useAnswer(query('listener', { user, snapshot }), subjectOf(place));
  usePlaceName(user);
  return (
    <>
      <header class="subject">
        <p class="kind">Listener</p>
        <h1 tabIndex={-1}>
          <Name text={user} isWhole />
        </h1>
      </header>
      {facts.problem !== undefined && <ProblemNote problem={facts.problem} retry={facts.retry} />}
      {facts.problem === undefined && (
        <div class="columns">
          <RecommendationSection place={place} user={user} />
          <section aria-labelledby="known">
            <div class="bar-of-fields">
              <h2 id="known">What is known</h2>
            </div>
            {facts.value === undefined ? <Loading rows={10} /> : <ListenerFactsList facts={facts.value} />}
          </section>
        </div>
      )}
    </>
  );
}
