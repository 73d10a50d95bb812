import { expect, it } from 'vitest';
import { evenPoints } from '#dist/core/evaluation/tuning/even-points.js';

it('fills every cell of a grid with about as many points, in any of its planes', () => {
  const points = evenPoints(1600, 4, 7);
  for (const [a, b] of [
    [0, 1],
    [1, 3],
    [2, 3],
  ] as const) {
    const cells = new Uint32Array(16);
    for (const point of points) cells[4 * Math.floor(4 * point[a]!) + Math.floor(4 * point[b]!)]!++;
    // Independent points would be off by ± 30 here and there.
    for (const count of cells) expect(Math.abs(count - 100)).toBeLessThan(15);
  }
});

it('begins in the same way however many there are, and elsewhere for another seed', () => {
  expect(evenPoints(50, 3, 1).slice(0, 9)).toEqual(evenPoints(9, 3, 1));
  expect(evenPoints(9, 3, 2)).not.toEqual(evenPoints(9, 3, 1));
  for (const point of evenPoints(500, 12, 3)) for (const t of point) expect(t >= 0 && t < 1).toBe(true);
});

it('steps by the golden section in one dimension', () => {
  const [[a], [b]] = evenPoints(2, 1, 5) as [[number], [number]];
  expect((b - a + 1) % 1).toBeCloseTo((Math.sqrt(5) - 1) / 2, 12);
});
