import { paddedDim, type Factors } from '../../compute/factors.js';
import type { ComputePool } from '../../compute/pool.js';
import { layoutOf, type Addresses, type WorkspaceLayout } from '../../compute/workspace.js';
import { evenRanges } from '../../numeric/csr.js';
import {
  eigenLayout,
  eigenScratchBytes,
  symmetricEigen,
  type EigenArrays,
  type SymmetricEigen,
} from '../../compute/symmetric-eigen.js';

/** The Gramian is summed over at most this many fixed groups of rows, each on one thread. */
const maxGroups = 64;
const minGroupRows = 2048;
/** Rows a range in row-wise jobs: enough to hide the hand-over, small enough to balance. */
const rotateRows = 4096;

function groupBounds(numRows: number): Uint32Array {
  return evenRanges(numRows, Math.max(minGroupRows, Math.ceil(numRows / maxGroups)));
}

/** What Gramians and rotations take. */
export type GramianArrays = Addresses<'groups' | 'rotation'> & { readonly eigenArrays: EigenArrays };

/** Of sides of up to `maxRows` rows. @param dim padded */
export function gramianLayout(maxRows: number, dim: number): WorkspaceLayout<GramianArrays> {
  const numGroups = groupBounds(maxRows).length - 1;
  return layoutOf({
    groups: numGroups * dim * dim * 8,
    rotation: dim * dim * 4,
    eigenArrays: eigenLayout(dim),
  });
}

/** Bytes of scratch a worker for Gramians (a tile of d × d), rotations (four rows) and eigenvectors. */
export function gramianScratchBytes(dim: number): number {
  return Math.max(Math.max(dim, 4) * dim * 4, eigenScratchBytes(dim));
}

/** Gramians of tall matrices, and rotations into their eigenbases. */
export interface GramianEngine {
  /** Of VᵀV, summed in f64, eigenvalues ≥ 0; the bits depend on V alone. */
  eigen(V: Factors): Promise<SymmetricEigen>;
  /** V ← V·Q; Q: [dim × dim] row-major. */
  rotate(V: Factors, Q: Float64Array): Promise<void>;
}

/** @param factors the dimension without padding @param arrays of `gramianLayout` */
export function gramianEngine(
  pool: ComputePool,
  factors: number,
  { groups, rotation, eigenArrays }: GramianArrays,
): GramianEngine {
  const { workspace } = pool;
  const dim = paddedDim(factors);
  const groupBytes = dim * dim * 8;
  const eigen = symmetricEigen(pool, factors, dim, eigenArrays);

  return {
    async eigen(V) {
      const bounds = groupBounds(V.numRows);
      await pool.run({
        kernel: 'gram',
        bounds,
        args: [V.address, dim, { base: groups, perRange: groupBytes }, 'scratch'],
      });
      workspace.kernels.addParts(groups, bounds.length - 1, dim * dim);
      const { values, vectors } = await eigen(groups);
      // A Gramian has no negative eigenvalues; rounding can make the smallest look so.
      return { values: values.map((value) => Math.max(0, value)), vectors };
    },
    async rotate(V, Q) {
      workspace.f32(rotation, dim * dim).set(Q);
      await pool.run({
        kernel: 'rotate',
        bounds: evenRanges(V.numRows, rotateRows),
        args: [V.address, dim, rotation, 'scratch'],
      });
    },
  };
}
