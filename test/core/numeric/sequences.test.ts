import { describe, expect, it } from 'vitest';
import { cutSequences, pickPlays } from '#dist/core/numeric/sequences.js';
import { parseDuration } from '#dist/core/numeric/duration.js';

const noTime = -(2 ** 63);

/** [item, minute] by user. */
function sequencesOf(users: readonly (readonly (readonly [number, number])[])[]) {
  const indptr = [0];
  for (const plays of users) indptr.push(indptr.at(-1)! + plays.length);
  return {
    indptr: Uint32Array.from(indptr),
    item: Uint32Array.from(users.flat(), ([item]) => item),
    at: Float64Array.from(users.flat(), ([, minute]) => (minute < 0 ? noTime : minute * 60_000)),
  };
}

const cut = (...args: Parameters<typeof cutSequences>): number[][] => {
  const { offsets, item } = cutSequences(...args);
  return Array.from({ length: offsets.length - 1 }, (_, s) => [...item.subarray(offsets[s], offsets[s + 1])]);
};

describe('cutting sequences', () => {
  const plays = sequencesOf([
    [
      [4, 0],
      [5, 30],
      [6, 61],
      [7, 62],
      [8, 200],
    ],
    [[1, 5]],
    [
      [2, -1],
      [3, -1],
      [2, 900],
    ],
  ]);

  it('ends a session after a gap, not across users, and leaves sessions of one play out', () => {
    const minutes = (gap: number) => cut(plays, gap * 60_000, 100, noTime);
    expect(minutes(30)).toEqual([
      [4, 5],
      [6, 7],
      [2, 3, 2],
    ]);
    expect(minutes(31)).toEqual([
      [4, 5, 6, 7],
      [2, 3, 2],
    ]);
    expect(minutes(1e6)).toEqual([
      [4, 5, 6, 7, 8],
      [2, 3, 2],
    ]);
  });

  it('cuts what is too long, and nothing by time where there are no times', () => {
    expect(cut({ ...plays, at: undefined }, 1, 2, noTime)).toEqual([
      [4, 5],
      [6, 7],
      [2, 3],
    ]);
    expect(cut({ ...plays, at: undefined }, 1, 3, noTime)).toEqual([
      [4, 5, 6],
      [7, 8],
      [2, 3, 2],
    ]);
  });
});

describe('picking plays', () => {
  const plays = sequencesOf([
    [
      [0, 1],
      [1, 2],
      [0, 3],
    ],
    [
      [2, 1],
      [1, 9],
    ],
  ]);
  const pairs = {
    numUsers: 2,
    numItems: 3,
    indptr: Uint32Array.of(0, 2, 4),
    item: Uint32Array.of(0, 1, 1, 2),
  };

  it('keeps the order of those whose pair is kept', () => {
    const { indptr, item, at } = pickPlays(plays, pairs, (p) => p !== 1);
    expect([...indptr]).toEqual([0, 2, 4]);
    expect([...item]).toEqual([0, 0, 2, 1]);
    expect([...at!]).toEqual([1, 3, 1, 9].map((minute) => minute * 60_000));
  });

  it('numbers users and items anew', () => {
    const { indptr, item } = pickPlays(
      plays,
      pairs,
      () => true,
      Uint32Array.of(1, 0),
      Int32Array.of(2, 0, 1),
    );
    expect([...indptr]).toEqual([0, 2, 5]);
    expect([...item]).toEqual([1, 0, 2, 0, 2]);
  });
});

describe('a duration', () => {
  it.each([
    ['90s', 90_000],
    ['30m', 1_800_000],
    ['1.5h', 5_400_000],
    ['1d', 86_400_000],
    ['2w', 1_209_600_000],
  ])('%s is %i ms', (text, ms) => expect(parseDuration(text)).toBe(ms));

  it.each(['', '30', 'm', '0m', '-1m', '30 m', '1y', '1e3s'])('"%s" is none', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});
