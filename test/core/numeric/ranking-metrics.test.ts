import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  discounts,
  metricColumns,
  metricTables,
  userMetricsInto,
  type RecallOver,
} from '#dist/core/numeric/ranking-metrics.js';

/** A user's metrics by name. */
function metrics(
  hitRanks: number[],
  numTargets: number,
  at: number[],
  recallOver: RecallOver = 'min-k',
): Record<string, number> {
  const names = metricColumns(at);
  const out = new Float64Array(names.length);
  userMetricsInto(metricTables(at, recallOver), hitRanks, hitRanks.length, numTargets, out, 0);
  return Object.fromEntries(names.map((name, column) => [name, out[column]!]));
}

describe('the metrics of a user', () => {
  it('are what they are by hand', () => {
    // Hits at ranks 1, 3 and 12 of 3 targets; the last one is past ten.
    const got = metrics([0, 2, 11], 3, [10]);
    expect(got['ndcg@10']).toBeCloseTo(1.5 / (1.5 + 1 / Math.log2(3)), 14);
    expect(got['recall@10']).toBeCloseTo(2 / 3, 14);
    expect(got['map@10']).toBeCloseTo((1 + 2 / 3) / 3, 14);
    expect(got['hit-rate@10']).toBe(1);
    expect(got['mrr@10']).toBe(1);
  });

  it('tell the two recalls apart: more targets than places', () => {
    expect(metrics([0, 1], 8, [2], 'min-k')['recall@2']).toBe(1);
    expect(metrics([0, 1], 8, [2], 'targets')['recall@2']).toBe(0.25);
    expect(metrics([0, 1], 8, [2], 'targets')['ndcg@2']).toBe(1);
  });

  it('are 1 with all targets first, 0 with none, and between for any ranking', () => {
    const ones = metrics([0, 1], 2, [1, 5, 10]);
    for (const [name, value] of Object.entries(ones)) expect(value, name).toBeCloseTo(1, 14);
    for (const value of Object.values(metrics([], 2, [1, 5, 10]))) expect(value).toBe(0);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(30), { maxLength: 10 }),
        fc.nat(5),
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom('targets', 'min-k'),
        (ranks, more, k, recallOver) => {
          const sorted = ranks.sort((a, b) => a - b);
          const values = Object.values(metrics(sorted, ranks.length + more + 1, [k], recallOver));
          for (const value of values) {
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(1 + 1e-12);
          }
        },
      ),
    );
  });

  it('discount by 1 / log2(rank + 1), to the last digits', () => {
    discounts(1000).forEach((discount, rank) => {
      expect(discount / (1 / Math.log2(rank + 2))).toBeCloseTo(1, 14);
    });
  });
});
