import { describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { countDistribution } from '#dist/core/report/count-distribution.js';

const random = seededRandom(5);
const cases = [
  ['one', [7]],
  ['equal ones', [3, 3, 3, 3]],
  ['some without events', [0, 9, 0, 1, 1, 0]],
  ['a long tail', Array.from({ length: 997 }, () => Math.floor(1 / (random.nextFraction() + 1e-3)))],
] as const;

describe.each(cases)('the distribution of %s', (_, counts) => {
  const found = countDistribution(Uint32Array.from(counts))!;
  const present = counts.filter((count) => count > 0);
  const descending = [...present].sort((a, b) => b - a);
  const events = present.reduce((sum, count) => sum + count, 0);

  it('counts what is there', () => {
    expect(found).toMatchObject({
      entries: present.length,
      withoutEvents: counts.length - present.length,
      events,
      most: descending[0],
    });
    const half = present.filter((count) => count <= found.median).length;
    expect(half).toBeGreaterThanOrEqual(present.length / 2);
  });

  it('has the Gini coefficient of all pairs of entries', () => {
    let apart = 0;
    for (const a of present) for (const b of present) apart += Math.abs(a - b);
    expect(found.gini).toBeCloseTo(apart / (2 * present.length * events), 12);
  });

  it('ranks the first, the last and some between as they are', () => {
    expect(found.ranked[0]).toEqual([1, descending[0]]);
    expect(found.ranked.at(-1)).toEqual([present.length, descending.at(-1)]);
    expect(found.ranked.length).toBeLessThanOrEqual(80);
    for (const [rank, count] of found.ranked) expect(count).toBe(descending[rank - 1]);
  });

  it('has a Lorenz curve from nothing to all, below the diagonal', () => {
    expect(found.lorenz[0]).toEqual([0, 0]);
    expect(found.lorenz.at(-1)).toEqual([1, 1]);
    for (const [ofEntries, ofEvents] of found.lorenz) {
      const those = descending.slice(descending.length - Math.round(ofEntries * present.length));
      expect(ofEvents).toBeCloseTo(those.reduce((sum, count) => sum + count, 0) / events, 12);
      expect(ofEvents).toBeLessThanOrEqual(ofEntries + 1e-12);
    }
  });

  it('puts each entry into the bin that it belongs to', () => {
    for (const { from, to, count } of found.bins)
      expect(count).toBe(present.filter((each) => each >= from && each < to).length);
    expect(found.bins.reduce((sum, { count }) => sum + count, 0)).toBe(present.length);
  });

  it('says what the most active have', () => {
    for (const { share, ofEvents } of found.top) {
      const those = descending.slice(0, Math.max(1, Math.round(share * present.length)));
      expect(ofEvents).toBeCloseTo(those.reduce((sum, count) => sum + count, 0) / events, 12);
    }
  });
});

it('there is none where nothing has an event', () => {
  expect(countDistribution(new Uint32Array(4))).toBeUndefined();
  expect(countDistribution(new Uint32Array())).toBeUndefined();
});
