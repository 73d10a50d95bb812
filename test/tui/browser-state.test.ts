import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '#dist/core/errors.js';
import { advance, startSession } from '#dist/tui/browser-session.js';
import { chosenOf, reduce, rowsOf, startState, walkOf, wantedBy } from '#dist/tui/browser-state.js';
import type { BrowserEvent, BrowserState } from '#dist/tui/browser-state.js';
import type { KeyName } from '#dist/tui/key-parser.js';
import { manySongs, memorySource, songs } from '../helpers/memory-source.js';

const source = memorySource();
const teenSpirit = { row: 0, item: songs[0]! };

const press = (name: KeyName): BrowserEvent => ({ type: 'key', key: { kind: 'named', name } });
const type = (text: string): BrowserEvent => ({ type: 'key', key: { kind: 'text', text } });
const after = (state: BrowserState, ...events: BrowserEvent[]): BrowserState =>
  advance(source, state, events);
const chosenName = (state: BrowserState): string | undefined => chosenOf(state.view)?.item.name;

const atSearch = startSession(source, undefined, 4);
const atTeenSpirit = startSession(source, teenSpirit, 4);

describe('searching', () => {
  it('begins with everything there is, and narrows it with every letter', () => {
    expect(rowsOf(atSearch.view)).toHaveLength(songs.length);
    const found = after(atSearch, type('p'), type('l'));
    expect(rowsOf(found.view).map(({ item }) => item.name)).toEqual(['Plush']);
  });

  it('takes q, j, k, / and ? as letters', () => {
    const found = after(atSearch, ...['q', 'j', 'k', '/', '?'].map(type));
    expect(found).toMatchObject({ done: false, help: false, view: { field: { text: 'qjk/?' } } });
  });

  it('moves through what it found while typing goes on', () => {
    const moved = after(atSearch, press('down'), press('down'));
    expect(chosenName(moved)).toBe('Plush');
    expect(chosenName(after(moved, type('s')))).toBe('Smells Like Teen Spirit');
  });

  it('edits the text with the usual keys', () => {
    const edited = after(atSearch, ...'plsh'.split('').map(type), press('left'), press('left'), type('u'));
    expect(edited.view).toMatchObject({ field: { text: 'plush', cursor: 3 } });
    expect(after(edited, press('clear-text')).view).toMatchObject({ field: { text: '' } });
  });

  it('says when nothing is found, and then Enter goes nowhere', () => {
    const none = after(atSearch, type('zzz'));
    expect(rowsOf(none.view)).toEqual([]);
    expect(after(none, press('enter'))).toBe(none);
  });

  it('looks up letters that come together once', () => {
    const asked: string[] = [];
    const counting = {
      ...source,
      search: (text: string, limit: number) => {
        asked.push(text);
        return source.search(text, limit);
      },
    };
    const state = advance(counting, atSearch, [...'even'.split('').map(type), press('enter')]);
    expect(asked).toEqual(['even']);
    expect(walkOf(state).map(({ item }) => item.name)).toEqual(['Even Flow']);
  });

  it('is left with Esc: to the list at the start, to where it was called from later', () => {
    const list = after(atSearch, press('escape'));
    expect(list.view).toMatchObject({ kind: 'search', typing: false });
    expect(after(list, type('j'), type('j')).view.window.selected).toBe(2);
    expect(after(list, type('q')).done).toBe(true);
    expect(after(list, type('/')).view).toMatchObject({ typing: true });

    const walking = after(atTeenSpirit, press('down'));
    expect(after(walking, type('/'), type('x'), press('escape'))).toEqual(walking);
    expect(after(walking, press('tab'), press('escape'))).toEqual(walking);
  });
});

describe('walking', () => {
  it('opens the neighbours of the chosen row, and comes back to it', () => {
    const chosen = after(atTeenSpirit, press('down'), press('down'));
    const walked = after(chosen, press('enter'));
    expect(walkOf(walked).map(({ item }) => item.id)).toEqual(['teen-spirit', 'interstate']);
    expect(walked.view.window).toEqual({ selected: 0, top: 0 });
    expect(after(walked, press('backspace'))).toEqual(chosen);
  });

  it('comes back to a search without typing on in it', () => {
    const found = after(atSearch, type('plush'));
    const back = after(found, press('enter'), press('backspace'));
    expect(back).toEqual({ ...found, view: { ...found.view, typing: false } });
    expect(after(back, type('q')).done).toBe(true);
  });

  it('keeps its place on a screen that shrank meanwhile', () => {
    const chosen = after(atTeenSpirit, press('end'));
    const back = after(chosen, press('enter'), { type: 'resized', listRows: 2 }, press('backspace'));
    expect(chosenName(back)).toBe(chosenName(chosen));
    expect(back.view.window).toEqual({ selected: 4, top: 3 });
  });

  it('shows what the source refused, and can go back from it', () => {
    const message = 'Plush is in the catalogue, but nobody played it';
    const refusing = {
      ...source,
      neighbours: () => {
        throw new AppError('item-without-vector', message);
      },
    };
    const refused = advance(refusing, atSearch, [press('enter')]);
    expect(refused.view.answer).toEqual({ kind: 'failure', message });
    expect(advance(refusing, refused, [press('backspace')]).view.kind).toBe('search');
  });

  it('does not hide a bug of the source', () => {
    const broken = {
      ...source,
      neighbours: () => {
        throw new TypeError('oops');
      },
    };
    expect(() => advance(broken, atSearch, [press('enter')])).toThrow(TypeError);
  });
});

