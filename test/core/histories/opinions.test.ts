import { describe, expect, it } from 'vitest';
import { emptyHistory, withOpinions } from '#dist/core/histories/opinions.js';
import { pairsOf } from '../../helpers/sparse.js';

describe('withOpinions', () => {
  it('makes a history for a new user, items ascending, a dislike outweighing a like of the same item', () => {
    const history = withOpinions(emptyHistory(10), [7, 2, 2], [5, 7]);
    expect([...history.item]).toEqual([2, 5, 7]);
    expect([...history.weight]).toEqual([1_000_000_000n, 1_000_000_000n, 1_000_000_000n]);
    expect([...history.flags]).toEqual([1, 0, 0]);
    expect([...history.indptr]).toEqual([0, 3]);
  });

  it('adds to what was heard, decides its preference and keeps its ban', () => {
    const heard = pairsOf(
      [
        [
          [1, 2],
          [4, -3],
          [6, 1],
        ],
      ],
      10,
    );
    heard.flags[2] = 3;
    const history = withOpinions(heard, [4, 6], [1]);
    expect([...history.item]).toEqual([1, 4, 6]);
    expect([...history.weight]).toEqual([3_000_000_000n, 4_000_000_000n, 2_000_000_000n]);
    expect([...history.count]).toEqual([2, 2, 2]);
    expect([...history.flags]).toEqual([0, 1, 3]);
  });

  it('is the history itself without opinions', () => {
    const heard = pairsOf([[[1, 2]]], 10);
    expect(withOpinions(heard, [], [])).toBe(heard);
  });
});
