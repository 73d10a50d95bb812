import type { ComponentChild } from 'preact';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { shortText } from './parts/name.js';
import { ServiceContext } from './api/service-context.js';
import type { Service } from './api/service.js';
import { Frame } from './frame.js';
import { HelpDialog } from './parts/help-dialog.js';
import { PageContext, type PageInUse } from './place/page-context.js';
import { reduce, startState } from './place/page-state.js';
import { placeOf, subjectOf, type Place } from './place/place.js';
import { entryOf, useNavigation } from './place/use-navigation.js';
import { useKeys } from './place/use-keys.js';

export interface PageProps {
  readonly service: Service;
  /** Whether the service keeps what listeners say. */
  readonly canKeep: boolean;
}

/** The whole page: its state, and what every part of it works with. */
export function Page({ service, canKeep }: PageProps): ComponentChild {
  const [state, dispatch] = useReducer(reduce, undefined, () =>
    startState(placeOf(window.location.hash), entryOf(window.history.state).trail),
  );
  const { place, trail, name, said, help } = state;
  const subject = subjectOf(place);
  const go = useNavigation(state, dispatch);
  const say = useCallback((text: string) => dispatch({ type: 'said', text }), []);
  const nameIt = useCallback((text: string) => dispatch({ type: 'named', subject, name: text }), [subject]);
  const onHelp = useCallback(() => dispatch({ type: 'help', open: true }), []);
  const onHelpClosed = useCallback(() => dispatch({ type: 'help', open: false }), []);
  const onBack = useCallback(() => {
    if (trail.length > 0) window.history.back();
  }, [trail]);
  useKeys({ onHelp, onBack });
  useFocus(place);
  useEffect(() => {
    document.title = name === undefined ? 'segue' : `${shortText(name)} · segue`;
  }, [name]);

  const [turn, setTurn] = useState(0);
  const refresh = useCallback(() => {
    service.forget();
    setTurn((turns) => turns + 1);
  }, [service]);
  useEffect(
    () =>
      service.watch((snapshot) => {
        say(`${snapshot} was published: it answers now`);
        refresh();
      }),
    [service, refresh, say],
  );

  const { root } = place;
  const asking = useMemo(
    () => ({ service, root, turn, refresh, canKeep }),
    [service, root, turn, refresh, canKeep],
  );
  const page = useMemo<PageInUse>(() => ({ place, go, say, name: nameIt }), [place, go, say, nameIt]);
  return (
    <ServiceContext.Provider value={asking}>
      <PageContext.Provider value={page}>
        <a class="skip" href="#main" onClick={skip}>
          Skip to the content
        </a>
        <Frame trail={trail} name={name} onHelp={onHelp} />
        <LiveRegion {...said} />
        <HelpDialog isOpen={help} onClose={onHelpClosed} />
      </PageContext.Provider>
    </ServiceContext.Provider>
  );
}

/** The address is a place: the link may not change it. */
function skip(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}

/** At another place, what had the focus when it was left has it again; at one that is new, its heading. */
function useFocus(place: Place): void {
  const subject = subjectOf(place);
  const subjectRef = useRef(subject);
  useEffect(() => {
    if (subjectRef.current === subject) return;
    subjectRef.current = subject;
    const { focus } = entryOf(window.history.state);
    const left = focus === undefined || focus === '' ? null : document.getElementById(focus);
    const element = left ?? document.querySelector<HTMLElement>('h1');
    element?.focus();
    if (left === null) window.scrollTo(0, 0);
  }, [subject]);
}

/** What a screen reader says without the focus moving. A text that comes twice is put into the other of two places. */
function LiveRegion({ text, turn }: { readonly text: string; readonly turn: number }): ComponentChild {
  return (
    <div class="unseen" role="status" aria-live="polite">
      <p>{turn % 2 === 0 ? text : ''}</p>
      <p>{turn % 2 === 0 ? '' : text}</p>
    </div>
  );
}
