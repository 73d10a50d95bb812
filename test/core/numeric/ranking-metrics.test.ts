import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discounts, ndcg, recall } from '#dist/core/numeric/ranking-metrics.js';

describe('ndcg', () => {
  it('is what it is by hand', () => {
    // Hits at ranks 1 and 3 of 3 targets: (1 + 1/2) / (1 + 1/log2 3 + 1/2).
    const got = ndcg([7, 8, 9, 1], new Set([7, 9, 100]), discounts(10));
    expect(got).toBeCloseTo(1.5 / (1.5 + 1 / Math.log2(3)), 14);
  });

  it('is 1 with all targets first, 0 with none, and between for any ranking', () => {
    expect(ndcg([1, 2, 3], new Set([2, 1]), discounts(10))).toBe(1);
    expect(ndcg([1, 2, 3], new Set([4]), discounts(10))).toBe(0);
    expect(ndcg([1, 2, 3], new Set(), discounts(10))).toBe(0);
    const ranking = fc.uniqueArray(fc.nat(20));
    fc.assert(
      fc.property(
        ranking,
        fc.uniqueArray(fc.nat(20)),
        fc.integer({ min: 1, max: 12 }),
        (ranked, targets, k) => {
          const value = ndcg(ranked, new Set(targets), discounts(k));
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it('discounts by 1 / log2(rank + 1), to the last digits', () => {
    discounts(1000).forEach((discount, rank) => {
      expect(discount / (1 / Math.log2(rank + 2))).toBeCloseTo(1, 14);
    });
  });
});

describe('recall', () => {
  it('divides by no more than could be had', () => {
    const targets = new Set([1, 2, 3, 4]);
    expect(recall([1, 9, 2], targets, 2)).toBe(0.5);
    expect(recall([1, 2, 9, 8, 7], targets, 5)).toBe(0.5);
    expect(recall([], targets, 5)).toBe(0);
    expect(recall([1], new Set(), 5)).toBe(0);
  });
});
