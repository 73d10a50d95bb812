import type { ComponentChild } from 'preact';
import { RecommendationSection } from '../listener/recommendation-section.js';
import type { Place } from '../place/place.js';
import { usePlaceName } from '../place/page-context.js';

/** Someone of whom nothing is known but what they like: a cold start. */
export function NewcomerView({
  place,
}: {
  readonly place: Extract<Place, { readonly view: 'newcomer' }>;
}): ComponentChild {
  usePlaceName('Someone new');
  return (
    <>
      <header class="subject">
        <h1 tabIndex={-1}>Someone new</h1>
        <p class="quiet">No history is known: what they like makes their vector.</p>
      </header>
      <RecommendationSection place={place} user={null} />
    </>
  );
}
