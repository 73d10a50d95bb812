/**
 * The neighbour browser as a pure function: (state, event) → state. It reads nothing and draws nothing.
 *
 * There are two kinds of view. A search is a line of text and what it found; the neighbours view is an item and what is
 * close to it. Enter opens the neighbours of the chosen row and puts the view that was left on the trail; Backspace takes
 * it from there again, just as it was left. What a view wants to know, `wantedBy` says; the answer comes as an event.
 */
import type { BrowserItem, Neighbour } from '../core/tasks/browse.js';
import type { Key, KeyName } from './key-parser.js';
import { fit, select, startOfList, turnPage, type ListWindow } from './list-window.js';
import type { TextField } from './text-field.js';
import * as textField from './text-field.js';

/** More than this nobody scrolls through: a longer search is better narrowed by another letter. */
export const mostRows = 100;

/** Rows that a view asked for: not there yet, there, or why they cannot be had. */
type Answer<Row> =
  | { readonly kind: 'wanted' }
  | { readonly kind: 'rows'; readonly rows: readonly Row[] }
  | { readonly kind: 'failure'; readonly message: string };

interface SearchView {
  readonly kind: 'search';
  readonly field: TextField;
  /** Whether letters go into the field; if not, they are commands, as in the neighbours view. */
  readonly typing: boolean;
  readonly answer: Answer<BrowserItem>;
  readonly window: ListWindow;
  /** The id of the item to choose when the answer comes; null: the row that is chosen. */
  readonly toChoose: string | null;
}

interface NeighboursView {
  readonly kind: 'neighbours';
  readonly of: BrowserItem;
  readonly answer: Answer<Neighbour>;
  readonly window: ListWindow;
  readonly toChoose: string | null;
}

export type View = SearchView | NeighboursView;

export interface BrowserState {
  readonly view: View;
  /** The views that were left, oldest first. */
  readonly trail: readonly View[];
  /** How many rows of a list are on screen; ≥ 1. */
  readonly listRows: number;
  readonly help: boolean;
  readonly done: boolean;
  /** What has just happened, until the next key. */
  readonly notice: Notice | undefined;
}

interface Notice {
  readonly text: string;
  readonly isFailure: boolean;
}

export type BrowserEvent =
  | { readonly type: 'key'; readonly key: Key }
  | { readonly type: 'resized'; readonly listRows: number }
  | { readonly type: 'found'; readonly text: string; readonly items: readonly BrowserItem[] }
  | { readonly type: 'neighbours'; readonly row: number; readonly neighbours: readonly Neighbour[] }
  | { readonly type: 'failed'; readonly message: string }
  /** Rows are those of another snapshot from now on, in which `find` finds an item. */
  | {
      readonly type: 'published';
      readonly snapshot: string;
      readonly find: (id: string) => BrowserItem | undefined;
    }
  | { readonly type: 'not-opened'; readonly message: string };

/** What a view waits for. */
export type Wanted =
  { readonly kind: 'search'; readonly text: string } | { readonly kind: 'neighbours'; readonly row: number };

/** The browser before its first event: at the neighbours of `start`, or else at an empty search. */
export function startState(start: BrowserItem | undefined, listRows: number): BrowserState {
  const view = start === undefined ? newSearch() : neighboursOf(start);
  return { view, trail: [], listRows: Math.max(1, listRows), help: false, done: false, notice: undefined };
}

export function wantedBy(state: BrowserState): Wanted | undefined {
  const { view } = state;
  if (view.answer.kind !== 'wanted') return undefined;
  return view.kind === 'search'
    ? { kind: 'search', text: view.field.text }
    : { kind: 'neighbours', row: view.of.row };
}

/** The rows of the list on screen: none while they are wanted, or where they cannot be had. */
export function rowsOf(view: View): readonly (BrowserItem | Neighbour)[] {
  return view.answer.kind === 'rows' ? view.answer.rows : [];
}

export function chosenOf(view: View): BrowserItem | undefined {
  return rowsOf(view)[view.window.selected];
}