describe('the other keys', () => {
  it('q quits, also from the help; Ctrl-C quits from everywhere', () => {
    expect(after(atTeenSpirit, type('q')).done).toBe(true);
    expect(after(atTeenSpirit, type('?'), type('q')).done).toBe(true);
    expect(after(atSearch, press('interrupt')).done).toBe(true);
    expect(after(atTeenSpirit, type('?'), press('interrupt')).done).toBe(true);
  });

  it('any key closes the help and does nothing else', () => {
    const helped = after(atTeenSpirit, type('?'));
    expect(helped.help).toBe(true);
    for (const event of [type('?'), type('j'), press('enter'), press('escape'), press('down')]) {
      expect(after(helped, event)).toEqual(atTeenSpirit);
    }
  });
});

it('an answer that comes after the question changed is dropped', () => {
  const asking = reduce(startState(undefined, 4), type('a'));
  const late: BrowserEvent = { type: 'found', text: '', items: source.search('', 9) };
  expect(reduce(asking, late)).toBe(asking);
  expect(wantedBy(asking)).toEqual({ kind: 'search', text: 'a' });
  const walking = startState(teenSpirit, 4);
  expect(reduce(walking, { type: 'neighbours', row: 5, neighbours: [] })).toBe(walking);
  expect(reduce(atSearch, { type: 'failed', message: 'late' })).toBe(atSearch);
});

describe('whatever is pressed', () => {
  const names: readonly KeyName[] = [
    ...(['up', 'down', 'left', 'right', 'home', 'end', 'page-up', 'page-down', 'enter', 'tab'] as const),
    ...(['back-tab', 'escape', 'backspace', 'delete', 'clear-text', 'erase-word'] as const),
    ...(['text-start', 'text-end', 'interrupt'] as const),
  ];
  const anyEvent = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names).map(press) },
    { weight: 3, arbitrary: fc.constantFrom('s', 'o', ' ', '1', 'j', 'k', '/', '?', 'q').map(type) },
    { weight: 1, arbitrary: fc.string({ unit: 'grapheme' }).map(type) },
    {
      weight: 1,
      arbitrary: fc
        .integer({ min: -1, max: 9 })
        .map((rows) => ({ type: 'resized' as const, listRows: rows })),
    },
  );
  const anyWalk = fc.record({
    events: fc.array(anyEvent, { maxLength: 60 }),
    size: fc.integer({ min: 0, max: 30 }),
    listRows: fc.integer({ min: 1, max: 8 }),
    started: fc.boolean(),
  });
  type Walk = typeof anyWalk extends fc.Arbitrary<infer Value> ? Value : never;

  /** Every state on the way, over a catalogue of `size` items. */
  function walk({ events, size, listRows, started }: Walk): { states: BrowserState[]; step: typeof after } {
    const items = manySongs(size);
    const catalogue = memorySource(items);
    const first = items[0];
    const start = started && first !== undefined ? { row: 0, item: first } : undefined;
    const step = (state: BrowserState, ...more: BrowserEvent[]): BrowserState =>
      advance(catalogue, state, more);
    const states = [startSession(catalogue, start, listRows)];
    for (const event of events) states.push(step(states.at(-1)!, event));
    return { states, step };
  }

  it('the selection is a row of the list, on screen, and nothing is left unanswered', () => {
    fc.assert(
      fc.property(anyWalk, (input) => {
        for (const state of walk(input).states) {
          expect(wantedBy(state)).toBeUndefined();
          const { selected, top } = state.view.window;
          const length = rowsOf(state.view).length;
          expect(selected).toBeGreaterThanOrEqual(0);
          expect(selected).toBeLessThan(Math.max(1, length));
          expect(top).toBeLessThanOrEqual(selected);
          expect(selected).toBeLessThan(top + state.listRows);
          expect(top).toBeLessThanOrEqual(Math.max(0, length - state.listRows));
        }
      }),
    );
  });

  it('Backspace after Enter is where one was', () => {
    fc.assert(
      fc.property(anyWalk, (input) => {
        const { states, step } = walk(input);
        for (const state of states) {
          if (state.help || chosenOf(state.view) === undefined) continue;
          const left =
            state.view.kind === 'search' ? { ...state, view: { ...state.view, typing: false } } : state;
          expect(step(state, press('enter'), press('backspace'))).toEqual(left);
        }
      }),
    );
  });

  it('any number of steps is walked back step by step', () => {
    fc.assert(
      fc.property(anyWalk, fc.array(fc.nat(5), { maxLength: 12 }), (input, downs) => {
        const { states, step } = walk({ ...input, events: [], started: true, size: input.size + 2 });
        const path = [states[0]!];
        for (const down of downs) {
          const chosen = step(path.at(-1)!, ...Array.from({ length: down }, () => press('down')));
          path.push(chosen, step(chosen, press('enter')));
        }
        let back = path.at(-1)!;
        for (let at = path.length - 1; at >= 2; at -= 2) {
          back = step(back, press('backspace'));
          expect(back).toEqual(path[at - 1]);
        }
      }),
    );
  });
});
