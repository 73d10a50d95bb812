import type { ComputePool } from '../compute/pool.js';
import { allocatedBytes } from '../compute/workspace.js';
import { evenRanges } from '../numeric/csr.js';
import { symmetricEigen, type SymmetricEigen } from '../numeric/symmetric-eigen.js';

/** A side's vectors in kernel memory: f32 [numRows × dim], dim padded to a multiple of 8, three rows of slack after. */
export interface Factors {
  readonly address: number;
  readonly numRows: number;
  readonly dim: number;
}

/** Rows that a rotation may read past the last one. */
const slackRows = 3;
/** The Gramian is summed over at most this many fixed groups of rows, each on one thread. */
const maxGroups = 64;
const minGroupRows = 2048;
/** Rows a range in row-wise jobs: enough to hide the hand-over, small enough to balance. */
const rotateRows = 4096;

/** Bytes of a side's vectors. */
export function factorBytes(numRows: number, dim: number): number {
  return allocatedBytes((numRows + slackRows) * dim * 4);
}

export function allocateFactors(pool: ComputePool, numRows: number, dim: number): Factors {
  return { address: pool.workspace.allocate((numRows + slackRows) * dim * 4), numRows, dim };
}

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
  /** VᵀV in f64, [dim × dim]; the bits depend on V alone. */
  gram(V: Factors): Promise<Float64Array>;
  /** Eigenvalues (≥ 0, descending) and eigenvectors of a Gramian. */
  eigen(gramian: Float64Array): SymmetricEigen;
  /** V ← V·Q; Q: [dim × dim] row-major. */
  rotate(V: Factors, Q: Float64Array): Promise<void>;
}

export function gramianEngine(pool: ComputePool, maxRows: number, dim: number): GramianEngine {
  const { workspace } = pool;
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
      const { values, vectors } = symmetricEigen(gramian, dim);
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
