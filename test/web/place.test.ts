import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { noTrial } from '../../src/web/listener/trial.js';
import { elsewhere, entityView, hrefOf, placeOf, startPlace, subjectOf } from '../../src/web/place/place.js';
import type { Place, View } from '../../src/web/place/place.js';

const id = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
const ids = fc.uniqueArray(id, { maxLength: 4 });
const kind = fc.constantFrom('item', 'artist', 'album');
const trial = fc.record({
  ...{ like: ids, dislike: ids, ban: ids, seeds: ids },
  recipe: fc.option(id, { nil: undefined }),
});
const view: fc.Arbitrary<View> = fc.oneof(
  fc.record({ view: fc.constant('catalogue'), kind }),
  fc.record({
    ...{ view: fc.constant('entity'), kind, id, among: fc.constant(undefined) },
    perArtist: fc.constantFrom(undefined, 1, 2, 3),
  }),
  fc.record({ view: fc.constant('listener'), user: id, trial }),
  fc.record({ view: fc.constant('newcomer'), trial }),
  fc.record({ view: fc.constant('map') }),
);
const place: fc.Arbitrary<Place> = fc
  .tuple(
    view,
    fc.constantFrom(10, 20, 50, 100),
    fc.option(id, { nil: undefined }),
    fc.option(id, { nil: undefined }),
    fc.option(id, { nil: undefined }),
  )
  .map(([each, k, root, snapshot, against]) => ({ ...each, k, root, snapshot, against }));

describe('the address of a place', () => {
  it('leads to the same place, whatever ids hold', () => {
    fc.assert(
      fc.property(place, (each) => {
        expect(placeOf(hrefOf(each))).toEqual(each);
      }),
    );
  });

  it('is short where nothing is unusual', () => {
    expect(hrefOf(startPlace)).toBe('#/');
    expect(hrefOf(elsewhere(startPlace, entityView('item', 'a/b c')))).toBe('#/item/a%2Fb%20c');
    expect(hrefOf({ ...startPlace, snapshot: 'x', k: 50 })).toBe('#/?k=50&snapshot=x');
  });

  it.each(['', '#', '#/', '#/?k=7', '#/items'])('is the catalogue for %j', (fragment) => {
    expect(placeOf(fragment)).toEqual(startPlace);
  });

  it.each(['#/nothing', '#/item', '#/item/', '#/item/%E0%A4%A', '#/map/x', '#main', '#/new/x', '#//x'])(
    'leads nowhere for %j, and does not throw',
    (fragment) => expect(placeOf(fragment).view).toBe('nowhere'),
  );

  it('leaves out what no one can choose', () => {
    expect(placeOf('#/item/a?among=item&per-artist=9&k=11')).toEqual({
      ...startPlace,
      ...entityView('item', 'a'),
    });
  });
});

it('the subject of a place does not change with what is tried, or with the snapshot', () => {
  const listener: Place = { ...startPlace, view: 'listener', user: 'u', trial: noTrial };
  const tried: Place = { ...listener, k: 50, against: 'b', trial: { ...noTrial, like: ['x'] } };
  expect(subjectOf(tried)).toBe(subjectOf(listener));
  expect(subjectOf({ ...listener, user: 'v' })).not.toBe(subjectOf(listener));
});
