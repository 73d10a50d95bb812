import { describe, expect, it } from 'vitest';
import * as questions from '../../src/web/api/questions.js';
import { tokenIn } from '../../src/web/api/token.js';
import { noTrial } from '../../src/web/listener/trial.js';

describe('a question', () => {
  it('names entities by their ids, whatever others are called', () => {
    expect(questions.facts('item', '../x', 's').path).toBe('/v1/items/id%3A..%2Fx?snapshot=s');
    expect(questions.facts('artist', 'AC/DC', undefined).path).toBe('/v1/items/artist%3Aid%3AAC%2FDC');
    const { path } = questions.neighbours({
      ...{ kind: 'album', id: 'a&b', k: 20, among: 'item', perArtist: 2, snapshot: undefined },
    });
    expect(path).toBe('/v1/similar?item=album%3Aid%3Aa%26b&k=20&kind=item&max-per-artist=2');
  });

  it('asks for a listener, and for someone new, with what is tried', () => {
    const trial = { ...noTrial, like: ['a', 'b'], dislike: ['c'], ban: ['d'] };
    const tried = 'like=id%3Aa&like=id%3Ab&dislike=id%3Ac&exclude=id%3Ad&k=10&explain=true';
    const asked = { k: 10, snapshot: undefined };
    expect(questions.recommendations('u/1', trial, asked).path).toBe(
      `/v1/recommend/u%2F1?${tried}&strict=true`,
    );
    expect(questions.recommendations(null, trial, asked).path).toBe(`/v1/recommend?${tried}`);
  });

  it('keeps each opinion as an entry of the ledger', () => {
    expect(questions.keep('u', { ...noTrial, like: ['a'], ban: ['b'] })).toEqual({
      path: '/v1/feedback',
      body: {
        feedback: [
          { user: 'u', item: 'id:a', type: 'like' },
          { user: 'u', item: 'id:b', type: 'ban' },
        ],
      },
    });
  });

  it('is told from another that has the same address', () => {
    const [one, other] = ['a', 'b'].map((id) => questions.factsOfMany('item', [id], undefined));
    expect(one!.path).toBe(other!.path);
    expect(questions.keyOf(one!)).not.toBe(questions.keyOf(other!));
  });
});

describe('a token in the address', () => {
  it('is taken out of it', () => {
    expect(tokenIn('#token=abc')).toEqual({ token: 'abc', rest: '#/' });
    expect(tokenIn('#token=abc&/item/x?k=10')).toEqual({ token: 'abc', rest: '#/item/x?k=10' });
    expect(tokenIn('#/item/token=abc')).toEqual({ token: undefined, rest: '#/item/token=abc' });
    expect(tokenIn('')).toEqual({ token: undefined, rest: '' });
  });
});
