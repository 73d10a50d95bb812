import { describe, expect, it } from 'vitest';
import {
  elsewhere,
  entityView,
  hrefOf,
  listenerView,
  startPlace,
  type Place,
} from '../../src/web/place/place.js';
import { followed, type Step } from '../../src/web/place/trail.js';

const item = (id: string): Place => elsewhere(startPlace, entityView('item', id));

/** The names of the trail after walking through places. */
function walked(...places: readonly Place[]): string[] {
  let trail: readonly Step[] = [];
  for (const [at, to] of places.entries()) {
    const from = places[at - 1];
    if (from === undefined) continue;
    const name = from.view === 'entity' ? from.id : from.view;
    trail = followed(trail, from, { href: hrefOf(from), name }, to);
  }
  return trail.map(({ name }) => name);
}

describe('the walk', () => {
  it('has a step for each item and listener that was left', () => {
    expect(walked(item('a'), item('b'), elsewhere(startPlace, listenerView('u')), item('c'))).toEqual([
      'a',
      'b',
      'listener',
    ]);
  });

  it('begins anew at the catalogue', () => {
    expect(walked(item('a'), item('b'), startPlace)).toEqual([]);
    expect(walked(item('a'), startPlace, item('b'))).toEqual([]);
  });

  it('ends at a place that it went through before', () => {
    expect(walked(item('a'), item('b'), item('c'), item('b'))).toEqual(['a']);
    expect(walked(item('a'), item('b'), item('a'))).toEqual([]);
  });

  it('does not grow by what is tried at a place', () => {
    expect(walked(item('a'), item('b'), { ...item('b'), k: 50 }, item('c'))).toEqual(['a', 'b']);
  });

  it('goes back to a place as it was left', () => {
    const left: Place = { ...item('a'), k: 50, against: 'other' };
    expect(followed([], left, { href: hrefOf(left), name: 'A' }, item('b'))).toEqual([
      { href: hrefOf(left), name: 'A', subject: '/item/a' },
    ]);
  });

  it('keeps its last thirty steps', () => {
    const all = Array.from({ length: 40 }, (_, at) => item(`i${at}`));
    expect(walked(...all)).toEqual(all.slice(9, 39).map((_, at) => `i${at + 9}`));
  });
});
