import type { ComponentChild } from 'preact';
import { usePlaceName } from '../place/page-context.js';

/** The catalogue as a map. */
export function MapView(): ComponentChild {
  usePlaceName('Map');
  return (
    <header class="subject">
      <h1 tabIndex={-1}>Map</h1>
      <p class="quiet">There is no map of this snapshot.</p>
    </header>
  );
}
