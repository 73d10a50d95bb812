import type { ComponentChild } from 'preact';
import { elsewhere, hrefOf } from '../place/place.js';
import { usePage, usePlaceName } from '../place/page-context.js';

/** An address that leads to nothing. */
export function NowhereView(): ComponentChild {
  const { place } = usePage();
  usePlaceName('Nothing here');
  return (
    <header class="subject">
      <h1 tabIndex={-1}>Nothing here</h1>
      <p>
        The address leads to no page.{' '}
        <a href={hrefOf(elsewhere(place, { view: 'catalogue', kind: 'item' }))}>The catalogue</a> is a place
        to begin.
      </p>
    </header>
  );
}
