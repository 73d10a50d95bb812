import { expect, it } from 'vitest';
import { rankingFrame, rankingIn } from '#dist/core/spark/ranking-blobs.js';

const first = {
  ...{ numQueries: 2, k: 2 },
  rows: Uint32Array.of(4, 1, 9, 0),
  scores: Float32Array.of(0.5, -0.25, 3, 0),
  counts: Uint32Array.of(2, 1),
};
const second = {
  ...{ numQueries: 1, k: 2 },
  rows: Uint32Array.of(7, 8),
  scores: Float32Array.of(1, 0.125),
  counts: Uint32Array.of(2),
};

it('rankings come out of their frames as they went in, one after the other', () => {
  expect(rankingIn([rankingFrame(first)])).toEqual(first);
  expect(rankingIn([rankingFrame(first), rankingFrame(second)])).toEqual({
    ...{ numQueries: 3, k: 2 },
    rows: Uint32Array.of(4, 1, 9, 0, 7, 8),
    scores: Float32Array.of(0.5, -0.25, 3, 0, 1, 0.125),
    counts: Uint32Array.of(2, 1, 2),
  });
});