/** The items whose neighbours were opened on the way to the view on screen, oldest first, with that view's own. */
export function walkOf(state: BrowserState): readonly BrowserItem[] {
  return [...state.trail, state.view].flatMap((view) => (view.kind === 'neighbours' ? [view.of] : []));
}

/** Whether letters go into the search. */
export function isTyping(state: BrowserState): boolean {
  return state.view.kind === 'search' && state.view.typing && !state.help;
}

export function reduce(state: BrowserState, event: BrowserEvent): BrowserState {
  switch (event.type) {
    case 'key': {
      const seen = state.notice === undefined ? state : { ...state, notice: undefined };
      return event.key.kind === 'named' ? pressed(seen, event.key.name) : typed(seen, event.key.text);
    }
    case 'resized':
      return fitted({ ...state, listRows: Math.max(1, event.listRows) });
    case 'found': {
      const { view } = state;
      if (view.kind !== 'search' || view.field.text !== event.text) return state;
      return placed({ ...state, view: { ...view, answer: { kind: 'rows', rows: event.items } } });
    }
    case 'neighbours': {
      const { view } = state;
      if (view.kind !== 'neighbours' || view.of.row !== event.row) return state;
      return placed({ ...state, view: { ...view, answer: { kind: 'rows', rows: event.neighbours } } });
    }
    case 'failed':
      if (wantedBy(state) === undefined) return state;
      return fitted({
        ...state,
        view: { ...state.view, answer: { kind: 'failure', message: event.message } },
      });
    case 'published':
      return movedTo(state, event.snapshot, event.find);
    case 'not-opened':
      return {
        ...state,
        notice: { text: `Published, but it cannot be opened: ${event.message}`, isFailure: true },
      };
  }
}

/** Letters: into the search where one is being typed, and commands elsewhere. */
function typed(state: BrowserState, text: string): BrowserState {
  const { view } = state;
  if (state.help) return text === 'q' ? { ...state, done: true } : { ...state, help: false };
  if (view.kind === 'search' && view.typing) return edited(state, view, textField.insert(view.field, text));
  switch (text) {
    case 'q':
      return { ...state, done: true };
    case '?':
      return { ...state, help: true };
    case '/':
      return toSearch(state);
    case 'j':
      return moved(state, 1);
    case 'k':
      return moved(state, -1);
    default:
      return state;
  }
}

function pressed(state: BrowserState, name: KeyName): BrowserState {
  if (name === 'interrupt') return { ...state, done: true };
  if (state.help) return { ...state, help: false };
  const { view } = state;
  if (view.kind === 'search' && view.typing) {
    const field = editedField(view.field, name);
    if (field !== undefined) return edited(state, view, field);
  }
  switch (name) {
    case 'up':
      return moved(state, -1);
    case 'down':
      return moved(state, 1);
    case 'page-up':
      return paged(state, -1);
    case 'page-down':
      return paged(state, 1);
    case 'home':
      return moved(state, -Infinity);
    case 'end':
      return moved(state, Infinity);
    case 'enter':
    case 'right':
      return walked(state);
    case 'backspace':
    case 'left':
      return returned(state);
    case 'escape':
      return view.kind === 'search' ? leftSearch(state, view) : state;
    case 'tab':
      return view.kind === 'search' && view.typing ? toList(state, view) : toSearch(state);
    default:
      return state;
  }
}

/** The field after an editing key; undefined where the key is none. */
function editedField(field: TextField, name: KeyName): TextField | undefined {
  switch (name) {
    case 'backspace':
      return textField.eraseBefore(field);
    case 'delete':
      return textField.eraseAfter(field);
    case 'erase-word':
      return textField.eraseWord(field);
    case 'clear-text':
      return textField.emptyField;
    case 'left':
      return textField.moveBack(field);
    case 'right':
      return textField.moveOn(field);
    case 'text-start':
      return textField.moveToStart(field);
    case 'text-end':
      return textField.moveToEnd(field);
    default:
      return undefined;
  }
}

function edited(state: BrowserState, view: SearchView, field: TextField): BrowserState {
  if (field.text === view.field.text) return { ...state, view: { ...view, field } };
  const answer = { kind: 'wanted' } as const;
  return { ...state, view: { ...view, field, answer, window: startOfList, toChoose: null } };
}

