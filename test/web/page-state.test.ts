import { describe, expect, it } from 'vitest';
import { reduce, startState } from '../../src/web/place/page-state.js';
import { elsewhere, entityView, startPlace, subjectOf } from '../../src/web/place/place.js';

const [here, there] = ['a', 'b'].map((id) => elsewhere(startPlace, entityView('item', id)));

describe('the state of the page', () => {
  it('takes the name of the place where it is, and of no other', () => {
    const state = startState(here!, []);
    const named = reduce(state, { type: 'named', subject: subjectOf(here!), name: 'A' });
    expect(named.name).toBe('A');
    expect(reduce(named, { type: 'named', subject: subjectOf(there!), name: 'B' })).toEqual(named);
  });

  it('forgets the name with the place, and not with what is shown of it', () => {
    const named = { ...startState(here!, []), name: 'A' };
    expect(reduce(named, { type: 'went', place: { ...here!, k: 50 }, trail: [] }).name).toBe('A');
    expect(reduce(named, { type: 'went', place: there!, trail: [] }).name).toBeUndefined();
  });

  it('says the same twice as two', () => {
    const once = reduce(startState(here!, []), { type: 'said', text: 'x' });
    const twice = reduce(once, { type: 'said', text: 'x' });
    expect([once.said.turn, twice.said.turn]).toEqual([1, 2]);
  });

  it('closes the help when it goes elsewhere', () => {
    const open = reduce(startState(here!, []), { type: 'help', open: true });
    expect(open.help).toBe(true);
    expect(reduce(open, { type: 'went', place: there!, trail: [] }).help).toBe(false);
  });
});
