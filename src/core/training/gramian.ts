import { paddedDim, type Factors } from '../compute/factors.js';
import type { ComputePool } from '../compute/pool.js';
import { allocatedBytes } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { symmetricEigen, type SymmetricEigen } from '../numeric/symmetric-eigen.js';

/** The Gramian is summed over at most this many fixed groups of rows, each on one thread. */
const maxGroups = 64;
const minGroupRows = 2048;
/** Rows a range in row-wise jobs: enough to hide the hand-over, small enough to balance. */
const rotateRows = 4096;

function groupBounds(numRows: number): Uint32Array {
  return evenRanges(numRows, Math.max(minGroupRows, Math.ceil(numRows / maxGroups)));
}

/** Bytes of workspace for Gramians and rotations of sides of up to `maxRows` rows. */
export function gramianBytes(maxRows: number, dim: number): number {
  const groups = groupBounds(maxRows).length - 1;
  return allocatedBytes(groups * dim * dim * 8) + allocatedBytes(dim * dim * 4);
}

/** Bytes of scratch a worker for Gramians (a tile of d × d) and rotations (four rows). */
export function gramianScratchBytes(dim: number): number {
  return Math.max(dim, 4) * dim * 4;
}

/** Gramians of tall matrices, and rotations into their eigenbases. */
export interface GramianEngine {
  /** VᵀV in f64, [dim × dim], dim padded; the bits depend on V alone. */
  gram(V: Factors): Promise<Float64Array>;
  /**
   * Eigenvalues (≥ 0, descending) and eigenvectors of a Gramian. Padded dimensions stay apart: eigenvalue 0, and the
   * unit matrix's columns, so that a rotation keeps their zeros.
   */
  eigen(gramian: Float64Array): SymmetricEigen;
  /** V ← V·Q; Q: [dim × dim] row-major. */
  rotate(V: Factors, Q: Float64Array): Promise<void>;
}

/** @param factors the dimension without padding */
export function gramianEngine(pool: ComputePool, maxRows: number, factors: number): GramianEngine {
  const { workspace } = pool;
  const dim = paddedDim(factors);
  const groupBytes = dim * dim * 8;
  const groups = workspace.allocate((groupBounds(maxRows).length - 1) * groupBytes);
  const rotation = workspace.allocate(dim * dim * 4);

  return {
    async gram(V) {
      const bounds = groupBounds(V.numRows);
      await pool.run({
        kernel: 'gram',
        bounds,
        args: [V.address, dim, { base: groups, perRange: groupBytes }, 'scratch'],
      });
      const total = new Float64Array(dim * dim);
      for (let group = 0; group < bounds.length - 1; group++) {
        const part = workspace.f64(groups + group * groupBytes, dim * dim);
        for (let j = 0; j < total.length; j++) total[j] = (total[j] ?? 0) + (part[j] ?? 0);
      }
      return total;
    },
    eigen(gramian) {
      const { values, vectors } = symmetricEigen(submatrix(gramian, dim, factors), factors);
      const padded = { values: new Float64Array(dim), vectors: new Float64Array(dim * dim) };
      // A Gramian has no negative eigenvalues; rounding can make the smallest look so.
      padded.values.set(values.map((value) => Math.max(0, value)));
      for (let row = 0; row < factors; row++)
        padded.vectors.set(vectors.subarray(row * factors, (row + 1) * factors), row * dim);
      for (let f = factors; f < dim; f++) padded.vectors[f * dim + f] = 1;
      return padded;
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

/** The first n rows and columns of a [dim × dim] matrix. */
function submatrix(matrix: Float64Array, dim: number, n: number): Float64Array {
  if (n === dim) return matrix;
  const part = new Float64Array(n * n);
  for (let row = 0; row < n; row++) part.set(matrix.subarray(row * dim, row * dim + n), row * n);
  return part;
}
