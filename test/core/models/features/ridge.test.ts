import { describe, expect, it } from 'vitest';
import { seededRandom } from '#dist/core/numeric/random.js';
import { factorSparse, type RowOfMatrix } from '#dist/core/numeric/sparse-cholesky.js';
import { applyRidge, fitRidge } from '#dist/core/models/features/ridge.js';
import { at, matrix } from '../../../helpers/dense.js';
import { featureRows, naiveRidge } from '../../../helpers/ridge-oracle.js';

describe('the ridge map', () => {
  it.each([
    [1, 1],
    [2, 0.1],
    [3, 10],
  ])('is the dense solution, items of weight 0 left out (seed %i, penalty %d)', (seed, penalty) => {
    const random = seededRandom(seed);
    const [numItems, numFeatures, dim, stride] = [40, 15, 3, 8];
    // Artists that have albums, a number that takes part of its own back, and a constant.
    const rows = Array.from({ length: numItems }, () => {
      const row = new Array<number>(numFeatures).fill(0);
      const artist = Math.floor(5 * random.nextFraction());
      row[artist] = 1;
      row[5 + ((artist + Math.floor(3 * random.nextFraction())) % 8)] = 0.5;
      row[13] = random.nextFraction() < 0.5 ? -1 : 1;
      row[14] = 1;
      return row;
    });
    const weights = Array.from({ length: numItems }, (_, i) => (i % 7 === 0 ? 0 : 1 + (i % 4)));
    const y = matrix(numItems, dim, () => random.nextFraction() - 0.5);
    const values = new Float32Array(numItems * stride).fill(1e9);
    y.forEach((row, i) => values.set(row, i * stride));
    const map = fitRidge(
      featureRows(rows),
      numFeatures,
      Float64Array.from(weights),
      { values, stride, dim },
      penalty,
    );
    const wanted = naiveRidge(rows, weights, y, penalty);
    for (let g = 0; g < numFeatures; g++)
      for (let f = 0; f < dim; f++) expect(map.values[g * dim + f]).toBeCloseTo(at(wanted, g, f), 6);
    const made = applyRidge(featureRows(rows.slice(0, 2)), map);
    for (const item of [0, 1])
      for (let f = 0; f < dim; f++) {
        const product = rows[item]!.reduce((sum, value, g) => sum + value * at(wanted, g, f), 0);
        expect(made[item * dim + f]).toBeCloseTo(product, 5);
      }
  });

  it('is not made where its factor would take too much', () => {
    const dense: RowOfMatrix = (k, visit) => {
      for (let column = 0; column <= k; column++) visit(column, column === k ? 20 : 1);
    };
    expect(factorSparse(10, dense, { products: 1e9, entries: 54 })).toBeUndefined();
    expect(factorSparse(10, dense, { products: 164, entries: 55 })).toBeUndefined();
    expect(factorSparse(10, dense, { products: 165, entries: 55 })).toBeDefined();
  });
});
