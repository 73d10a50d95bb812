/** The plane in which vectors differ most: principal component analysis, by the eigenvectors of their Gramian. */
import { factorsLayout, paddedDim, type Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import { layoutOf, type WorkspaceLayout } from '../compute/workspace.js';
import {
  gramianEngine,
  gramianLayout,
  gramianScratchBytes,
  type GramianArrays,
} from '../models/als/gramian.js';
import type { Matrix } from '../search/exact-batch.js';

/** What `principalPlane` writes. */
interface PlaneArrays {
  readonly centred: Factors;
  readonly gramian: GramianArrays;
}

export function planeLayout(numRows: number, dim: number): WorkspaceLayout<PlaneArrays> {
  const padded = paddedDim(dim);
  return layoutOf({ centred: factorsLayout(numRows, padded), gramian: gramianLayout(numRows, padded) });
}

/** Bytes of scratch a thread. */
export function planeScratchBytes(dim: number): number {
  return gramianScratchBytes(paddedDim(dim));
}

/**
 * Where the rows of `rows`, none of them NaN, lie on the plane through their mean along the two directions of most variance:
 * f64 [numRows × 2], x along the first one. The bits depend on the rows alone. @param dim without padding
 */
export async function principalPlane(
  pool: ComputePool,
  { address, numRows, paddedDim: stride }: Matrix,
  dim: number,
  { centred, gramian }: PlaneArrays,
): Promise<Float64Array> {
  const { workspace } = pool;
  const values = workspace.f32(centred.address, numRows * stride);
  values.set(workspace.f32(address, numRows * stride));
  const mean = new Float64Array(stride);
  for (let row = 0; row < numRows; row++)
    for (let f = 0; f < dim; f++) mean[f]! += values[row * stride + f]! / numRows;
  for (let row = 0; row < numRows; row++) for (let f = 0; f < dim; f++) values[row * stride + f]! -= mean[f]!;
  const { vectors } = await gramianEngine(pool, dim, gramian).eigen(centred);
  const plane = new Float64Array(2 * numRows);
  for (let row = 0; row < numRows; row++) {
    for (let f = 0; f < dim; f++) {
      const value = values[row * stride + f]!;
      plane[2 * row]! += value * vectors[f * stride]!;
      plane[2 * row + 1]! += value * vectors[f * stride + 1]!;
    }
  }
  return plane;
}
