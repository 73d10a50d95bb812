import { describe, expect, it } from 'vitest';
import { blended, learnedParts, movedInTime, parseLearning } from '#dist/core/realtime/learning.js';
import { noTime, preferred, weightUnits } from '#dist/core/numeric/pairs.js';
import type { Pairs } from '#dist/core/contracts.js';

const dayMs = 86_400_000;
const now = Date.UTC(2024, 5, 20);

/** One user's, an item a time. */
const pairsAt = (...times: readonly (number | undefined)[]): Pairs => ({
  ...{ numUsers: 1, numItems: 100, indptr: Uint32Array.of(0, times.length) },
  item: Uint32Array.from(times, (_, at) => at),
  weight: BigInt64Array.from(times, (_, at) => BigInt(at + 1) * weightUnits),
  count: new Uint32Array(times.length).fill(1),
  lastAt: BigInt64Array.from(times, (time) => (time === undefined ? noTime : BigInt(time))),
  flags: new Uint8Array(times.length).fill(preferred),
});
const pairs = pairsAt(undefined, now - 40 * dayMs, now - 8 * dayMs, now - 6 * dayMs, now);
const itemsOf = (learning: Parameters<typeof parseLearning>[0], of = pairs): number[][] =>
  learnedParts(of, now, parseLearning(learning)).map((part) => [...part.pairs.item]);

describe('what is learned from', () => {
  it('is everything, a window, or both', () => {
    expect(itemsOf({})).toEqual([[0, 1, 2, 3, 4]]);
    expect(itemsOf({ since: '7d' })).toEqual([[3, 4]]);
    expect(itemsOf({ since: '2024-06-12' })).toEqual([[2, 3, 4]]);
    expect(itemsOf({ blend: 'lifetime=0.7,recent=0.3' })).toEqual([
      [0, 1, 2, 3, 4],
      [3, 4],
    ]);
    expect(itemsOf({ blend: 'lifetime=0,recent=1', since: '30d' })).toEqual([[2, 3, 4]]);
  });

  it('is everything where nothing is recent', () => {
    expect(itemsOf({ blend: 'lifetime=0.7,recent=0.3' }, pairsAt(now - 40 * dayMs))).toEqual([[0]]);
  });

  it('weighs an item no more than its cap', () => {
    const [part] = learnedParts(pairs, now, parseLearning({ itemCap: 2.5 }));
    expect([...part!.pairs.weight].map((weight) => Number(weight) / 1e9)).toEqual([1, 2, 2.5, 2.5, 2.5]);
  });

  it('is refused where it cannot be read', () => {
    for (const wrong of [{ blend: 'recent=1' }, { blend: 'lifetime=0,recent=0' }, { since: 'monday' }])
      expect(() => parseLearning(wrong)).toThrow('wanted');
  });
});

it('a blend is the mean of its parts by their shares', () => {
  const vectors = [
    { vector: Float32Array.of(1, 0), share: 3 },
    { vector: Float32Array.of(0, 2), share: 1 },
  ];
  expect([...blended(vectors)]).toEqual([0.75, 0.5]);
});

it('pairs that are moved in time keep their distances, and those without a time have none', () => {
  const moved = movedInTime(pairsAt(undefined, now), 5);
  expect([...moved.lastAt]).toEqual([noTime, BigInt(now + 5)]);
});
