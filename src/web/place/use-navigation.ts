/** The page's places in the browser's history: an entry a place, with the walk that led to it. */
import { useCallback, useEffect } from 'preact/hooks';
import { hrefOf, placeOf, type Place } from './place.js';
import type { PageEvent, PageState } from './page-state.js';
import { followed, type Step } from './trail.js';

/** What stands in an entry of the history. */
interface Entry {
  readonly trail: readonly Step[];
  /** Id of the element that had the focus when the place was left. */
  readonly focus: string | undefined;
}

/** Of what the browser has for the page: it may be another page's, or none. */
export function entryOf(state: unknown): Entry {
  const isOurs =
    typeof state === 'object' && state !== null && 'trail' in state && Array.isArray(state.trail);
  return isOurs ? (state as Entry) : { trail: [], focus: undefined };
}

export function useNavigation(
  state: PageState,
  dispatch: (event: PageEvent) => void,
): (place: Place) => void {
  const { place, trail, name } = state;
  const go = useCallback(
    (to: Place): void => {
      const href = hrefOf(place);
      if (hrefOf(to) === href) return;
      const left: Entry = { trail, focus: document.activeElement?.id };
      window.history.replaceState(left, '');
      const next = followed(trail, place, { href, name: name ?? href }, to);
      const entry: Entry = { trail: next, focus: undefined };
      window.history.pushState(entry, '', hrefOf(to));
      dispatch({ type: 'went', place: to, trail: next });
    },
    [place, trail, name, dispatch],
  );

  useEffect(() => {
    const arrived = (): void =>
      dispatch({
        type: 'went',
        place: placeOf(window.location.hash),
        trail: entryOf(window.history.state).trail,
      });
    window.addEventListener('popstate', arrived);
    return () => window.removeEventListener('popstate', arrived);
  }, [dispatch]);

  useEffect(() => {
    const clicked = (event: MouseEvent): void => {
      const isPlain =
        event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
      const link = event.target instanceof Element ? event.target.closest('a') : null;
      const href = link?.getAttribute('href');
      if (!isPlain || event.defaultPrevented || href?.startsWith('#/') !== true) return;
      event.preventDefault();
      go(placeOf(href));
    };
    document.addEventListener('click', clicked);
    return () => document.removeEventListener('click', clicked);
  }, [go]);

  return go;
}
