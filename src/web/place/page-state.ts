/** What the page knows apart from answers, as a pure function: (state, event) → state. */
import { subjectOf, type Place } from './place.js';
import type { Step } from './trail.js';

export interface PageState {
  readonly place: Place;
  readonly trail: readonly Step[];
  /** What the place is called, once an answer has said it. */
  readonly name: string | undefined;
  /** What a screen reader is to say next; `turn` tells two that are the same apart. */
  readonly said: { readonly text: string; readonly turn: number };
  readonly help: boolean;
}

export type PageEvent =
  | { readonly type: 'went'; readonly place: Place; readonly trail: readonly Step[] }
  | { readonly type: 'named'; readonly subject: string; readonly name: string }
  | { readonly type: 'said'; readonly text: string }
  | { readonly type: 'help'; readonly open: boolean };

export function startState(place: Place, trail: readonly Step[]): PageState {
  return { place, trail, name: undefined, said: { text: '', turn: 0 }, help: false };
}

export function reduce(state: PageState, event: PageEvent): PageState {
  switch (event.type) {
    case 'went': {
      const { place, trail } = event;
      const isSame = subjectOf(place) === subjectOf(state.place);
      return { ...state, place, trail, name: isSame ? state.name : undefined, help: false };
    }
    case 'named':
      // An answer may come when its place was left already.
      return event.subject === subjectOf(state.place) ? { ...state, name: event.name } : state;
    case 'said':
      return { ...state, said: { text: event.text, turn: state.said.turn + 1 } };
    case 'help':
      return { ...state, help: event.open };
  }
}
