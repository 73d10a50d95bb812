import { describe, expect, it } from 'vitest';
import { eventRoles } from '#dist/core/events/column-roles.js';
import { findColumns, looksLikeHeader, parseColumnChoices } from '#dist/core/events/find-columns.js';
import { failureOf } from '../../helpers/event-oracle.js';

const choices = (text: string) => parseColumnChoices(text, eventRoles);
const find = (names: readonly string[] | undefined, text = '', width = names?.length ?? 0) =>
  findColumns({ file: 'e.csv', names, width }, choices(text), eventRoles);

describe('`columns`', () => {
  it('is a list of role=column, where names may be quoted', () => {
    expect([...choices(' user = who ,item="a, ""b""", weight=3,time=')]).toEqual([
      ['user', { text: 'who', quoted: false }],
      ['item', { text: 'a, "b"', quoted: true }],
      ['weight', { text: '3', quoted: false }],
      ['time', { text: '', quoted: false }],
    ]);
    expect([...choices('  ')]).toEqual([]);
    expect([...choices('user=Last.fm user=x')]).toEqual([
      ['user', { text: 'Last.fm user=x', quoted: false }],
    ]);
  });

  it.each(['user', 'user=a,', 'user=a,,item=b', '=a', 'user="a', 'user="a"b', 'User=a', 'user=a"b'])(
    'cannot be %s',
    (text) => expect(() => choices(text)).toThrow('`columns`'),
  );
});

describe('columns', () => {
  it('are chosen by name before position, and found by the likelier of their usual names', () => {
    expect(find(['3', 'item', 'x'], 'user=3')).toEqual({ user: 0, item: 1 });
    expect(find(['x', 'item', 'who'], 'user=3')).toEqual({ user: 2, item: 1 });
    expect(find(['artist', 'track', 'user', 'date', 'timestamp'])).toEqual({ item: 1, user: 2, time: 4 });
    expect(find(['track', 'artist_id', 'session', 'user_id'])).toEqual({ user: 3, item: 0 });
    expect(find(['user', 'item', 'date'])).toEqual({ user: 0, item: 1, time: 2 });
    // A day does not win over a time, nor the rating of a book over a count of plays.
    expect(find(['user', 'item', 'date', 'played_at'])).toEqual({ user: 0, item: 1, time: 3 });
    expect(find(['user', 'item', 'Book-Rating', 'utc_time'])).toEqual({
      user: 0,
      item: 1,
      weight: 2,
      time: 3,
    });
    expect(find(['user', 'item', 'Book-Rating', 'plays'])).toEqual({ user: 0, item: 1, weight: 3 });
    expect(find(['user', 'item', 'average_rating', 'hours'])).toEqual({ user: 0, item: 1 });
  });

  it.each([
    [['userId', 'movieId'], 'user=user_id,item=2', ['did you mean "userId"?']],
    [['userId', 'movieId'], 'user=1,item=movie', ['did you mean "movieId"?']],
    [['movieId', 'movieName'], 'user=1,item=movie', []],
    [['userId', 'movieId'], 'user=0,item=1', ['positions count from 1 to 2']],
    [
      ['userId', 'movieId'],
      'userId,movieId,rating',
      ['did you mean `columns` user=userId,item=movieId,weight=rating?'],
    ],
    [
      ['userId', 'movieId'],
      'user:userId, item:movieId',
      ['did you mean `columns` user=userId,item=movieId?'],
    ],
    [['userId', 'movieId'], 'user="a"b', [expect.stringMatching(/^Put a name that holds commas/)]],
  ])('of %j that are not %s may be meant', async (names, text, suggestions) => {
    const error = await failureOf(Promise.resolve().then(() => find(names, text)));
    expect(error['suggestions']).toEqual(suggestions);
  });

  it('serve one role only', () => {
    expect(find(['user', 'item', 'track'], 'user=item')).toEqual({ user: 1, item: 2 });
    expect(find(undefined, 'user=2,item=1', 4)).toEqual({ user: 1, item: 0, weight: 2, time: 3 });
    expect(find(undefined, 'user=3,item=4', 4)).toEqual({ user: 2, item: 3 });
  });

  it('may be turned off where they are optional', () => {
    expect(find(['user', 'item', 'plays', 'time'], 'weight=,time=')).toEqual({ user: 0, item: 1 });
    expect(find(undefined, 'weight=', 4)).toEqual({ user: 0, item: 1, time: 3 });
    expect(() => find(['user', 'item'], 'user=')).toThrow('leaves no column for the user');
  });
});

it.each([
  ['user,item', '', true],
  ['User ID,anything', '', true],
  ['a,b', '', false],
  ['Album,3', '', false],
  ['track,2024-05-31', '', false],
  ['who,what', 'user=who', true],
  ['who,what', 'user=nobody', false],
  ['a,b', 'user=2,item=1', false],
  ['user,b', 'user=2,item=1', true],
  ['1,2', 'user="2"', true],
])('a header %s with `columns` %s: %s', (line, text, expected) => {
  expect(looksLikeHeader(line.split(','), choices(text), eventRoles)).toBe(expected);
});
