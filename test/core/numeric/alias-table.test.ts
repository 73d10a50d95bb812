import { describe, expect, it } from 'vitest';
import { buildAliasTable } from '#dist/core/numeric/alias-table.js';
import { seededRandom } from '#dist/core/numeric/random.js';

/** What the table gives every entry: its own share of its place, and what others leave to it. */
function chances(weights: number[]): number[] {
  const { threshold, alias } = buildAliasTable(Float64Array.from(weights));
  const result = weights.map(() => 0);
  weights.forEach((_, j) => {
    const own = alias[j] === j ? 1 : threshold[j]! / 2 ** 32;
    result[j]! += own / weights.length;
    result[alias[j]!]! += (1 - own) / weights.length;
  });
  return result;
}

describe('an alias table', () => {
  it.each([[[1]], [[1, 1, 1]], [[1, 2, 3, 4]], [[0, 5, 0]], [[1e-9, 1, 1e9]]])(
    'draws from %j in their proportion',
    (weights) => {
      const sum = weights.reduce((total, weight) => total + weight, 0);
      chances(weights).forEach((chance, j) => expect(chance).toBeCloseTo(weights[j]! / sum, 8));
    },
  );

  it('draws from a thousand random weights in their proportion', () => {
    const random = seededRandom(1);
    const weights = Array.from({ length: 1000 }, () => random.nextFraction() ** 4);
    const sum = weights.reduce((total, weight) => total + weight, 0);
    chances(weights).forEach((chance, j) => expect(chance).toBeCloseTo(weights[j]! / sum, 8));
  });
});
