import { expect, it } from 'vitest';
import { paddedDim } from '#dist/core/compute/factors.js';
import { openPool } from '#dist/core/compute/pool.js';
import { layoutOf } from '#dist/core/compute/workspace.js';
import { planeLayout, planeScratchBytes, principalPlane } from '#dist/core/map/principal-plane.js';
import { matrixLayout } from '#dist/core/search/exact-batch.js';
import { inner, randomRows, type Rows } from '../../helpers/vectors.js';

async function planeOf(rows: Rows, threads: number): Promise<Float64Array> {
  const dim = rows[0]!.length;
  const layout = layoutOf({ matrix: matrixLayout(rows.length, dim), plane: planeLayout(rows.length, dim) });
  const pool = openPool({
    threads,
    workspaceBytes: layout.bytes,
    scratchBytes: planeScratchBytes(dim),
    signal: new AbortController().signal,
  });
  try {
    const { matrix, plane } = layout.allocate(pool.workspace);
    const stride = paddedDim(dim);
    const values = pool.workspace.f32(matrix.address, rows.length * stride);
    rows.forEach((row, at) => values.set(row, at * stride));
    return await principalPlane(pool, matrix, dim, plane);
  } finally {
    await pool.close();
  }
}

/** By power iteration on the covariance, the first direction taken out for the second. */
function naivePlane(rows: Rows): number[][] {
  const dim = rows[0]!.length;
  const mean = rows[0]!.map((_, f) => rows.reduce((sum, row) => sum + row[f]!, 0) / rows.length);
  const centred = rows.map((row) => row.map((value, f) => value - mean[f]!));
  const covariance = mean.map((_, f) =>
    mean.map((__, g) => centred.reduce((sum, row) => sum + row[f]! * row[g]!, 0)),
  );
  const found: number[][] = [];
  while (found.length < 2) {
    let direction = Array.from({ length: dim }, (_, f) => 1 + f / 10);
    for (let round = 0; round < 5000; round++) {
      let next = covariance.map((along) => inner(along, direction));
      for (const other of found) {
        const along = inner(next, other);
        next = next.map((value, f) => value - along * other[f]!);
      }
      const length = Math.sqrt(inner(next, next));
      direction = next.map((value) => value / length);
    }
    found.push(direction);
  }
  return centred.map((row) => found.map((direction) => inner(row, direction)));
}

it.each([
  [40, 5],
  [61, 8],
  [3000, 3],
])('the principal plane of %i vectors of %i dimensions is that of power iteration', async (n, dim) => {
  // Of different variance in every direction, and away from the origin.
  const rows = randomRows(n, n, dim).map((row) => row.map((value, f) => value / (1 + f) + 2));
  const plane = await planeOf(rows, 1);
  const naive = naivePlane(rows);
  for (const axis of [0, 1]) {
    const sign = Math.sign(naive[0]![axis]! * plane[axis]!);
    const apart = rows.map((_, row) => Math.abs(sign * plane[2 * row + axis]! - naive[row]![axis]!));
    expect(Math.max(...apart)).toBeLessThan(0.0005);
  }
  expect(await planeOf(rows, 3)).toEqual(plane);
});
