import type { ComputePool } from '../../compute/pool.js';
import { numTiles, tileBytes, tileNumber, tileRows } from '../../compute/tiles.js';
import { layoutOf, type Addresses, type WorkspaceLayout, inScope } from '../../compute/workspace.js';
import { AppError } from '../../errors.js';
import { evenRanges } from '../../numeric/csr.js';

/** Tiles a range of a sweep: about 3 ms of work, so that the threads end together and an abort is soon seen. */
const tilesAtOnce = 48;
const panelRowsAtOnce = 4;

/** What `invertSymmetric` allocates, and gives back, beside the matrix: about 1,024 n bytes. */
export function inversionLayout(n: number): WorkspaceLayout<Addresses<'V' | 'W' | 'D' | 'scratch'>> {
  const panel = tileRows(n) * tileBytes;
  return layoutOf({ V: panel, W: panel, D: tileBytes, scratch: tileBytes });
}

/**
 * The negated inverse of a positive definite matrix of n rows in tiles, in place: a sweep over its tile rows
 * (kernels/tiles.ts), each on all threads. The same bits at any number of threads. n³/2 multiplications.
 * AppError 'diverged' where a pivot is not positive: the matrix is singular to f64's precision.
 */
export async function invertSymmetric(
  pool: ComputePool,
  tiles: number,
  n: number,
  onSweep: (done: number, total: number) => void,
): Promise<void> {
  const { workspace } = pool;
  const { kernels } = workspace;
  const rows = tileRows(n);
  await inScope(workspace, async () => {
    const { V, W, D, scratch } = inversionLayout(n).allocate(workspace);
    const panelBounds = evenRanges(rows, panelRowsAtOnce);
    const tileBounds = evenRanges(numTiles(n), tilesAtOnce);
    for (let k = 0; k < rows; k++) {
      if (kernels.invertTile(tiles + tileNumber(k, k) * tileBytes, D, scratch) !== 0) throw singular();
      const args = [tiles, k, D, V, W] as const;
      await pool.run({ kernel: 'sweepPanel', bounds: panelBounds, args });
      await pool.run({ kernel: 'sweepTiles', bounds: tileBounds, args });
      onSweep(k + 1, rows);
    }
  });
}

export function singular(): AppError {
  return new AppError('diverged', 'training failed: the regularised Gram matrix is singular to f64', {
    suggestions: ['raise `reg`', 'use `confidence` binary or log instead of raw weights'],
  });
}