function moved(state: BrowserState, by: number): BrowserState {
  const { view } = state;
  const window = select(view.window, view.window.selected + by, rowsOf(view).length, state.listRows);
  return { ...state, view: { ...view, window } };
}

function paged(state: BrowserState, pages: number): BrowserState {
  const { view } = state;
  const window = turnPage(view.window, pages, rowsOf(view).length, state.listRows);
  return { ...state, view: { ...view, window } };
}

function walked(state: BrowserState): BrowserState {
  const chosen = chosenOf(state.view);
  if (chosen === undefined) return state;
  // Whoever comes back to a search comes to choose another row of it: letters are commands then.
  const left: View = state.view.kind === 'search' ? { ...state.view, typing: false } : state.view;
  return { ...state, view: neighboursOf(chosen), trail: [...state.trail, left] };
}

function returned(state: BrowserState): BrowserState {
  const view = state.trail.at(-1);
  return view === undefined ? state : fitted({ ...state, view, trail: state.trail.slice(0, -1) });
}

function toSearch(state: BrowserState): BrowserState {
  const { view } = state;
  if (view.kind === 'search') return { ...state, view: { ...view, typing: true } };
  return { ...state, view: newSearch(), trail: [...state.trail, view] };
}

function toList(state: BrowserState, view: SearchView): BrowserState {
  return { ...state, view: { ...view, typing: false } };
}

/** Back to the view that the search was called from; at the start there is none, and what was found is walked instead. */
function leftSearch(state: BrowserState, view: SearchView): BrowserState {
  return state.trail.length > 0 ? returned(state) : toList(state, view);
}

/** The same place in another snapshot: the same items, as far as it has them, and what it answers about them. */
function movedTo(
  state: BrowserState,
  snapshot: string,
  find: (id: string) => BrowserItem | undefined,
): BrowserState {
  const view = movedView(state.view, find);
  const trail = state.trail.flatMap((left) => movedView(left, find) ?? []);
  const text = `${snapshot} was published: you are in it now`;
  if (view !== undefined) return { ...state, view, trail, notice: { text, isFailure: false } };
  const { name } = state.view.kind === 'neighbours' ? state.view.of.item : { name: '' };
  return {
    ...state,
    view: trail.at(-1) ?? newSearch(),
    trail: trail.slice(0, -1),
    notice: { text: `${snapshot} was published: it has no "${name}"`, isFailure: false },
  };
}

/** undefined where the view is about an item that is not there any more. */
function movedView(view: View, find: (id: string) => BrowserItem | undefined): View | undefined {
  const chosen = chosenOf(view)?.item.id ?? view.toChoose;
  if (view.kind === 'search') return { ...view, answer: { kind: 'wanted' }, toChoose: chosen };
  const of = find(view.of.item.id);
  return of === undefined ? undefined : { ...view, of, answer: { kind: 'wanted' }, toChoose: chosen };
}

/** With the item chosen that was to be, where it is among the rows. */
function placed(state: BrowserState): BrowserState {
  const { view } = state;
  const rows = rowsOf(view);
  const at = view.toChoose === null ? -1 : rows.findIndex(({ item }) => item.id === view.toChoose);
  const selected = at === -1 ? view.window.selected : at;
  const window = select(view.window, selected, rows.length, state.listRows);
  return { ...state, view: { ...view, window, toChoose: null } };
}

function fitted(state: BrowserState): BrowserState {
  const window = fit(state.view.window, rowsOf(state.view).length, state.listRows);
  return { ...state, view: { ...state.view, window } };
}

function newSearch(): SearchView {
  return {
    kind: 'search',
    field: textField.emptyField,
    typing: true,
    answer: { kind: 'wanted' },
    window: startOfList,
    toChoose: null,
  };
}

function neighboursOf(item: BrowserItem): NeighboursView {
  return { kind: 'neighbours', of: item, answer: { kind: 'wanted' }, window: startOfList, toChoose: null };
}
