import { describe, expect, it } from 'vitest';
import { groupedRows, interval95, resampledMeans, simultaneousWidths } from '#dist/core/numeric/bootstrap.js';
import { seededRandom } from '#dist/core/numeric/random.js';

function drawAll(tables: Float64Array[], rows: number, columns: number, resamples: number, seed = 1) {
  const draws = resampledMeans(tables, rows, columns, resamples, seed);
  for (;;) {
    const { done, value } = draws.next();
    if (done === true) return value;
  }
}

describe('the bootstrap', () => {
  it('is about 1.96 standard errors either side of the mean', () => {
    const random = seededRandom(3);
    const rows = 2000;
    const table = Float64Array.from({ length: rows }, () => random.nextFraction());
    const mean = table.reduce((sum, value) => sum + value, 0) / rows;
    const variance = table.reduce((sum, value) => sum + (value - mean) ** 2, 0) / rows;
    const error = Math.sqrt(variance / rows);
    const [means] = drawAll([table], rows, 1, 1000);
    const { low, high } = interval95(means!, 1, 0);
    expect((mean - low) / error).toBeCloseTo(1.96, 0);
    expect((high - mean) / error).toBeCloseTo(1.96, 0);
  });

  it('sees each column alone', () => {
    const table = Float64Array.of(0, 7, 1, 7, 0, 7, 1, 7); // a column that varies, one that does not
    const [means] = drawAll([table], 4, 2, 200);
    expect(interval95(means!, 2, 1)).toEqual({ low: 7, high: 7 });
    const { low, high } = interval95(means!, 2, 0);
    expect(low).toBeLessThan(high);
  });

  it('pairs what is compared: a constant difference has no spread', () => {
    const a = Float64Array.from({ length: 50 }, (_, row) => (row * 37) % 11);
    const b = a.map((value) => value + 2);
    const [ofA, ofB] = drawAll([a, b], 50, 1, 300);
    const { low, high } = interval95(ofB!, 1, 0, ofA);
    expect(low).toBeCloseTo(2, 12);
    expect(high).toBeCloseTo(2, 12);
  });

  it('is the same for the same seed only', () => {
    const table = Float64Array.from({ length: 30 }, (_, row) => row);
    expect(drawAll([table], 30, 1, 20, 5)).toEqual(drawAll([table], 30, 1, 20, 5));
    expect(drawAll([table], 30, 1, 20, 5)).not.toEqual(drawAll([table], 30, 1, 20, 6));
  });

  it('counts its draws, so that it can be watched and left', () => {
    const draws = resampledMeans([Float64Array.of(1, 2)], 2, 1, 3, 1);
    expect([draws.next().value, draws.next().value, draws.next().value]).toEqual([1, 2, 3]);
    expect(draws.next().done).toBe(true);
  });
});

describe('groups of rows', () => {
  it('have the mean of the rows, and intervals as wide', () => {
    const random = seededRandom(4);
    const rows = 3001;
    // Sorted, so that groups by place would be alike.
    const values = Float64Array.from({ length: rows }, () => random.nextFraction() ** 3).sort();
    const table = new Float64Array(2 * rows).map((_, at) => (at % 2 === 0 ? values[at / 2]! : 7));
    const groups = groupedRows(table, 2, 1);
    expect(groups).toHaveLength(2 * 256);
    const mean = (of: Float64Array, column: number): number =>
      of.reduce((sum, value, at) => sum + (at % 2 === column ? value : 0), 0) / (of.length / 2);
    expect(mean(groups, 0)).toBeCloseTo(mean(table, 0), 10);
    expect(mean(groups, 1)).toBeCloseTo(7, 10);
    const width = (of: Float64Array): number => {
      const { low, high } = interval95(drawAll([of], of.length / 2, 2, 400)[0]!, 2, 0);
      return high - low;
    };
    expect(width(groups) / width(table)).toBeGreaterThan(0.8);
    expect(width(groups) / width(table)).toBeLessThan(1.2);
    expect(groupedRows(Float64Array.of(3, 1, 2), 1, 1).sort()).toEqual(Float64Array.of(1, 2, 3));
  });

  it('of many columns without a difference give the largest one an interval around 0, nineteen times of twenty', () => {
    const [rows, columns, draws] = [60, 20, 100];
    let [misled, naivelyMisled] = [0, 0];
    for (let seed = 0; seed < draws; seed++) {
      const random = seededRandom(seed);
      const table = Float64Array.from({ length: rows * columns }, () => random.nextFraction() - 0.5);
      const means = Array.from({ length: columns }, (_, c) =>
        table.reduce((sum, value, at) => sum + (at % columns === c ? value / rows : 0), 0),
      );
      const best = means.indexOf(Math.max(...means));
      if (means[best]! > simultaneousWidths(table, columns, 200, 1)[best]!) misled++;
      const alone = Float64Array.from({ length: rows }, (_, row) => table[row * columns + best]!);
      if (means[best]! > simultaneousWidths(alone, 1, 200, 1)[0]!) naivelyMisled++;
    }
    expect(misled).toBeLessThan(10);
    expect(naivelyMisled).toBeGreaterThan(25);
  });
});
