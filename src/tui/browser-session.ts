/** The browser with its source: what the view on screen wants to know is looked up and passed on. */
import { AppError } from '../core/errors.js';
import type { BrowserEvent, BrowserState, Wanted } from './browser-state.js';
import { isTyping, mostRows, reduce, startState, wantedBy } from './browser-state.js';
import type { BrowserItem, NeighbourSource } from '../core/tasks/browse.js';

export function startSession(
  source: NeighbourSource,
  start: BrowserItem | undefined,
  listRows: number,
): BrowserState {
  return answered(source, startState(start, listRows));
}

/**
 * The state after the events, with nothing wanted any more. An AppError of the source becomes a message on screen;
 * anything else that it throws is thrown on.
 */
export function advance(
  source: NeighbourSource,
  state: BrowserState,
  events: readonly BrowserEvent[],
): BrowserState {
  let now = state;
  for (const event of events) {
    // Letters that came together are searched for together: nobody sees what the first of them alone would find.
    const moreLetters = event.type === 'key' && event.key.kind === 'text' && isTyping(now);
    now = reduce(moreLetters ? now : answered(source, now), event);
  }
  return answered(source, now);
}

function answered(source: NeighbourSource, state: BrowserState): BrowserState {
  const wanted = wantedBy(state);
  return wanted === undefined ? state : reduce(state, answerTo(source, wanted));
}

function answerTo(source: NeighbourSource, wanted: Wanted): BrowserEvent {
  try {
    if (wanted.kind === 'search') {
      return { type: 'found', text: wanted.text, items: source.search(wanted.text, mostRows) };
    }
    const neighbours = source.neighbours(wanted.row, mostRows);
    return { type: 'neighbours', row: wanted.row, neighbours };
  } catch (error) {
    if (error instanceof AppError) return { type: 'failed', message: error.message };
    throw error;
  }
}
