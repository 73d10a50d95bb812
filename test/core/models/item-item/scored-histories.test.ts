import { describe, expect, it } from 'vitest';
import { openWorkspace } from '#dist/core/compute/workspace.js';
import { historyWeights } from '#dist/core/models/folding/history-weights.js';
import { scoredHistories } from '#dist/core/models/item-item/scored-histories.js';
import { weighingOptions } from '#dist/core/models/folding/weighing-options.js';
import { pairsOf, type Entries } from '../../../helpers/sparse.js';

const entries: Entries = [
  [
    [0, 3],
    [2, -1],
    [4, 1],
  ],
  [],
  [
    [1, 2],
    [3, 1],
  ],
];

describe('scoredHistories', () => {
  const { kernels } = openWorkspace(0);
  const scored = (confidence: string, pairs = pairsOf(entries, 5)): number[][] => {
    const weights = historyWeights(pairs, weighingOptions({ confidence }, ''), kernels);
    const { numRows, indptr, idx, weight } = scoredHistories(pairs, weights, kernels);
    expect([...idx]).toEqual([...pairs.item]);
    return Array.from({ length: numRows }, (_, u) => [...weight.subarray(indptr[u], indptr[u + 1])]);
  };

  it('weighs every pair as training does, a dislike negative', () => {
    expect(scored('binary')).toEqual([[1, -1, 1], [], [1, 1]]);
    expect(scored('linear:2')).toEqual([[6, -2, 2], [], [4, 2]]);
  });

  it('keeps what weighs nothing, a ban, with a weight of 0: it only filters', () => {
    const pairs = pairsOf(entries, 5);
    pairs.weight[0] = 0n;
    pairs.weight[4] = 0n;
    expect(scored('binary', pairs)).toEqual([[0, -1, 1], [], [1, 0]]);
  });
});
